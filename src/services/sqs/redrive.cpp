// Messages that were received too often without being deleted go to the queue's dead-letter queue,
// in the transaction of the receive that would have been one too many.
#include <fmt/format.h>

#include "services/sqs/service.h"
#include "storage/store.h"

namespace matinee::sqs {

Queue* Service::find_dead_letter_queue(const Queue& queue, Slot slot) {
  const std::optional<RedrivePolicy>& policy = queue.settings.redrive;
  if (!policy || queue.messages->index[slot].receive_count < policy->max_receive_count)
    return nullptr;
  // While there is no such queue, or it is of the other kind, the message stays where it is.
  Queue* target = find_queue(policy->target);
  const bool usable = target && target != &queue && target->settings.fifo == queue.settings.fifo;
  return usable ? target : nullptr;
}

void Service::tell_move(const Queue& queue, const Queue& target, Move move,
                        const ToldMessage& told) {
  std::string reason;
  if (move.kind == services::HopKind::dead_lettered) {
    const auto receives = queue.settings.redrive->max_receive_count;
    reason = fmt::format(
        "it was received {} time{} and not deleted: as often as the queue's redrive policy allows",
        receives, receives == 1 ? "" : "s");
  }
  telling_.tell(queue,
                {.kind = move.kind, .caller = move.caller, .peer = target.arn, .reason = reason},
                {told});
}

/// A message that goes to a dead-letter queue keeps id, group and receives. On a standard queue it
/// keeps the time it was sent, by which it expires; on a FIFO queue, where it gets a new place in
/// its group, that starts anew; and its deduplication id there is its message id, so that two
/// messages that had the same one are two. One that comes back from there is a new message of the
/// same group.
void Service::move_message(Queue& queue, Slot slot, Queue& target, Move move) {
  const runtime::Time now = clock_.now();
  const Entry& entry = queue.messages->index[slot];
  Messages& messages = messages_of(target);
  undo_on_rollback(store_, target);
  const Sequence sequence = next_sequence(1);
  const bool is_told = telling_.follows(entry.sequence);
  // The view points into the store, which the writes below change: it is done with before.
  MessageView view =
      read_message(tables_.require_page(queue.record.number, entry.page()), entry.offset);
  const bool is_new = move.kind == services::HopKind::moved;
  const std::string original_id = to_string(view.id);
  if (!is_new && queue.settings.fifo) view.deduplication_id = original_id;
  if (is_new) view.id = message_id(target.hash_key, sequence);
  ToldMessage told{.sequence = sequence, .id = to_string(view.id), .bytes = view.body.size()};
  if (is_new) told.cause = original_id;
  telling_.pass_on(queue, original_id, told.id);
  view.earlier_receives = is_new ? 0 : view.earlier_receives + entry.receive_count;
  view.dead_letter_source_arn = is_new ? std::string_view() : queue.arn;
  PageWriter page;
  page.add(view);
  MessageIndex::Placement placement{.sent_at = is_new || target.settings.fifo ? now : entry.sent_at,
                                    .visible_at = now + target.settings.delay};
  if (!view.group_id.empty()) placement.group = keyed_hash(target.hash_key, view.group_id);
  const std::string body(is_told ? view.body : std::string_view());
  const std::string settings =
      is_told ? told_settings(decode_attributes(view.attributes), std::string(view.group_id),
                              std::string(view.deduplication_id))
              : std::string();
  const Slot copy = messages.index.add_page(sequence, 1);
  messages.index.place(copy, placement, now);
  tables_.put_page(target.record.number, sequence, page.bytes());
  tables_.put_states(target.record.number, sequence, encode_states(messages.index, copy));
  serve_later(target);
  if (!is_told) return;
  tell_move(queue, target, move, told);
  telling_.keep_moved(target, {.id = told.id, .body = body, .settings = settings});
}

}  // namespace matinee::sqs
