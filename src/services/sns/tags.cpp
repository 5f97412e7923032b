// Tags of topics.
#include "services/sns/named.h"

namespace matinee::sns {

namespace {

constexpr std::size_t most_tags = 50;

[[noreturn]] void refuse_resource() {
  throw ResourceNotFoundException("Resource does not exist");
}

}  // namespace

TagResourceResponse Service::tag_resource(const Context& context,
                                          const TagResourceRequest& request) {
  require_topic_key(context, "ResourceArn", request.resource_arn);
  Attributes given;
  for (const Tag& tag : request.tags)
    if (!given.emplace(tag.key, tag.value).second) refuse("Duplicated keys are not allowed.");
  LiveTopic* topic = find_topic(request.resource_arn);
  if (!topic) refuse_resource();
  TopicRecord record = topic->record;
  for (const auto& [key, value] : given) record.tags[key] = value;
  if (record.tags.size() > most_tags)
    throw TagLimitExceededException(
        "Could not complete request: tag quota of per resource exceeded");
  change_record(*topic, std::move(record));
  return {};
}

UntagResourceResponse Service::untag_resource(const Context& context,
                                              const UntagResourceRequest& request) {
  require_topic_key(context, "ResourceArn", request.resource_arn);
  LiveTopic* topic = find_topic(request.resource_arn);
  if (!topic) refuse_resource();
  TopicRecord record = topic->record;
  for (const std::string& key : request.tag_keys) record.tags.erase(key);
  change_record(*topic, std::move(record));
  return {};
}

ListTagsForResourceResponse Service::list_tags_for_resource(
    const Context& context, const ListTagsForResourceRequest& request) {
  require_topic_key(context, "ResourceArn", request.resource_arn);
  const LiveTopic* topic = find_topic(request.resource_arn);
  if (!topic) refuse_resource();
  ListTagsForResourceResponse response{.tags = std::vector<Tag>{}};
  for (const auto& [key, value] : topic->record.tags)
    response.tags->push_back({.key = key, .value = value});
  return response;
}

}  // namespace matinee::sns
