// Tags of repositories.
#include <fmt/format.h>

#include "ecr/errors.h"
#include "services/ecr/repositories.h"
#include "services/ecr/service.h"
#include "services/from_cloudformation.h"

namespace matinee::ecr {
namespace {

constexpr std::size_t most_tags = 50;
constexpr std::size_t longest_key = 128;
constexpr std::size_t longest_value = 256;

}  // namespace

void add_tags(const services::Context& context, const std::vector<Tag>& tags,
              RepositoryRecord& record) {
  for (const Tag& tag : tags) {
    if (tag.key.starts_with("aws:") && !services::comes_from_cloudformation(context))
      throw InvalidTagParameterException(
          "Invalid tag key: keys that begin with aws: are reserved for AWS.");
    if (tag.key.empty() || tag.key.size() > longest_key || tag.value.size() > longest_value)
      throw InvalidTagParameterException(
          fmt::format("Invalid tag: keys have 1 to {} characters, and values up to {}.",
                      longest_key, longest_value));
    record.tags[tag.key] = tag.value;
  }
  if (record.tags.size() > most_tags)
    throw TooManyTagsException(fmt::format("A repository has at most {} tags.", most_tags));
}

Service::Found Service::require_tagged(const Context& context, const std::string& arn) const {
  const auto key = key_of(arn);
  if (!key || std::get<1>(*key) != context.region)
    throw InvalidParameterException(
        fmt::format("Invalid parameter at 'resourceArn' failed to satisfy constraint: 'Invalid "
                    "ARN {}'",
                    arn));
  return require(context, std::get<0>(*key), std::get<2>(*key));
}

TagResourceResponse Service::tag_resource(const Context& context,
                                          const TagResourceRequest& request) {
  Found found = require_tagged(context, request.resource_arn);
  add_tags(context, request.tags, found.record);
  repositories_.put(found.key, found.record);
  return {};
}

UntagResourceResponse Service::untag_resource(const Context& context,
                                              const UntagResourceRequest& request) {
  Found found = require_tagged(context, request.resource_arn);
  for (const std::string& key : request.tag_keys) found.record.tags.erase(key);
  repositories_.put(found.key, found.record);
  return {};
}

ListTagsForResourceResponse Service::list_tags_for_resource(
    const Context& context, const ListTagsForResourceRequest& request) {
  const Found found = require_tagged(context, request.resource_arn);
  ListTagsForResourceResponse response;
  response.tags.emplace();
  for (const auto& [key, value] : found.record.tags)
    response.tags->push_back({.key = key, .value = value});
  return response;
}

}  // namespace matinee::ecr
