#include "delivery/targets/topic_target.h"

#include "delivery/targets/refusals.h"
#include "sns/client.h"

namespace matinee::delivery {

namespace {

sns::PublishBatchRequestEntry to_entry(services::Delivery delivery, bool is_fifo) {
  sns::PublishBatchRequestEntry entry;
  entry.message = std::move(delivery.body);
  if (!delivery.subject.empty()) entry.subject = std::move(delivery.subject);
  if (!delivery.attributes.empty())
    entry.message_attributes = to_attributes<sns::MessageAttributeValue>(delivery.attributes);
  if (!delivery.group.empty()) entry.message_group_id = std::move(delivery.group);
  if (is_fifo && !delivery.deduplication_id.empty())
    entry.message_deduplication_id = std::move(delivery.deduplication_id);
  return entry;
}

}  // namespace

/// Messages of one call have one trace: that of the call.
runtime::Task<services::Refusals> TopicTarget::send(std::vector<services::Delivery> deliveries) {
  const services::Arn topic = services::parse_arn(deliveries.front().target).value();
  services::Context caller = caller_of(deliveries.front(), topic, way_.directory);
  caller.trace_header = deliveries.front().trace_header;
  client::InProcessChannel channel(way_.endpoint, way_.random, std::move(caller));
  services::Refusals refusals(deliveries.size());
  refusals.taken.resize(deliveries.size());
  sns::PublishBatchRequest request{.topic_arn = deliveries.front().target};
  const bool is_fifo = topic.resource.ends_with(".fifo");
  for (std::size_t index = 0; index < deliveries.size(); ++index) {
    request.publish_batch_request_entries.push_back(
        to_entry(std::move(deliveries[index]), is_fifo));
    request.publish_batch_request_entries.back().id = fmt::to_string(index);
  }
  sns::PublishBatchResponse response =
      co_await sns::Client(channel).publish_batch(std::move(request));
  if (response.failed)
    for (const sns::BatchResultErrorEntry& failed : *response.failed)
      refusals.at(std::stoul(failed.id)) = refusal_of_entry(failed);
  if (response.successful)
    for (sns::PublishBatchResultEntry& taken : *response.successful)
      refusals.taken.at(std::stoul(taken.id.value_or("0"))).id =
          std::move(taken.message_id).value_or("");
  co_return refusals;
}

}  // namespace matinee::delivery
