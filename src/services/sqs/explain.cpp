// Why a message is not received, or where it is: `matinee why --queue`.
#include <fmt/format.h>

#include "services/sqs/service.h"
#include "services/sqs/walk.h"
#include "storage/store.h"

namespace matinee::sqs {

using services::Explanation;
using services::Question;

namespace {

/// "in 2 m 5 s"
std::string in_words(runtime::Duration wait) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
  if (seconds < 60) return fmt::format("in {} s", seconds);
  if (seconds < 3600) return fmt::format("in {} m {} s", seconds / 60, seconds % 60);
  if (seconds < 86'400) return fmt::format("in {} h {} m", seconds / 3600, seconds % 3600 / 60);
  return fmt::format("in {} d {} h", seconds / 86'400, seconds % 86'400 / 3600);
}

std::string until(runtime::Time time, runtime::Time now) {
  return fmt::format("until {} ({})", told_time(time), in_words(time - now));
}

std::string to_advance(runtime::Duration wait) {
  return fmt::format("`matinee clock advance {}s` lets that time pass.",
                     std::chrono::ceil<std::chrono::seconds>(wait).count());
}

}  // namespace

/// The first message of a FIFO queue's group that keeps the others from being received.
Slot Service::find_blocker(const Queue& queue, Slot slot) {
  const MessageIndex& index = queue.messages->index;
  Slot blocker = no_slot;
  for (Slot before = index[slot].previous; before != no_slot; before = index[before].previous)
    if (index[before].state != MessageState::visible) blocker = before;
  return blocker;
}

void Service::explain_visible(Queue& queue, Slot slot, Explanation& found) {
  const MessageIndex& index = queue.messages->index;
  const Entry& entry = index[slot];
  const Slot blocker = queue.settings.fifo ? find_blocker(queue, slot) : no_slot;
  const runtime::Time now = clock_.now();
  if (blocker != no_slot) {
    const Entry& first = index[blocker];
    const MessageView view =
        read_message(tables_.require_page(queue.record.number, first.page()), first.offset);
    found.sentences.push_back(fmt::format(
        "It has to wait for message {} of its group \"{}\", which is {} {}: a group's messages are "
        "given in their order.",
        to_string(view.id), view.group_id,
        first.state == MessageState::delayed ? "delayed" : "in flight",
        until(first.visible_at, now)));
    found.remedies.push_back(to_advance(first.visible_at - now));
    return;
  }
  found.sentences.push_back(
      entry.receive_count == 0
          ? "It can be received now, and nobody has received it yet."
          : fmt::format("It can be received now; it has been received {} and was not deleted.",
                        told_times(entry.receive_count)));
}

void Service::explain_state(Queue& queue, Slot slot, Explanation& found) {
  const Entry& entry = queue.messages->index[slot];
  const runtime::Time now = clock_.now();
  found.holds = true;
  {
    const MessageView view =
        read_message(tables_.require_page(queue.record.number, entry.page()), entry.offset);
    found.sentences.push_back(fmt::format("Message {} is in queue {}; it was sent at {}.",
                                          to_string(view.id), queue.key.name,
                                          told_time(entry.sent_at)));
    if (!view.dead_letter_source_arn.empty())
      found.sentences.push_back(
          fmt::format("It came here as a dead letter of {}.", view.dead_letter_source_arn));
  }
  switch (entry.state) {
    case MessageState::visible:
      explain_visible(queue, slot, found);
      break;
    case MessageState::delayed:
      found.sentences.push_back(fmt::format("It is delayed {}.", until(entry.visible_at, now)));
      found.remedies.push_back(to_advance(entry.visible_at - now));
      break;
    case MessageState::in_flight:
      found.sentences.push_back(fmt::format(
          "It is in flight: it has been received {}, and others do not see it {}, unless "
          "it is deleted before.",
          told_times(entry.receive_count), until(entry.visible_at, now)));
      found.remedies.push_back(
          "Whoever has received it may delete it, or show it again by "
          "ChangeMessageVisibility with 0.");
      found.remedies.push_back(to_advance(entry.visible_at - now));
      break;
    case MessageState::gone:
      break;
  }
  const runtime::Time end = entry.sent_at + queue.settings.retention;
  found.sentences.push_back(fmt::format("The queue keeps it {}.", until(end, now)));
  if (queue.settings.redrive)
    found.sentences.push_back(fmt::format("After {} receive{} it goes to the dead-letter queue {}.",
                                          queue.settings.redrive->max_receive_count,
                                          queue.settings.redrive->max_receive_count == 1 ? "" : "s",
                                          queue.settings.redrive->target.name));
}

void Service::require_takes(const Context& sender, const std::string& queue_arn,
                            std::size_t bytes) {
  const std::optional<QueueKey> key = parse_arn(queue_arn);
  const Queue* queue = key ? find_queue(*key) : nullptr;
  if (!queue) throw no_such_queue();
  if (static_cast<std::int64_t>(bytes) > queue->settings.maximum_message_size)
    throw too_long(queue->settings);
  // Looking at a key may make it, and notes its use: nothing of that shall stay.
  const storage::Transaction transaction(store_);
  require_encryption_key(sender, *queue, false);
}

runtime::Task<Explanation> Service::explain(Context context, Question question) {
  {
    storage::Transaction transaction(store_);
    expire(require_seen(question.resource));
    transaction.commit();
  }
  runtime::Turns& turns = loop_.turns();
  Walk walk(*this, require_seen(question.resource));
  while (!walk.ended()) {
    if (turns.is_over()) {
      co_await turns.next();
      walk.find_again();
      continue;
    }
    const MessageView view = walk.view();
    if (question.body_part.empty() ? to_string(view.id) == question.message_id
                                   : view.body.find(question.body_part) != std::string_view::npos)
      break;
    walk.next();
  }
  Queue& queue = walk.queue();
  Explanation found;
  if (!walk.ended()) {
    explain_state(queue, walk.slot(), found);
  } else {
    const MessageIndex::Counts counts = messages_of(queue).index.counts();
    found.sentences.push_back(fmt::format(
        "There is no such message in queue {}, which has {} that can be received, {} in flight and "
        "{} delayed.",
        queue.key.name, counts.visible, counts.in_flight, counts.delayed));
    if (queue.record.purged_at)
      found.sentences.push_back(
          fmt::format("The queue was purged at {}: what it had until then is gone.",
                      told_time(*queue.record.purged_at)));
  }
  try {
    storage::Transaction transaction(store_);
    require_encryption_key(context, queue, true);
    transaction.commit();
  } catch (const protocol::ServiceError& error) {
    found.sentences.push_back(fmt::format(
        "Nobody receives anything from it, since its key cannot be used: {}", error.message()));
  }
  co_return found;
}

}  // namespace matinee::sqs
