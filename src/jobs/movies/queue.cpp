// The job's queue. Entries of a batch are named by their place in it.
#include "jobs/movies/queue.h"

#include <charconv>

namespace matinee::jobs::movies {

namespace {

/// The entries that a batch did not take. Throws for those that never will be taken.
template <class Entry>
client::Leftover<Entry> leave_over(const std::vector<sqs::BatchResultErrorEntry>& failed,
                                   std::vector<Entry> entries) {
  client::Leftover<Entry> left;
  for (const sqs::BatchResultErrorEntry& failure : failed) {
    const protocol::ServiceError error(failure.code, failure.sender_fault ? 400 : 503,
                                       failure.message.value_or(failure.code));
    if (failure.sender_fault && !client::is_throttling(error)) throw error;
    left.code = failure.code;
    left.message = error.message();
    for (Entry& entry : entries)
      if (entry.id == failure.id) left.entries.push_back(std::move(entry));
  }
  return left;
}

/// AWS refuses a handle whose message has become visible again, or is gone, in several ways.
bool is_expired_handle(std::string_view code) {
  return code.contains("ReceiptHandleIsInvalid") || code.contains("MessageNotInflight") ||
         code.contains("InvalidParameterValue");
}

void drop_expired(std::vector<sqs::BatchResultErrorEntry>& failed) {
  std::erase_if(failed, [](const sqs::BatchResultErrorEntry& failure) {
    return failure.sender_fault && is_expired_handle(failure.code);
  });
}

std::uint64_t read_count(const std::map<std::string, std::string>& attributes,
                         const std::string& name) {
  const auto place = attributes.find(name);
  if (place == attributes.end()) return 0;
  const std::string& text = place->second;
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size())
    throw protocol::ServiceError("SerializationException", 500,
                                 "The queue's " + name + " is \"" + text + "\".");
  return count;
}

}  // namespace

runtime::Task<> JobQueue::send(std::vector<OutgoingMessage> messages) const {
  using Entry = sqs::SendMessageBatchRequestEntry;
  std::vector<Entry> entries;
  entries.reserve(messages.size());
  for (OutgoingMessage& message : messages) {
    Entry& entry = entries.emplace_back();
    entry.id = std::to_string(entries.size());
    entry.message_body = std::move(message.body);
    if (!info_.fifo) continue;
    entry.message_deduplication_id = std::move(message.id);
    entry.message_group_id = std::move(message.group);
  }
  co_await client::send_all(
      backoff_, std::move(entries),
      [this](std::vector<Entry> batch) -> runtime::Task<client::Leftover<Entry>> {
        sqs::SendMessageBatchRequest request{.queue_url = info_.url, .entries = batch};
        auto response = co_await client_.send_message_batch(std::move(request));
        co_return leave_over(response.failed, std::move(batch));
      });
}

runtime::Task<std::vector<sqs::Message>> JobQueue::receive(std::chrono::seconds visibility) const {
  sqs::ReceiveMessageRequest request{.queue_url = info_.url};
  request.max_number_of_messages = 10;
  request.wait_time_seconds = 20;
  request.visibility_timeout = static_cast<std::int32_t>(visibility.count());
  request.message_system_attribute_names.emplace().push_back("ApproximateReceiveCount");
  auto response = co_await client_.receive_message(std::move(request));
  co_return std::move(response.messages).value_or(std::vector<sqs::Message>());
}

runtime::Task<> JobQueue::remove(std::vector<std::string> receipt_handles) const {
  using Entry = sqs::DeleteMessageBatchRequestEntry;
  std::vector<Entry> entries;
  for (std::string& handle : receipt_handles)
    entries.push_back({.id = std::to_string(entries.size()), .receipt_handle = std::move(handle)});
  co_await client::send_all(
      backoff_, std::move(entries),
      [this](std::vector<Entry> batch) -> runtime::Task<client::Leftover<Entry>> {
        sqs::DeleteMessageBatchRequest request{.queue_url = info_.url, .entries = batch};
        auto response = co_await client_.delete_message_batch(std::move(request));
        drop_expired(response.failed);
        co_return leave_over(response.failed, std::move(batch));
      });
}

runtime::Task<> JobQueue::hide(std::vector<std::string> receipt_handles,
                               std::chrono::seconds timeout) const {
  using Entry = sqs::ChangeMessageVisibilityBatchRequestEntry;
  std::vector<Entry> entries;
  for (std::string& handle : receipt_handles)
    entries.push_back({.id = std::to_string(entries.size()),
                       .receipt_handle = std::move(handle),
                       .visibility_timeout = static_cast<std::int32_t>(timeout.count())});
  co_await client::send_all(
      backoff_, std::move(entries),
      [this](std::vector<Entry> batch) -> runtime::Task<client::Leftover<Entry>> {
        sqs::ChangeMessageVisibilityBatchRequest request{.queue_url = info_.url, .entries = batch};
        auto response = co_await client_.change_message_visibility_batch(std::move(request));
        drop_expired(response.failed);
        co_return leave_over(response.failed, std::move(batch));
      });
}

runtime::Task<QueueCounts> JobQueue::count() const {
  sqs::GetQueueAttributesRequest request{.queue_url = info_.url};
  request.attribute_names.emplace() = {"ApproximateNumberOfMessages",
                                       "ApproximateNumberOfMessagesNotVisible",
                                       "ApproximateNumberOfMessagesDelayed"};
  const auto response = co_await client_.get_queue_attributes(std::move(request));
  QueueCounts counts;
  if (!response.attributes) co_return counts;
  counts.visible = read_count(*response.attributes, "ApproximateNumberOfMessages");
  counts.in_flight = read_count(*response.attributes, "ApproximateNumberOfMessagesNotVisible");
  counts.delayed = read_count(*response.attributes, "ApproximateNumberOfMessagesDelayed");
  co_return counts;
}

runtime::Task<> JobQueue::delete_queue() const {
  sqs::DeleteQueueRequest request{.queue_url = info_.url};
  try {
    co_await client_.delete_queue(std::move(request));
  } catch (const protocol::ServiceError& error) {
    if (!error.is<sqs::QueueDoesNotExist>()) throw;
  }
}

runtime::Task<> JobQueue::bury(sqs::Message message, std::string reason) const {
  sqs::SendMessageRequest request{.queue_url = info_.dead_letter_url,
                                  .message_body = std::move(message.body).value_or("")};
  auto& attributes = request.message_attributes.emplace();
  attributes["reason"].string_value = std::move(reason);
  attributes["reason"].data_type = "String";
  if (info_.dead_letter_url.ends_with(".fifo")) {
    request.message_group_id = "unintelligible";
    request.message_deduplication_id = message.message_id;
  }
  co_await client_.send_message(std::move(request));
}

}  // namespace matinee::jobs::movies
