#include "services/ssm/tags.h"

#include <fmt/format.h>

#include "services/from_cloudformation.h"
#include "services/ssm/faults.h"
#include "services/ssm/service.h"
#include "ssm/errors.h"

namespace matinee::ssm {
namespace {

constexpr std::size_t most_tags = 50;

bool is_reserved(std::string_view key) {
  return key.size() >= 4 && (key[0] | 0x20) == 'a' && (key[1] | 0x20) == 'w' &&
         (key[2] | 0x20) == 's' && key[3] == ':';
}

// Only parameters are kept here: there is no document, window or node that could have tags.
std::pair<std::string, ParameterRecord> require_tagged(const Catalog& catalog,
                                                       const Context& context,
                                                       const std::string& type,
                                                       const std::string& id) {
  const std::string name = trim(id);
  auto record =
      type == "Parameter" ? catalog.find({context.account, context.region}, name) : std::nullopt;
  if (!record)
    throw InvalidResourceId(
        "The resource ID is not valid. Verify that you entered the correct ID and try again.");
  return {name, *std::move(record)};
}

}  // namespace

void add_tags(const std::vector<Tag>& tags, std::map<std::string, std::string>& parameter_tags,
              const Context& context) {
  for (const Tag& tag : tags) {
    if (is_reserved(tag.key) && !services::comes_from_cloudformation(context))
      throw validation("aws: prefixed tag key names are not allowed for external use.");
    parameter_tags[tag.key] = tag.value;
  }
  if (parameter_tags.size() > most_tags)
    throw TooManyTagsError(
        "The Targets parameter includes too many tags. Remove one or more tags and try the command "
        "again.");
}

AddTagsToResourceResponse Service::add_tags_to_resource(const Context& context,
                                                        const AddTagsToResourceRequest& request) {
  auto [name, record] =
      require_tagged(catalog_, context, request.resource_type, request.resource_id);
  add_tags(request.tags, record.tags, context);
  catalog_.update({context.account, context.region}, name, record);
  return {};
}

RemoveTagsFromResourceResponse Service::remove_tags_from_resource(
    const Context& context, const RemoveTagsFromResourceRequest& request) {
  auto [name, record] =
      require_tagged(catalog_, context, request.resource_type, request.resource_id);
  for (const std::string& key : request.tag_keys) record.tags.erase(key);
  catalog_.update({context.account, context.region}, name, record);
  return {};
}

ListTagsForResourceResponse Service::list_tags_for_resource(
    const Context& context, const ListTagsForResourceRequest& request) {
  const auto [name, record] =
      require_tagged(catalog_, context, request.resource_type, request.resource_id);
  ListTagsForResourceResponse response;
  response.tag_list.emplace();
  for (const auto& [key, value] : record.tags)
    response.tag_list->push_back({.key = key, .value = value});
  return response;
}

}  // namespace matinee::ssm
