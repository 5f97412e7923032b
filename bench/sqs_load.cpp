// All of them use SQS's JSON protocol, which is what today's SDKs speak.
#include "sqs_load.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "requests.h"

namespace bench {
namespace {

constexpr std::uint64_t kBatch = 10;
constexpr std::uint64_t kGroups = 10'000;

std::string message_of_200_bytes() {
  return std::string(200, 'm');
}

void require_no_failures(std::string_view body) {
  const std::size_t failed = body.find("\"Failed\":[{");
  if (failed != std::string_view::npos) {
    throw std::runtime_error(fmt::format("a batch entry failed: {}", body.substr(failed, 300)));
  }
}

std::string sqs_request(std::uint16_t port, std::string_view operation, std::string_view body) {
  return json_request(
      port, {.service = "sqs", .target = fmt::format("AmazonSQS.{}", operation), .body = body});
}

std::string fifo_members(const Queue& queue) {
  if (!queue.fifo) return "";
  return fmt::format(R"(,"MessageGroupId":"{0}","MessageDeduplicationId":"{0}")", kNumberPlace);
}

std::vector<std::size_t> number_places(std::string_view request) {
  std::vector<std::size_t> places;
  for (std::size_t place = request.find(kNumberPlace); place != std::string_view::npos;
       place = request.find(kNumberPlace, place + kNumberPlace.size())) {
    places.push_back(place);
  }
  return places;
}

std::string batch_body(const Queue& queue) {
  std::string entries;
  for (std::uint64_t i = 0; i < kBatch; ++i) {
    entries += fmt::format(R"({}{{"Id":"{}","MessageBody":"{}"{}}})", i == 0 ? "" : ",", i,
                           message_of_200_bytes(), fifo_members(queue));
  }
  return fmt::format(R"({{"QueueUrl":"{}","Entries":[{}]}})", queue.url, entries);
}

std::size_t at(int connection) {
  return static_cast<std::size_t>(connection);
}

}  // namespace

Queue create_queue(std::uint16_t port, const std::string& name) {
  const bool fifo = name.ends_with(".fifo");
  const std::string attributes = fifo ? R"(,"Attributes":{"FifoQueue":"true"})" : "";
  const std::string body = fmt::format(R"({{"QueueName":"{}"{}}})", name, attributes);
  const Answer answer = require_success(port, sqs_request(port, "CreateQueue", body));
  std::size_t position = 0;
  const std::string_view url = next_json_string(answer.body, "QueueUrl", position);
  if (url.empty()) throw std::runtime_error("no QueueUrl in " + answer.body);
  return {.port = port, .url = std::string(url), .fifo = fifo};
}

BatchRequest::BatchRequest(const Queue& queue)
    : request_(sqs_request(queue.port, "SendMessageBatch", batch_body(queue))),
      places_(number_places(request_)),
      messages_of_group_(queue.batches_share_group ? kBatch : 1) {}

std::string_view BatchRequest::numbered(std::uint64_t first) {
  for (std::size_t i = 0; i + 1 < places_.size(); i += 2) {
    const std::uint64_t number = first + i / 2;
    patch_number(request_, places_[i], number / messages_of_group_ % kGroups);
    patch_number(request_, places_[i + 1], number);
  }
  return request_;
}

SingleRequest::SingleRequest(const Queue& queue)
    : request_(sqs_request(queue.port, "SendMessage",
                           fmt::format(R"({{"QueueUrl":"{}","MessageBody":"{}"{}}})", queue.url,
                                       message_of_200_bytes(), fifo_members(queue)))),
      places_(number_places(request_)) {}

std::string_view SingleRequest::numbered(std::uint64_t number) {
  if (places_.empty()) return request_;
  patch_number(request_, places_[0], number % kGroups);
  patch_number(request_, places_[1], number);
  return request_;
}

SingleLoad::SingleLoad(const Queue& queue, int connections)
    : requests_(at(connections), SingleRequest(queue)) {}

std::string_view SingleLoad::next_request(int connection) {
  return requests_[at(connection)].numbered(sent_++);
}

std::uint64_t SingleLoad::accept(int, std::string_view) {
  return 1;
}

BatchLoad::BatchLoad(const Queue& queue, int connections)
    : requests_(at(connections), BatchRequest(queue)) {}

std::string_view BatchLoad::next_request(int connection) {
  return requests_[at(connection)].numbered(std::exchange(sent_, sent_ + kBatch));
}

std::uint64_t BatchLoad::accept(int, std::string_view body) {
  require_no_failures(body);
  return kBatch;
}

std::string receive_request(const Queue& queue, int wait_seconds) {
  return sqs_request(
      queue.port, "ReceiveMessage",
      fmt::format(R"({{"QueueUrl":"{}","MaxNumberOfMessages":10,"WaitTimeSeconds":{}}})", queue.url,
                  wait_seconds));
}

ReceiveLoad::ReceiveLoad(const Queue& queue, int connections)
    : queue_(queue), receive_(receive_request(queue, 0)), turns_(at(connections)) {}

std::string_view ReceiveLoad::next_request(int connection) {
  const Turn& turn = turns_[at(connection)];
  return turn.to_delete > 0 ? turn.deletion : receive_;
}

std::uint64_t ReceiveLoad::accept(int connection, std::string_view body) {
  Turn& turn = turns_[at(connection)];
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
    turn.deletion =
        sqs_request(queue_.port, "DeleteMessageBatch",
                    fmt::format(R"({{"QueueUrl":"{}","Entries":[{}]}})", queue_.url, entries));
  }
  return 0;
}

std::uint64_t ReceiveLoad::to_delete(int connection) const {
  return turns_[at(connection)].to_delete;
}

CycleLoad::CycleLoad(const Queue& queue, int connections, std::uint64_t first_number)
    : one_by_one_(queue.one_by_one),
      receive_(queue, connections),
      turns_(at(connections), Turn{.batch = BatchRequest(queue), .single = SingleRequest(queue)}),
      next_number_(first_number) {}

std::string_view CycleLoad::next_request(int connection) {
  Turn& turn = turns_[at(connection)];
  if (turn.owed == 0 && receive_.to_delete(connection) == 0) turn.sent_all = false;
  turn.sending = !turn.sent_all;
  if (!turn.sending) return receive_.next_request(connection);
  if (one_by_one_) return turn.single.numbered(next_number_++);
  return turn.batch.numbered(std::exchange(next_number_, next_number_ + kBatch));
}

std::uint64_t CycleLoad::accept(int connection, std::string_view body) {
  Turn& turn = turns_[at(connection)];
  if (turn.sending) {
    require_no_failures(body);
    turn.owed += one_by_one_ ? 1 : kBatch;
    turn.sent_all = turn.owed >= kBatch;
    return 0;
  }
  const std::uint64_t deleted = receive_.accept(connection, body);
  turn.owed -= std::min(turn.owed, deleted);
  return deleted;
}

}  // namespace bench
