// What queues have, without receiving it, and what people do with single messages: for the console.
#include <fmt/format.h>

#include <charconv>
#include <map>

#include "protocol/base64.h"
#include "services/sqs/service.h"
#include "services/sqs/walk.h"
#include "sqs/operations.h"
#include "storage/store.h"

namespace matinee::sqs {

using services::QueuedState;
using services::QueueSummary;
using services::SeenMessage;

namespace {

/// Which message it is, where it was, and its place in the order: "SEQUENCE-SLOT-SENT".
struct Handle {
  Sequence sequence = 0;
  Slot slot = 0;
  runtime::Time sent_at;
};

std::string to_handle(const MessageIndex& index, Slot slot) {
  return fmt::format("{}-{}-{}", index[slot].sequence, slot,
                     index[slot].sent_at.time_since_epoch().count());
}

/// Takes a number and what ends it from the text's beginning.
template <class Number>
bool take_number(std::string_view& text, Number& number, std::string_view end) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
  if (!text.starts_with(end)) return false;
  text.remove_prefix(end.size());
  return true;
}

/// Throws where the text is no handle.
Handle read_handle(const std::string& text) {
  Handle handle;
  std::string_view rest = text;
  runtime::Duration::rep sent = 0;
  if (!take_number(rest, handle.sequence, "-") || !take_number(rest, handle.slot, "-") ||
      !take_number(rest, sent, "") || !rest.empty())
    throw InvalidParameterValueException(fmt::format("\"{}\" names no message.", text));
  handle.sent_at = runtime::Time(runtime::Duration(sent));
  return handle;
}

/// The message, or no_slot where it is gone. Throws where the text is no handle.
Slot find_by_handle(const MessageIndex& index, const std::string& text) {
  const Handle handle = read_handle(text);
  return index.find(handle.sequence, handle.slot);
}

/// What the message takes of a page's length.
std::size_t length_of(const SeenMessage& message) {
  std::size_t length = message.body.size();
  for (const services::SeenAttribute& attribute : message.attributes)
    length += attribute.name.size() + attribute.value.size();
  return length;
}

QueuedState state_of(const Entry& entry, bool is_blocked) {
  if (entry.state == MessageState::delayed) return QueuedState::delayed;
  if (entry.state == MessageState::in_flight) return QueuedState::in_flight;
  return is_blocked ? QueuedState::behind : QueuedState::visible;
}

std::vector<services::SeenAttribute> attributes_of(const MessageView& view) {
  std::vector<services::SeenAttribute> seen;
  for (const auto& [name, value] : decode_attributes(view.attributes))
    seen.push_back({.name = name,
                    .type = value.data_type,
                    .value = value.binary_value ? protocol::base64_encode(value.binary_value->bytes)
                                                : value.string_value.value_or("")});
  return seen;
}

}  // namespace

/// Which message of each group holds up those behind it, for messages that are looked at in their
/// order.
class Service::Blockers {
 public:
  explicit Blockers(const Queue& queue) : queue_(queue) {}

  /// no_slot where nobody does.
  Slot of(Slot slot) {
    if (!queue_.settings.fifo) return no_slot;
    const Entry& entry = queue_.messages->index[slot];
    const auto known = by_group_.find(entry.group);
    const Slot blocker = known == by_group_.end() ? find_blocker(queue_, slot) : known->second;
    const bool blocks = blocker == no_slot && entry.state != MessageState::visible;
    by_group_[entry.group] = blocks ? slot : blocker;
    return blocker;
  }

 private:
  const Queue& queue_;
  std::map<GroupNumber, Slot> by_group_;
};

QueueSummary Service::summarize(Queue& queue) {
  const MessageIndex& index = messages_of(queue).index;
  expire(queue);
  queue.messages->index.advance(clock_.now());
  const MessageIndex::Counts& counts = index.counts();
  QueueSummary summary{.name = queue.key.name,
                       .arn = queue.arn,
                       .fifo = queue.settings.fifo,
                       .visible = counts.visible,
                       .in_flight = counts.in_flight,
                       .delayed = counts.delayed};
  if (index.oldest() != no_slot) summary.oldest_sent = index[index.oldest()].sent_at;
  if (const auto& redrive = queue.settings.redrive) {
    summary.dead_letter_target = to_arn(redrive->target);
    summary.max_receives = redrive->max_receive_count;
  }
  return summary;
}

runtime::Task<std::vector<QueueSummary>> Service::summaries(Context context) {
  runtime::Turns& turns = loop_.turns();
  std::vector<QueueSummary> all;
  QueueKey last{.account = context.account, .region = context.region, .name = ""};
  for (;;) {
    if (turns.is_over()) co_await turns.next();
    const auto place = queues_.upper_bound(last);
    if (place == queues_.end() || place->first.account != last.account ||
        place->first.region != last.region)
      co_return all;
    last = place->first;
    storage::Transaction transaction(store_);
    if (has_right(context, *place->second, operations::GetQueueAttributes))
      all.push_back(summarize(*place->second));
    transaction.commit();
  }
}

Queue& Service::require_seen(const std::string& queue_arn) {
  const std::optional<QueueKey> key = parse_arn(queue_arn);
  Queue* queue = key ? find_queue(*key) : nullptr;
  if (!queue) throw no_such_queue();
  messages_of(*queue);
  return *queue;
}

/// The view of a page is over with the next write.
SeenMessage Service::see(const Queue& queue, Slot slot, Slot blocker) {
  const MessageIndex& index = queue.messages->index;
  const Entry& entry = index[slot];
  const MessageView view =
      read_message(tables_.require_page(queue.record.number, entry.page()), entry.offset);
  SeenMessage seen{.handle = to_handle(index, slot),
                   .id = to_string(view.id),
                   .body = std::string(view.body),
                   .state = state_of(entry, blocker != no_slot),
                   .reason = "It can be received now.",
                   .sent_at = entry.sent_at,
                   .expires_at = entry.sent_at + queue.settings.retention,
                   .receives = view.earlier_receives + entry.receive_count,
                   .group = std::string(view.group_id),
                   .deduplication_id = std::string(view.deduplication_id),
                   .sender = std::string(view.sender_id),
                   .trace_header = std::string(view.trace_header),
                   .dead_letter_source = std::string(view.dead_letter_source_arn),
                   .attributes = attributes_of(view)};
  if (queue.settings.fifo) seen.sequence_number = sequence_number(entry.sequence);
  if (entry.state != MessageState::visible) seen.visible_at = entry.visible_at;
  if (seen.state == QueuedState::delayed)
    seen.reason = fmt::format("It is delayed until {}.", told_time(entry.visible_at));
  if (seen.state == QueuedState::in_flight)
    seen.reason = fmt::format("It is in flight until {}: it has been received {}.",
                              told_time(entry.visible_at), told_times(entry.receive_count));
  if (seen.state != QueuedState::behind) return seen;
  const Entry& first = index[blocker];
  seen.blocker = to_string(
      read_message(tables_.require_page(queue.record.number, first.page()), first.offset).id);
  seen.visible_at = first.visible_at;
  seen.reason = fmt::format(
      "It waits behind message {} of its group, which is {} until {}.", seen.blocker,
      first.state == MessageState::delayed ? "delayed" : "in flight", told_time(first.visible_at));
  return seen;
}

runtime::Task<> Service::see_some(Walk& walk, services::QueuePage& page, std::size_t most) {
  runtime::Turns& turns = loop_.turns();
  std::optional<Blockers> blockers;
  std::size_t length = 0;
  while (!walk.ended() && page.messages.size() < most && length < longest_page) {
    if (turns.is_over()) {
      co_await turns.next();
      walk.find_again();
      blockers.reset();
      continue;
    }
    if (!blockers) blockers.emplace(walk.queue());
    const SeenMessage& seen =
        page.messages.emplace_back(see(walk.queue(), walk.slot(), blockers->of(walk.slot())));
    length += length_of(seen);
    walk.next();
  }
}

runtime::Task<services::QueuePage> Service::look(Context context, PageQuery query) {
  services::QueuePage page;
  {
    storage::Transaction transaction(store_);
    Queue& queue = require_seen(query.queue_arn);
    require_may_give(context, queue);
    page.summary = summarize(queue);
    transaction.commit();
  }
  Walk walk(*this, require_seen(query.queue_arn));
  if (!query.after.empty()) {
    const Handle after = read_handle(query.after);
    const MessageIndex& index = walk.queue().messages->index;
    const Slot slot = index.find(after.sequence, after.slot);
    walk.go_to(slot == no_slot ? index.first_after(after.sent_at, after.sequence)
                               : index[slot].newer);
  }
  co_await see_some(walk, page, query.most);
  if (!walk.ended() && !page.messages.empty()) page.next = page.messages.back().handle;
  co_return page;
}

/// Whoever is shown messages has them, as if they had been received.
void Service::require_may_give(const Context& context, const Queue& queue) const {
  require_right(context, queue, operations::ReceiveMessage);
  require_encryption_key(context, queue, true);
}

bool Service::may_read(const Context& context, const std::string& arn) const {
  const std::optional<QueueKey> key = parse_arn(arn);
  const Queue* queue = key ? find_queue(*key) : nullptr;
  return !queue || has_right(context, *queue, operations::ReceiveMessage);
}

void Service::require_may_take(const Context& context, const Queue& queue) const {
  require_right(context, queue, operations::SendMessage);
  require_encryption_key(context, queue, false);
}

std::vector<std::string> Service::delete_queued(const Context& context,
                                                const std::string& queue_arn,
                                                const std::vector<std::string>& handles) {
  Queue& queue = require_seen(queue_arn);
  require_right(context, queue, operations::DeleteMessage);
  std::vector<std::string> gone;
  Handling handling{.queue = queue, .changes = PageChanges(store_, tables_, queue)};
  for (const std::string& handle : handles) {
    const Slot slot = find_by_handle(queue.messages->index, handle);
    if (slot == no_slot) {
      gone.push_back(handle);
      continue;
    }
    if (auto told = told_of(queue, slot)) handling.told.push_back(*std::move(told));
    handling.changes.remove(slot);
  }
  handling.changes.write();
  telling_.tell(queue, {.kind = services::HopKind::deleted, .caller = &context}, handling.told);
  serve_later(queue);
  return gone;
}

Queue& Service::require_target(const Queue& source, Slot slot, const std::string& target_arn) {
  std::string arn = target_arn;
  if (arn.empty()) {
    const Entry& entry = source.messages->index[slot];
    arn = read_message(tables_.require_page(source.record.number, entry.page()), entry.offset)
              .dead_letter_source_arn;
  }
  if (arn.empty())
    throw InvalidParameterValueException(
        "The message was no dead letter of another queue: say where it shall go.");
  Queue& target = require_seen(arn);
  if (&target == &source)
    throw InvalidParameterValueException("The message is in that queue already.");
  if (target.settings.fifo != source.settings.fifo)
    throw InvalidParameterValueException(
        "Source queue and destination queue must be of the same type.");
  return target;
}

std::vector<std::string> Service::move_queued(const Context& context, const Moving& moving) {
  Queue& queue = require_seen(moving.queue_arn);
  require_may_give(context, queue);
  require_right(context, queue, operations::DeleteMessage);
  const Queue* may_take = nullptr;
  std::vector<std::string> gone;
  PageChanges changes(store_, tables_, queue);
  for (const std::string& handle : moving.handles) {
    const Slot slot = find_by_handle(queue.messages->index, handle);
    if (slot == no_slot) {
      gone.push_back(handle);
      continue;
    }
    Queue& target = require_target(queue, slot, moving.target_arn);
    if (may_take != &target) require_may_take(context, target);
    may_take = &target;
    move_message(queue, slot, target, {.kind = services::HopKind::moved, .caller = &context});
    changes.remove(slot);
  }
  changes.write();
  serve_later(queue);
  return gone;
}

}  // namespace matinee::sqs
