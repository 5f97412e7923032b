#include "delivery/targets.h"

#include <fmt/format.h>

#include "client/in_process_channel.h"
#include "client/retry.h"
#include "services/arn.h"
#include "sqs/client.h"

namespace matinee::delivery {

namespace {

/// The caller is a service: it has no access key, and its rights come from the target's policy.
services::Context caller_of(const services::Delivery& envelope, const services::Arn& target) {
  services::Context caller{.account = target.account, .region = target.region};
  caller.service_principal = envelope.service_principal;
  caller.source_arn = envelope.source_arn;
  caller.source_account = envelope.source_account;
  caller.host = "localhost";
  return caller;
}

runtime::Task<std::vector<std::optional<Refusal>>> send_to_queue(client::Channel& channel,
                                                                 const services::Arn& queue,
                                                                 std::vector<Message> messages) {
  std::vector<std::optional<Refusal>> refusals(messages.size());
  sqs::SendMessageBatchRequest request{
      .queue_url = fmt::format("http://localhost/{}/{}", queue.account, queue.resource)};
  for (std::size_t index = 0; index < messages.size(); ++index) {
    sqs::SendMessageBatchRequestEntry& entry = request.entries.emplace_back();
    entry.id = fmt::to_string(index);
    entry.message_body = std::move(messages[index].body);
    if (messages[index].trace_header.empty()) continue;
    sqs::MessageSystemAttributeValue& trace =
        entry.message_system_attributes.emplace()["AWSTraceHeader"];
    trace.data_type = "String";
    trace.string_value = std::move(messages[index].trace_header);
  }
  const sqs::SendMessageBatchResponse response =
      co_await sqs::Client(channel).send_message_batch(std::move(request));
  for (const sqs::BatchResultErrorEntry& failed : response.failed)
    refusals.at(std::stoul(failed.id)) =
        Refusal{.reason = fmt::format("{}: {}", failed.code, failed.message.value_or("")),
                .for_ever = failed.sender_fault};
  co_return refusals;
}

}  // namespace

runtime::Task<std::vector<std::optional<Refusal>>> Targets::send(Batch batch) const {
  const std::optional<services::Arn> target = services::parse_arn(batch.envelope.target);
  if (!target || target->service != "sqs")
    throw protocol::ServiceError(
        "NotImplemented", 501,
        fmt::format("Matinee does not deliver to {}.", batch.envelope.target));
  client::InProcessChannel channel(endpoint_, random_, caller_of(batch.envelope, *target));
  co_return co_await send_to_queue(channel, *target, std::move(batch.messages));
}

bool is_passing(const protocol::ServiceError& error) {
  return client::is_retryable(error);
}

}  // namespace matinee::delivery
