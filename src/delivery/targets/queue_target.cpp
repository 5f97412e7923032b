#include "delivery/targets/queue_target.h"

#include "delivery/targets/refusals.h"
#include "sqs/client.h"
#include "sqs/operations.h"

namespace matinee::delivery {

namespace {

/// Moves the body, which is most of it, and nothing else.
sqs::SendMessageBatchRequestEntry to_entry(services::Delivery& delivery, bool is_fifo) {
  sqs::SendMessageBatchRequestEntry entry;
  entry.message_body = std::move(delivery.body);
  if (!delivery.attributes.empty())
    entry.message_attributes = to_attributes<sqs::MessageAttributeValue>(delivery.attributes);
  if (!delivery.group.empty()) entry.message_group_id = delivery.group;
  if (is_fifo && !delivery.deduplication_id.empty())
    entry.message_deduplication_id = delivery.deduplication_id;
  if (delivery.trace_header.empty()) return entry;
  sqs::MessageSystemAttributeValue& trace =
      entry.message_system_attributes.emplace()["AWSTraceHeader"];
  trace.data_type = "String";
  trace.string_value = delivery.trace_header;
  return entry;
}

sqs::SendMessageBatchRequest to_request(const services::Arn& queue,
                                        std::vector<services::Delivery>& deliveries) {
  sqs::SendMessageBatchRequest request{
      .queue_url = fmt::format("http://localhost/{}/{}", queue.account, queue.resource)};
  const bool is_fifo = queue.resource.ends_with(".fifo");
  request.entries.reserve(deliveries.size());
  for (services::Delivery& delivery : deliveries) {
    request.entries.push_back(to_entry(delivery, is_fifo));
    request.entries.back().id = fmt::to_string(request.entries.size() - 1);
  }
  return request;
}

services::Refusals read_response(sqs::SendMessageBatchResponse& response, std::size_t count) {
  services::Refusals refusals(count);
  refusals.taken.resize(count);
  for (const sqs::BatchResultErrorEntry& failed : response.failed)
    refusals.at(std::stoul(failed.id)) = refusal_of_entry(failed);
  for (sqs::SendMessageBatchResultEntry& taken : response.successful)
    refusals.taken.at(std::stoul(taken.id)).id = std::move(taken.message_id);
  return refusals;
}

}  // namespace

void QueueTarget::use(services::ServiceBase& queues, std::span<const services::Handler> handlers,
                      services::Authorizer& authorizer) {
  queues_ = &queues;
  authorizer_ = &authorizer;
  for (const services::Handler& handler : handlers)
    if (handler.operation == &sqs::operations::SendMessageBatch) handler_ = &handler;
}

runtime::Task<services::Refusals> QueueTarget::send(std::vector<services::Delivery> deliveries) {
  const services::Arn queue = services::parse_arn(deliveries.front().target).value();
  client::InProcessChannel channel = way_.channel_for(deliveries.front(), queue);
  sqs::SendMessageBatchResponse response =
      co_await sqs::Client(channel).send_message_batch(to_request(queue, deliveries));
  co_return read_response(response, deliveries.size());
}

/// SendMessageBatch throws before it writes, if at all.
std::optional<services::Refusals> QueueTarget::take_over(
    std::vector<services::Delivery>& deliveries) {
  const std::optional<services::Arn> queue = services::parse_arn(deliveries.front().target);
  if (!queue || !handler_) return std::nullopt;
  const services::Context caller = caller_of(deliveries.front(), *queue, way_.directory);
  sqs::SendMessageBatchRequest request = to_request(*queue, deliveries);
  std::optional<services::Refusals> refusals;
  try {
    protocol::Violations violations;
    way_.endpoint.validate(*handler_->operation, &request, violations);
    if (violations.empty()) {
      if (authorizer_->concerns(caller))
        authorizer_->authorize(*queues_, caller, *handler_->operation, &request);
      else
        queues_->authorize(caller, *handler_->operation, &request);
      protocol::Object response = handler_->call(queues_, caller, &request);
      refusals = read_response(response.as<sqs::SendMessageBatchResponse>(), deliveries.size());
    }
  } catch (...) {
    // Why is found out, and acted upon, when it is sent again.
    refusals.reset();
  }
  for (std::size_t index = 0; index < deliveries.size(); ++index)
    if (!refusals || refusals->at(index))
      deliveries[index].body = std::move(request.entries[index].message_body);
  return refusals;
}

/// The policy first, as a call from outside would find it.
std::optional<services::Refusal> QueueTarget::find_refusal(const services::Delivery& delivery) {
  const std::optional<services::Arn> queue = services::parse_arn(delivery.target);
  if (!queue) return std::nullopt;
  const services::Context caller = caller_of(delivery, *queue, way_.directory);
  const protocol::Operation& operation = sqs::operations::SendMessageBatch;
  services::Input input{.request = protocol::Object(*operation.request)};
  std::vector<services::Delivery> deliveries{delivery};
  const std::size_t bytes = delivery.body.size();
  input.request.as<sqs::SendMessageBatchRequest>() = to_request(*queue, deliveries);
  if (const auto error = way_.endpoint.find_refusal(caller, operation, std::move(input)))
    return to_refusal(*error);
  try {
    if (trial_) trial_->require_takes(caller, delivery.target, bytes);
  } catch (const protocol::ServiceError& error) {
    return to_refusal(error);
  }
  return std::nullopt;
}

}  // namespace matinee::delivery
