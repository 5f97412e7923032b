// What is done with a receipt handle: DeleteMessage and ChangeMessageVisibility, alone and in
// batches.
#include <fmt/format.h>

#include "services/sqs/rules.h"
#include "services/sqs/service.h"
#include "storage/store.h"

namespace matinee::sqs {

namespace {

constexpr std::int32_t max_visibility_seconds = 43'200;

[[noreturn]] void refuse_expired(const std::string& handle) {
  refuse_value("ReceiptHandle", handle, "The receipt handle has expired.");
}

/// A batch has another error for it than the single operation.
[[noreturn]] void refuse_expired_in_batch() {
  throw ReceiptHandleIsInvalid("The receipt handle has expired.");
}

}  // namespace

Service::Held Service::find_held(Queue& queue, const std::string& handle) {
  const std::optional<Receipt> receipt = decode_receipt(queue.hash_key, handle);
  if (!receipt) {
    for (const auto& [key, other] : queues_)
      if (decode_receipt(other->hash_key, handle))
        throw ReceiptHandleIsInvalid(
            fmt::format("The receipt handle \"{}\" is not valid for this queue.", handle));
    throw ReceiptHandleIsInvalid(
        fmt::format("The input receipt handle \"{}\" is not a valid receipt handle.", handle));
  }
  const MessageIndex& index = queue.messages->index;
  const Slot slot = index.find(receipt->sequence, receipt->slot);
  if (slot == no_slot) return {};
  return {.slot = slot, .latest = index[slot].receive_count == receipt->receive_count};
}

/// A message that is gone is deleted once more without an error. On a standard queue the latest
/// handle deletes even after its timeout, and an older one does nothing; on a FIFO queue a handle
/// that has lost its hold of the message is refused, lest the order of its group break.
bool Service::delete_one(Handling& handling, const std::string& handle) {
  Queue& queue = handling.queue;
  if (handle.empty()) refuse_missing("ReceiptHandle");
  const Held held = find_held(queue, handle);
  if (held.slot == no_slot) return true;
  count_group(queue, QuotaAction::remove, held.slot);
  const bool in_flight = queue.messages->index[held.slot].state == MessageState::in_flight;
  if (queue.settings.fifo && !(held.latest && in_flight)) return false;
  if (!held.latest) return true;
  if (auto told = told_of(queue, held.slot)) handling.told.push_back(*std::move(told));
  handling.changes.remove(held.slot);
  return true;
}

/// On a standard queue any handle of a message will do, whether or not the message is in flight.
bool Service::hide_one(Handling& handling, const std::string& handle,
                       std::int32_t timeout_seconds) {
  Queue& queue = handling.queue;
  if (handle.empty()) refuse_missing("ReceiptHandle");
  if (timeout_seconds < 0 || timeout_seconds > max_visibility_seconds)
    refuse_value("VisibilityTimeout", std::to_string(timeout_seconds),
                 fmt::format("VisibilityTimeout must be >= 0 and <= {}.", max_visibility_seconds));
  const Held held = find_held(queue, handle);
  if (held.slot == no_slot)
    refuse_value("ReceiptHandle", handle,
                 "Message does not exist or is not available for visibility timeout change.");
  count_group(queue, QuotaAction::change_visibility, held.slot);
  MessageIndex& index = queue.messages->index;
  const Entry& entry = index[held.slot];
  if (queue.settings.fifo && (!held.latest || entry.state != MessageState::in_flight)) return false;
  const runtime::Time visible_at = clock_.now() + std::chrono::seconds(timeout_seconds);
  const runtime::Time received_at =
      entry.sent_at + std::chrono::milliseconds(entry.last_received - 1);
  if (visible_at >
      received_at + std::chrono::seconds(max_visibility_seconds) + std::chrono::milliseconds(1))
    refuse_value("VisibilityTimeout", std::to_string(timeout_seconds),
                 fmt::format("Total VisibilityTimeout for the message is beyond the limit [{} "
                             "seconds]",
                             max_visibility_seconds));
  if (auto told = told_of(queue, held.slot)) handling.told.push_back(*std::move(told));
  index.set_visible_at(held.slot, visible_at);
  handling.changes.touch(held.slot);
  return true;
}

std::optional<ToldMessage> Service::told_of(const Queue& queue, Slot slot) {
  const Entry& entry = queue.messages->index[slot];
  if (!telling_.follows(entry.sequence)) return std::nullopt;
  const MessageView view =
      read_message(tables_.require_page(queue.record.number, entry.page()), entry.offset);
  return ToldMessage{
      .sequence = entry.sequence, .id = to_string(view.id), .bytes = view.body.size()};
}

void Service::tell_hidden(const Context& context, const Handling& handling,
                          std::int32_t timeout_seconds) {
  if (handling.told.empty()) return;
  const bool is_shown = timeout_seconds == 0;
  const std::string until =
      "hidden from others until " + told_time(clock_.now() + std::chrono::seconds(timeout_seconds));
  telling_.tell(handling.queue,
                {.kind = is_shown ? services::HopKind::returned : services::HopKind::hidden,
                 .caller = &context,
                 .reason = is_shown ? std::string_view() : until},
                handling.told);
}

DeleteMessageResponse Service::delete_message(const Context& context,
                                              const DeleteMessageRequest& request) {
  Queue& queue = require_queue(context, request.queue_url);
  count_call(queue, QuotaAction::remove);
  const MessageIndex& index = messages_of(queue).index;
  // A group goes on, or a queue with as many messages in flight as there may be.
  const bool lets_others_receive =
      queue.settings.fifo || index.counts().in_flight >= options_.max_in_flight;
  Handling handling{.queue = queue, .changes = PageChanges(store_, tables_, queue)};
  if (!delete_one(handling, request.receipt_handle)) refuse_expired(request.receipt_handle);
  handling.changes.write();
  telling_.tell(queue, {.kind = services::HopKind::deleted, .caller = &context}, handling.told);
  if (lets_others_receive) serve_later(queue);
  return {};
}

DeleteMessageBatchResponse Service::delete_message_batch(const Context& context,
                                                         const DeleteMessageBatchRequest& request) {
  Queue& queue = require_queue(context, request.queue_url);
  count_call(queue, QuotaAction::remove);
  require_batch(request.entries, "DeleteMessageBatchRequestEntry");
  const MessageIndex& index = messages_of(queue).index;
  // A group goes on, or a queue with as many messages in flight as there may be.
  const bool lets_others_receive =
      queue.settings.fifo || index.counts().in_flight >= options_.max_in_flight;
  Handling handling{.queue = queue, .changes = PageChanges(store_, tables_, queue)};
  DeleteMessageBatchResponse response;
  response.successful.reserve(request.entries.size());
  for (const DeleteMessageBatchRequestEntry& entry : request.entries) {
    try {
      if (!delete_one(handling, entry.receipt_handle)) refuse_expired_in_batch();
      response.successful.push_back({.id = entry.id});
    } catch (const protocol::ServiceError& error) {
      response.failed.push_back(to_failure(entry.id, error));
    }
  }
  handling.changes.write();
  telling_.tell(queue, {.kind = services::HopKind::deleted, .caller = &context}, handling.told);
  if (lets_others_receive) serve_later(queue);
  return response;
}

ChangeMessageVisibilityResponse Service::change_message_visibility(
    const Context& context, const ChangeMessageVisibilityRequest& request) {
  Queue& queue = require_queue(context, request.queue_url);
  count_call(queue, QuotaAction::change_visibility);
  messages_of(queue);
  Handling handling{.queue = queue, .changes = PageChanges(store_, tables_, queue)};
  if (!hide_one(handling, request.receipt_handle, request.visibility_timeout))
    refuse_expired(request.receipt_handle);
  handling.changes.write();
  tell_hidden(context, handling, request.visibility_timeout);
  serve_later(queue);
  return {};
}

ChangeMessageVisibilityBatchResponse Service::change_message_visibility_batch(
    const Context& context, const ChangeMessageVisibilityBatchRequest& request) {
  Queue& queue = require_queue(context, request.queue_url);
  count_call(queue, QuotaAction::change_visibility);
  require_batch(request.entries, "ChangeMessageVisibilityBatchRequestEntry");
  messages_of(queue);
  Handling handling{.queue = queue, .changes = PageChanges(store_, tables_, queue)};
  ChangeMessageVisibilityBatchResponse response;
  for (const ChangeMessageVisibilityBatchRequestEntry& entry : request.entries) {
    try {
      if (!entry.visibility_timeout)
        refuse_missing(fmt::format("ChangeMessageVisibilityBatchRequestEntry.{}.VisibilityTimeout",
                                   &entry - request.entries.data() + 1));
      if (!hide_one(handling, entry.receipt_handle, *entry.visibility_timeout))
        refuse_expired_in_batch();
      tell_hidden(context, handling, *entry.visibility_timeout);
      handling.told.clear();
      response.successful.push_back({.id = entry.id});
    } catch (const protocol::ServiceError& error) {
      response.failed.push_back(to_failure(entry.id, error));
    }
  }
  handling.changes.write();
  serve_later(queue);
  return response;
}

}  // namespace matinee::sqs
