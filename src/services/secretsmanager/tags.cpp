#include <algorithm>

#include "secretsmanager/errors.h"
#include "services/from_cloudformation.h"
#include "services/secretsmanager/service.h"

namespace matinee::secretsmanager {
namespace {

constexpr std::size_t most_tags = 50;

}  // namespace

std::vector<Tag> to_tags(const SecretRecord& secret) {
  std::vector<Tag> tags;
  for (const auto& [key, value] : secret.tags) tags.push_back({.key = key, .value = value});
  return tags;
}

void add_tags(const std::vector<Tag>& tags, SecretRecord& secret, const Context& context) {
  for (const Tag& tag : tags) {
    if (!tag.key) throw InvalidParameterException("You must provide a Key for each tag.");
    if (tag.key->starts_with("aws:") && !services::comes_from_cloudformation(context))
      throw InvalidParameterException(
          "Tag keys that begin with aws: are reserved for use by AWS: " + *tag.key);
    const auto same = [&](const auto& entry) { return entry.first == *tag.key; };
    const auto found = std::ranges::find_if(secret.tags, same);
    if (found != secret.tags.end())
      found->second = tag.value.value_or("");
    else
      secret.tags.emplace_back(*tag.key, tag.value.value_or(""));
  }
  if (secret.tags.size() > most_tags)
    throw InvalidParameterException("A secret can have at most 50 tags.");
}

TagResourceResponse Service::tag_resource(const Context& context,
                                          const TagResourceRequest& request) {
  Found found = require_writable(context, request.secret_id);
  add_tags(request.tags, found.secret, context);
  save(context, found);
  return {};
}

UntagResourceResponse Service::untag_resource(const Context& context,
                                              const UntagResourceRequest& request) {
  Found found = require_writable(context, request.secret_id);
  for (const std::string& key : request.tag_keys)
    std::erase_if(found.secret.tags, [&](const auto& tag) { return tag.first == key; });
  save(context, found);
  return {};
}

}  // namespace matinee::secretsmanager
