// All three use SQS's JSON protocol, which is what today's SDKs speak.
#include "sqs_load.h"

#include <fmt/format.h>

#include <stdexcept>

#include "requests.h"

namespace bench {
namespace {

std::string message_of_200_bytes() {
  return std::string(200, 'm');
}

void require_no_failures(std::string_view body) {
  const std::size_t failed = body.find("\"Failed\":[{");
  if (failed != std::string_view::npos) {
    throw std::runtime_error(fmt::format("a batch entry failed: {}", body.substr(failed, 300)));
  }
}

}  // namespace

std::string create_queue(std::uint16_t port, const std::string& name) {
  const std::string body = fmt::format(R"({{"QueueName":"{}"}})", name);
  const Answer answer = require_success(
      port,
      json_request(port, {.service = "sqs", .target = "AmazonSQS.CreateQueue", .body = body}));
  std::size_t position = 0;
  const std::string_view url = next_json_string(answer.body, "QueueUrl", position);
  if (url.empty()) throw std::runtime_error("no QueueUrl in " + answer.body);
  return std::string(url);
}

SendLoad SendLoad::batches(std::uint16_t port, const std::string& queue_url) {
  std::string entries;
  for (int i = 0; i < 10; ++i) {
    entries += fmt::format(R"({}{{"Id":"{}","MessageBody":"{}"}})", i == 0 ? "" : ",", i,
                           message_of_200_bytes());
  }
  const std::string body = fmt::format(R"({{"QueueUrl":"{}","Entries":[{}]}})", queue_url, entries);
  return {
      json_request(port, {.service = "sqs", .target = "AmazonSQS.SendMessageBatch", .body = body}),
      10};
}

SendLoad SendLoad::single_messages(std::uint16_t port, const std::string& queue_url) {
  const std::string body =
      fmt::format(R"({{"QueueUrl":"{}","MessageBody":"{}"}})", queue_url, message_of_200_bytes());
  return {json_request(port, {.service = "sqs", .target = "AmazonSQS.SendMessage", .body = body}),
          1};
}

std::string_view SendLoad::next_request(int) {
  return request_;
}

std::uint64_t SendLoad::accept(int, std::string_view body) {
  require_no_failures(body);
  return messages_;
}

ReceiveLoad::ReceiveLoad(std::uint16_t port, const std::string& queue_url, int connections)
    : port_(port), queue_url_(queue_url), turns_(static_cast<std::size_t>(connections)) {
  const std::string body =
      fmt::format(R"({{"QueueUrl":"{}","MaxNumberOfMessages":10}})", queue_url);
  receive_ =
      json_request(port, {.service = "sqs", .target = "AmazonSQS.ReceiveMessage", .body = body});
}

std::string_view ReceiveLoad::next_request(int connection) {
  const Turn& turn = turns_[static_cast<std::size_t>(connection)];
  return turn.to_delete > 0 ? std::string_view(turn.deletion) : std::string_view(receive_);
}

std::uint64_t ReceiveLoad::accept(int connection, std::string_view body) {
  Turn& turn = turns_[static_cast<std::size_t>(connection)];
  if (turn.to_delete > 0) {
    require_no_failures(body);
    return std::exchange(turn.to_delete, 0);
  }
  std::string entries;
  std::size_t position = 0;
  while (true) {
    const std::string_view handle = next_json_string(body, "ReceiptHandle", position);
    if (handle.empty()) break;
    entries += fmt::format(R"({}{{"Id":"{}","ReceiptHandle":"{}"}})", entries.empty() ? "" : ",",
                           turn.to_delete, handle);
    turn.to_delete += 1;
  }
  if (turn.to_delete > 0) {
    const std::string deletion =
        fmt::format(R"({{"QueueUrl":"{}","Entries":[{}]}})", queue_url_, entries);
    turn.deletion = json_request(
        port_, {.service = "sqs", .target = "AmazonSQS.DeleteMessageBatch", .body = deletion});
  }
  return 0;
}

}  // namespace bench
