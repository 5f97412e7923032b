#include "delivery/targets/topic_target.h"

#include "delivery/targets/refusals.h"
#include "sns/client.h"
#include "sns/operations.h"

namespace matinee::delivery {

namespace {

/// What a topic's messages may have, unless it says something else.
constexpr std::size_t usual_message_bytes = 262'144;

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

sns::PublishRequest to_request(services::Delivery delivery) {
  const bool is_fifo = delivery.target.ends_with(".fifo");
  sns::PublishRequest request{.topic_arn = delivery.target};
  sns::PublishBatchRequestEntry entry = to_entry(std::move(delivery), is_fifo);
  request.message = std::move(entry.message);
  request.subject = std::move(entry.subject);
  request.message_attributes = std::move(entry.message_attributes);
  request.message_group_id = std::move(entry.message_group_id);
  request.message_deduplication_id = std::move(entry.message_deduplication_id);
  return request;
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
  // One that is too long for a batch is told of as one that is too long.
  if (deliveries.size() == 1 && deliveries.front().body.size() > usual_message_bytes) {
    sns::PublishResponse taken =
        co_await sns::Client(channel).publish(to_request(std::move(deliveries.front())));
    refusals.taken.front().id = std::move(taken.message_id).value_or("");
    co_return refusals;
  }
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

/// Whether its policy lets the sender in.
std::optional<services::Refusal> TopicTarget::find_refusal(const services::Delivery& delivery) {
  const std::optional<services::Arn> topic = services::parse_arn(delivery.target);
  if (!topic) return std::nullopt;
  const protocol::Operation& operation = sns::operations::Publish;
  services::Input input{.request = protocol::Object(*operation.request)};
  auto& request = input.request.as<sns::PublishRequest>();
  request.topic_arn = delivery.target;
  request.message = delivery.body;
  const auto error = way_.endpoint.find_refusal(caller_of(delivery, *topic, way_.directory),
                                                operation, std::move(input));
  if (!error) return std::nullopt;
  return to_refusal(*error);
}

}  // namespace matinee::delivery
