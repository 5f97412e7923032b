// What a queue is like: its attributes and tags.
#include <fmt/format.h>

#include "services/sqs/rules.h"
#include "services/sqs/service.h"
#include "storage/store.h"

namespace matinee::sqs {

namespace {

constexpr std::string_view computed_attributes[] = {"ApproximateNumberOfMessages",
                                                    "ApproximateNumberOfMessagesDelayed",
                                                    "ApproximateNumberOfMessagesNotVisible",
                                                    "CreatedTimestamp",
                                                    "LastModifiedTimestamp",
                                                    "QueueArn"};

}  // namespace

SetQueueAttributesResponse Service::set_queue_attributes(const Context& context,
                                                         const SetQueueAttributesRequest& request) {
  Queue& queue = require_queue(context, request.queue_url);
  if (request.attributes.empty()) refuse_missing("Attribute.Name");
  const Attributes checked = checked_attributes(request.attributes, queue.settings.fifo);
  QueueRecord record = queue.record;
  apply_attributes(record.attributes, checked);
  require_consistent(queue.key, record.attributes);
  record.modified_at = clock_.now();
  const std::chrono::seconds delay_before = queue.settings.delay;
  change_record(queue, std::move(record));
  // A FIFO queue's delay holds for the messages that it has already; a standard queue's does not.
  if (queue.settings.fifo && queue.settings.delay != delay_before && queue.messages) {
    undo_on_rollback(store_, queue);
    queue.messages->index.set_delay(queue.settings.delay, clock_.now());
    serve_later(queue);
  }
  return {};
}

void Service::require_consistent(const QueueKey& key, const Attributes& attributes) {
  const QueueSettings settings = read_settings(attributes);
  const auto limit = attributes.find("FifoThroughputLimit");
  if (limit != attributes.end() && limit->second == "perMessageGroupId" &&
      !settings.deduplication_by_group)
    throw InvalidAttributeValue(
        "Invalid value for the parameter FifoThroughputLimit. Reason: The perMessageGroupId value "
        "is allowed only when the value for DeduplicationScope is messageGroup.");
  if (!settings.redrive) return;
  const std::string& json = attributes.at("RedrivePolicy");
  const QueueKey& target_key = settings.redrive->target;
  if (target_key.account != key.account)
    refuse_value("RedrivePolicy", json, "Dead-letter target owner should be same as the source.");
  if (target_key.region != key.region)
    refuse_value("RedrivePolicy", json,
                 "Dead-letter target must be in the same region as the source.");
  const Queue* target = find_queue(target_key);
  if (!target && target_key != key)
    refuse_value("RedrivePolicy", json, "Dead letter target does not exist.");
  const bool target_fifo = target ? target->settings.fifo : settings.fifo;
  if (target_fifo != settings.fifo)
    refuse_value("RedrivePolicy", json,
                 "Dead-letter queue must be same type of queue as the source.");
  const RedriveAllowPolicy allow = target ? target->settings.redrive_allow : RedriveAllowPolicy{};
  const bool listed = std::ranges::find(allow.source_arns, to_arn(key)) != allow.source_arns.end();
  if (allow.permission == RedriveAllowPolicy::Permission::deny_all ||
      (allow.permission == RedriveAllowPolicy::Permission::by_queue && !listed))
    refuse_value("RedrivePolicy", json,
                 fmt::format("Amazon SQS queue {} does not allow this source queue to redrive to "
                             "it.",
                             settings.redrive->dead_letter_target_arn));
}

GetQueueAttributesResponse Service::get_queue_attributes(const Context& context,
                                                         const GetQueueAttributesRequest& request) {
  Queue& queue = require_queue(context, request.queue_url);
  const std::vector<std::string> asked =
      request.attribute_names.value_or(std::vector<std::string>{});
  for (const std::string& name : asked)
    if (!is_attribute_name(name) || is_unknown_to(name, queue.settings.fifo))
      throw InvalidAttributeName(fmt::format("Unknown Attribute {}.", name));
  const bool all = std::ranges::find(asked, "All") != asked.end();
  std::map<std::string, std::string> attributes;
  const auto add = [&](std::string_view name) {
    if (std::optional<std::string> value = attribute_of(queue, name))
      attributes.emplace(name, std::move(*value));
  };
  if (all) {
    std::ranges::for_each(computed_attributes, add);
    std::ranges::for_each(settable_attributes(), add);
  } else {
    std::ranges::for_each(asked, add);
  }
  if (attributes.empty()) return {};
  return {.attributes = std::move(attributes)};
}

std::optional<std::string> Service::attribute_of(Queue& queue, std::string_view name) {
  if (name == "QueueArn") return queue.arn;
  if (name == "CreatedTimestamp")
    return std::to_string(runtime::to_seconds(queue.record.created_at));
  if (name == "LastModifiedTimestamp")
    return std::to_string(runtime::to_seconds(queue.record.modified_at));
  if (name.starts_with("Approximate")) {
    const MessageIndex& index = messages_of(queue).index;
    expire(queue);
    const MessageIndex::Counts& counts = index.counts();
    if (name == "ApproximateNumberOfMessages") return std::to_string(counts.visible);
    if (name == "ApproximateNumberOfMessagesDelayed") return std::to_string(counts.delayed);
    return std::to_string(counts.in_flight);
  }
  if (!is_told(queue.record.attributes, name)) return std::nullopt;
  return find_attribute(queue.record.attributes, name, queue.settings.fifo);
}

TagQueueResponse Service::tag_queue(const Context& context, const TagQueueRequest& request) {
  Queue& queue = require_queue(context, request.queue_url);
  if (request.tags.empty()) refuse_missing("Tags");
  require_tags(request.tags, context);
  QueueRecord record = queue.record;
  for (const auto& [name, value] : request.tags) record.tags[name] = value;
  require_tag_count(record.tags.size(), queue.key.name);
  change_record(queue, std::move(record));
  return {};
}

UntagQueueResponse Service::untag_queue(const Context& context, const UntagQueueRequest& request) {
  Queue& queue = require_queue(context, request.queue_url);
  if (request.tag_keys.empty()) refuse_missing("TagKeys");
  QueueRecord record = queue.record;
  for (const std::string& name : request.tag_keys) record.tags.erase(name);
  change_record(queue, std::move(record));
  return {};
}

ListQueueTagsResponse Service::list_queue_tags(const Context& context,
                                               const ListQueueTagsRequest& request) {
  const Queue& queue = require_queue(context, request.queue_url);
  if (queue.record.tags.empty()) return {};
  return {.tags = queue.record.tags};
}

}  // namespace matinee::sqs
