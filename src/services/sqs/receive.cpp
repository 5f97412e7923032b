// ReceiveMessage: which messages, and what is told of them.
#include "services/sqs/rules.h"
#include "services/sqs/service.h"
#include "storage/store.h"

namespace matinee::sqs {

namespace {

void require_between(std::string_view parameter, std::optional<std::int32_t> value,
                     std::int32_t highest) {
  if (value && (*value < 0 || *value > highest))
    refuse_value(parameter, std::to_string(*value),
                 "Must be >= 0 and <= " + std::to_string(highest) + ", if provided.");
}

std::string in_milliseconds(runtime::Time time) {
  return std::to_string(runtime::to_milliseconds(time));
}

std::map<std::string, std::string> system_attributes(const Entry& entry, const MessageView& view,
                                                     bool fifo, const AttributeFilter& filter) {
  std::map<std::string, std::string> attributes;
  const auto add = [&](SystemAttribute attribute, const char* name, auto value) {
    if (filter.wants(attribute)) attributes.emplace(name, value());
  };
  const auto add_text = [&](SystemAttribute attribute, const char* name, std::string_view text) {
    if (!text.empty() && filter.wants(attribute)) attributes.emplace(name, text);
  };
  add_text(SystemAttribute::trace_header, "AWSTraceHeader", view.trace_header);
  add(SystemAttribute::first_receive_timestamp, "ApproximateFirstReceiveTimestamp", [&] {
    return in_milliseconds(entry.sent_at + std::chrono::milliseconds(entry.first_received - 1));
  });
  // Receives count over all queues that the message was in.
  add(SystemAttribute::receive_count, "ApproximateReceiveCount",
      [&] { return std::to_string(view.earlier_receives + entry.receive_count); });
  add_text(SystemAttribute::dead_letter_queue_source_arn, "DeadLetterQueueSourceArn",
           view.dead_letter_source_arn);
  add_text(SystemAttribute::deduplication_id, "MessageDeduplicationId", view.deduplication_id);
  add_text(SystemAttribute::group_id, "MessageGroupId", view.group_id);
  add_text(SystemAttribute::sender_id, "SenderId", view.sender_id);
  add(SystemAttribute::sent_timestamp, "SentTimestamp",
      [&] { return in_milliseconds(entry.sent_at); });
  if (fifo)
    add(SystemAttribute::sequence_number, "SequenceNumber",
        [&] { return sequence_number(entry.sequence); });
  return attributes;
}

}  // namespace

Receive Service::checked_receive(const Queue& queue, const ReceiveMessageRequest& request) const {
  const std::int32_t most = request.max_number_of_messages.value_or(1);
  if (most < 1 || most > 10)
    refuse_value("MaxNumberOfMessages", std::to_string(most),
                 "Must be between 1 and 10, if provided.");
  require_between("WaitTimeSeconds", request.wait_time_seconds, 20);
  require_between("VisibilityTimeout", request.visibility_timeout, 43'200);
  if (const auto& attempt = request.receive_request_attempt_id) {
    if (!queue.settings.fifo)
      refuse_value("ReceiveRequestAttemptId", *attempt,
                   "The request include parameter that is not valid for this queue type.");
    require_token("ReceiveRequestAttemptId", *attempt);
  }
  const auto seconds = [](std::optional<std::int32_t> given, std::chrono::seconds otherwise) {
    return given ? std::chrono::seconds(*given) : otherwise;
  };
  return {
      .max_messages = static_cast<unsigned>(most),
      .visibility_timeout = seconds(request.visibility_timeout, queue.settings.visibility_timeout),
      .wait = seconds(request.wait_time_seconds, queue.settings.receive_wait),
      .filter = AttributeFilter(request),
      .attempt_id = request.receive_request_attempt_id};
}

runtime::Task<ReceiveMessageResponse> Service::receive_message(
    const Context& context, const ReceiveMessageRequest& request) {
  Queue& queue = require_queue(context, request.queue_url);
  count_call(queue, QuotaAction::receive);
  Receive receive = checked_receive(queue, request);
  receive.caller = &context;
  if (!queue.settings.kms_key.empty()) {
    storage::Transaction transaction(store_);
    require_encryption_key(context, queue, true);
    transaction.commit();
  }
  serve(queue);  // those who have waited longer
  ReceiveMessageResponse response = receive_now(queue, receive);
  if (response.messages || receive.wait == std::chrono::seconds(0)) co_return response;
  co_return co_await wait(queue, receive, context);
}

ReceiveMessageResponse Service::receive_now(Queue& queue, const Receive& receive) {
  const MessageIndex& index = messages_of(queue).index;
  if (index.size() == 0) return {};
  storage::Transaction transaction(store_);
  expire(queue);
  ReceiveMessageResponse response;
  if (index.next(Receiving{}) != no_slot || receive.attempt_id) {
    PageChanges changes(store_, tables_, queue);
    const std::vector<Slot> slots = receive.attempt_id ? repeat_attempt(queue, receive, changes)
                                                       : take_messages(queue, receive, changes);
    if (!slots.empty()) response.messages = describe_all(queue, slots, receive.filter);
    if (telling_.has_journal() && !slots.empty())
      tell_received(queue, receive, slots, *response.messages);
    changes.write();
  }
  transaction.commit();
  return response;
}

void Service::tell_received(const Queue& queue, const Receive& receive,
                            const std::vector<Slot>& slots, const std::vector<Message>& messages) {
  const MessageIndex& index = queue.messages->index;
  std::vector<ToldMessage> told;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const Message& message = messages[i];
    const Sequence sequence = index[slots[i]].sequence;
    if (telling_.follows(sequence))
      told.push_back({.sequence = sequence,
                      .id = message.message_id.value_or(""),
                      .bytes = message.body.value_or("").size()});
  }
  if (told.empty()) return;
  const std::string until =
      "hidden from others until " + told_time(clock_.now() + receive.visibility_timeout);
  telling_.tell(queue,
                {.kind = services::HopKind::received, .caller = receive.caller, .reason = until},
                told);
}

/// What the attempt took when it was made before, with a new timeout; else the next messages.
std::vector<Slot> Service::repeat_attempt(Queue& queue, const Receive& receive,
                                          PageChanges& changes) {
  const runtime::Time now = clock_.now();
  Messages& messages = *queue.messages;
  std::vector<Slot> slots = messages.attempts.find(*receive.attempt_id, messages.index, now);
  for (const Slot slot : slots) {
    changes.touch(slot);
    messages.index.set_visible_at(slot, now + receive.visibility_timeout);
  }
  if (slots.empty()) slots = take_messages(queue, receive, changes);
  if (!slots.empty()) messages.attempts.put(*receive.attempt_id, slots, messages.index, now);
  return slots;
}

/// Takes the next messages; those that were received too often go to the dead-letter queue.
std::vector<Slot> Service::take_messages(Queue& queue, const Receive& receive,
                                         PageChanges& changes) {
  const runtime::Time now = clock_.now();
  MessageIndex& index = queue.messages->index;
  Receiving receiving;
  std::vector<Slot> taken;
  while (taken.size() < receive.max_messages) {
    const Slot slot = index.next(receiving);
    if (slot == no_slot) break;
    if (Queue* target = find_dead_letter_queue(queue, slot)) {
      move_message(queue, slot, *target, {.kind = services::HopKind::dead_lettered});
      changes.remove(slot);
      continue;
    }
    if (index.counts().in_flight >= options_.max_in_flight) {
      // A standard queue says so to whoever does not wait; a FIFO queue just gives nothing.
      if (taken.empty() && !queue.settings.fifo && receive.wait == std::chrono::seconds(0))
        throw OverLimit(
            "Too many messages have been received without being deleted. Please delete your "
            "received messages or let them timeout before receiving more.");
      break;
    }
    index.receive(receiving, slot, now, now + receive.visibility_timeout);
    changes.touch(slot);
    taken.push_back(slot);
  }
  return taken;
}

std::vector<Message> Service::describe_all(const Queue& queue, const std::vector<Slot>& slots,
                                           const AttributeFilter& filter) {
  const MessageIndex& index = queue.messages->index;
  std::vector<Message> messages;
  messages.reserve(slots.size());
  using Reading = MessageTables::Reading;
  Sequence page = 0;
  std::string_view bytes;
  for (const Slot slot : slots) {
    if (index[slot].page() != page) {
      page = index[slot].page();
      const bool whole = slots.size() >= index[slot].page_size && index[slot].offset == 0;
      bytes = tables_.require_page(queue.record.number, page,
                                   whole ? Reading::last : Reading::not_last);
    }
    messages.push_back(describe(queue, slot, read_message(bytes, index[slot].offset), filter));
  }
  return messages;
}

Message Service::describe(const Queue& queue, Slot slot, const MessageView& view,
                          const AttributeFilter& filter) const {
  const Entry& entry = queue.messages->index[slot];
  Message message;
  message.message_id = to_string(view.id);
  message.receipt_handle = encode_receipt(queue.hash_key, {.queue = queue.record.number,
                                                           .sequence = entry.sequence,
                                                           .receive_count = entry.receive_count,
                                                           .slot = slot});
  message.md5_of_body = hex(view.body_md5);
  message.body = view.body;
  if (filter.wants_any_system()) {
    auto attributes = system_attributes(entry, view, queue.settings.fifo, filter);
    if (!attributes.empty()) message.attributes = std::move(attributes);
  }
  if (!view.attributes.empty() && filter.wants_message_attributes()) {
    auto attributes = decode_attributes(view.attributes);
    filter.apply(attributes);
    if (!attributes.empty()) {
      message.md5_of_message_attributes = hex(md5_of_attributes(attributes));
      message.message_attributes = std::move(attributes);
    }
  }
  return message;
}

}  // namespace matinee::sqs
