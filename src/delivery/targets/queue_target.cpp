#include "delivery/targets/queue_target.h"

#include "delivery/targets/refusals.h"
#include "sqs/client.h"

namespace matinee::delivery {

namespace {

sqs::SendMessageBatchRequestEntry to_entry(services::Delivery delivery, bool is_fifo) {
  sqs::SendMessageBatchRequestEntry entry;
  entry.message_body = std::move(delivery.body);
  if (!delivery.attributes.empty())
    entry.message_attributes =
        to_attributes<sqs::MessageAttributeValue>(std::move(delivery.attributes));
  if (!delivery.group.empty()) entry.message_group_id = std::move(delivery.group);
  if (is_fifo && !delivery.deduplication_id.empty())
    entry.message_deduplication_id = std::move(delivery.deduplication_id);
  if (delivery.trace_header.empty()) return entry;
  sqs::MessageSystemAttributeValue& trace =
      entry.message_system_attributes.emplace()["AWSTraceHeader"];
  trace.data_type = "String";
  trace.string_value = std::move(delivery.trace_header);
  return entry;
}

}  // namespace

runtime::Task<services::Refusals> QueueTarget::send(std::vector<services::Delivery> deliveries) {
  const services::Arn queue = services::parse_arn(deliveries.front().target).value();
  client::InProcessChannel channel = way_.channel_for(deliveries.front(), queue);
  services::Refusals refusals(deliveries.size());
  refusals.taken.resize(deliveries.size());
  sqs::SendMessageBatchRequest request{
      .queue_url = fmt::format("http://localhost/{}/{}", queue.account, queue.resource)};
  const bool is_fifo = queue.resource.ends_with(".fifo");
  for (std::size_t index = 0; index < deliveries.size(); ++index) {
    request.entries.push_back(to_entry(std::move(deliveries[index]), is_fifo));
    request.entries.back().id = fmt::to_string(index);
  }
  sqs::SendMessageBatchResponse response =
      co_await sqs::Client(channel).send_message_batch(std::move(request));
  for (const sqs::BatchResultErrorEntry& failed : response.failed)
    refusals.at(std::stoul(failed.id)) = refusal_of_entry(failed);
  for (sqs::SendMessageBatchResultEntry& taken : response.successful)
    refusals.taken.at(std::stoul(taken.id)).id = std::move(taken.message_id);
  co_return refusals;
}

}  // namespace matinee::delivery
