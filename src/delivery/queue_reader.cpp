#include "delivery/queue_reader.h"

#include <fmt/format.h>

#include "sqs/client.h"

namespace matinee::delivery {

namespace {

std::string url_of(const services::Arn& queue) {
  return fmt::format("http://localhost/{}/{}", queue.account, queue.resource);
}

services::QueueMessage to_message(sqs::Message message) {
  services::QueueMessage out{
      .id = std::move(message.message_id).value_or(""),
      .receipt = std::move(message.receipt_handle).value_or(""),
      .body = std::move(message.body).value_or(""),
      .md5 = std::move(message.md5_of_body).value_or(""),
      .attributes_md5 = std::move(message.md5_of_message_attributes).value_or("")};
  if (message.attributes) out.system = *std::move(message.attributes);
  if (!message.message_attributes) return out;
  for (auto& [name, value] : *message.message_attributes)
    out.attributes[name] = {.type = value.data_type,
                            .text = value.string_value.value_or(""),
                            .binary = value.binary_value ? value.binary_value->bytes : ""};
  return out;
}

}  // namespace

client::InProcessChannel QueueReader::channel_for(const services::QueueReader& reader,
                                                  const services::Arn& queue) {
  const services::Delivery delivery{.target = reader.queue,
                                    .body = {},
                                    .service_principal = "lambda.amazonaws.com",
                                    .source_arn = reader.source_arn,
                                    .source_account = queue.account,
                                    .role = reader.role};
  return {endpoint_, random_, caller_of(delivery, queue, directory_)};
}

runtime::Task<std::vector<services::QueueMessage>> QueueReader::receive(
    services::QueueReader reader, int most) {
  const services::Arn queue = services::parse_arn(reader.queue).value();
  client::InProcessChannel channel = channel_for(reader, queue);
  sqs::ReceiveMessageRequest request{
      .queue_url = url_of(queue),
      .message_system_attribute_names = std::vector<std::string>{"All"},
      .message_attribute_names = std::vector<std::string>{"All"},
      .max_number_of_messages = most,
      .wait_time_seconds = 0};
  sqs::ReceiveMessageResponse response =
      co_await sqs::Client(channel).receive_message(std::move(request));
  std::vector<services::QueueMessage> messages;
  if (response.messages)
    for (sqs::Message& message : *response.messages)
      messages.push_back(to_message(std::move(message)));
  co_return messages;
}

runtime::Task<> QueueReader::remove(services::QueueReader reader,
                                    std::vector<std::string> receipts) {
  const services::Arn queue = services::parse_arn(reader.queue).value();
  client::InProcessChannel channel = channel_for(reader, queue);
  sqs::DeleteMessageBatchRequest request{.queue_url = url_of(queue)};
  for (std::string& receipt : receipts)
    request.entries.push_back(
        {.id = fmt::to_string(request.entries.size()), .receipt_handle = std::move(receipt)});
  co_await sqs::Client(channel).delete_message_batch(std::move(request));
}

}  // namespace matinee::delivery
