// Tags of log groups and destinations, by name and by ARN.
#include <fmt/format.h>

#include "services/arn.h"
#include "services/from_cloudformation.h"
#include "services/logs/service.h"

namespace matinee::logs {

namespace {

constexpr std::size_t most_tags = 50;

using Tags = std::map<std::string, std::string>;

void add_tags(const Context& context, Tags& tags, const Tags& more, const std::string& resource) {
  for (const auto& [key, value] : more)
    if (key.starts_with("aws:") && !services::comes_from_cloudformation(context))
      throw InvalidParameterException(
          "aws: prefixed tag key names are not allowed for external use.");
  for (const auto& [key, value] : more) tags[key] = value;
  if (tags.size() > most_tags)
    throw TooManyTagsException(fmt::format("A resource can have no more than {} tags.", most_tags),
                               {.resource_name = resource});
}

}  // namespace

/// What an ARN of TagResource means, with its tags.
struct Service::Tagged {
  std::optional<Group> group;
  NameKey destination_key;
  std::optional<DestinationRecord> destination;

  Tags& tags() { return group ? group->record.tags : destination->tags; }
};

Service::Tagged Service::require_tagged(const Context& context, const std::string& text) const {
  const std::optional<services::Arn> arn = services::parse_arn(text);
  if (!arn || arn->service != "logs")
    throw InvalidParameterException("The specified resource ARN is invalid.");
  constexpr std::string_view of_destination = "destination:";
  if (!arn->resource.starts_with(of_destination))
    return {.group = require_group_of(context, text), .destination_key = {}, .destination = {}};
  Tagged tagged;
  tagged.destination_key = key_of(context, arn->resource.substr(of_destination.size()));
  if (arn->account == context.account && arn->region == context.region)
    tagged.destination = catalog_.destinations.find(tagged.destination_key);
  if (!tagged.destination)
    throw ResourceNotFoundException("The specified destination does not exist.");
  return tagged;
}

void Service::change_tags(const Tagged& tagged) {
  if (tagged.group) return catalog_.change(*tagged.group);
  catalog_.destinations.put(tagged.destination_key, *tagged.destination);
}

TagLogGroupResponse Service::tag_log_group(const Context& context,
                                           const TagLogGroupRequest& request) {
  Group group = require_group(context, request.log_group_name);
  add_tags(context, group.record.tags, request.tags, arn_of(group));
  catalog_.change(group);
  return {};
}

UntagLogGroupResponse Service::untag_log_group(const Context& context,
                                               const UntagLogGroupRequest& request) {
  Group group = require_group(context, request.log_group_name);
  for (const std::string& key : request.tags) group.record.tags.erase(key);
  catalog_.change(group);
  return {};
}

ListTagsLogGroupResponse Service::list_tags_log_group(const Context& context,
                                                      const ListTagsLogGroupRequest& request) {
  return {.tags = require_group(context, request.log_group_name).record.tags};
}

TagResourceResponse Service::tag_resource(const Context& context,
                                          const TagResourceRequest& request) {
  Tagged tagged = require_tagged(context, request.resource_arn);
  add_tags(context, tagged.tags(), request.tags, request.resource_arn);
  change_tags(tagged);
  return {};
}

UntagResourceResponse Service::untag_resource(const Context& context,
                                              const UntagResourceRequest& request) {
  Tagged tagged = require_tagged(context, request.resource_arn);
  for (const std::string& key : request.tag_keys) tagged.tags().erase(key);
  change_tags(tagged);
  return {};
}

ListTagsForResourceResponse Service::list_tags_for_resource(
    const Context& context, const ListTagsForResourceRequest& request) {
  return {.tags = require_tagged(context, request.resource_arn).tags()};
}

}  // namespace matinee::logs
