#include "services/sqs/message_index.h"

#include "runtime/assertion.h"

namespace matinee::sqs {

using runtime::expect;
using runtime::Time;

namespace {

std::uint32_t milliseconds_after(Time start, Time now) {
  const auto passed = std::chrono::floor<std::chrono::milliseconds>(now - start).count();
  return static_cast<std::uint32_t>(std::max<std::int64_t>(passed, 0)) + 1;
}

Time last_receive(const Entry& entry) {
  return entry.sent_at + std::chrono::milliseconds(entry.last_received - 1);
}

}  // namespace

Slot MessageIndex::add_page(Sequence first, unsigned count) {
  const Slot start = slab_.allocate(count);
  for (unsigned i = 0; i < count; ++i) {
    Entry& entry = slab_[start + i];
    entry = {};
    entry.sequence = first + i;
    entry.offset = static_cast<std::uint8_t>(i);
    entry.page_size = static_cast<std::uint8_t>(count);
    entry.group = no_group;
    entry.previous = entry.next = entry.older = entry.newer = no_slot;
  }
  return start;
}

void MessageIndex::release_page(Slot first) {
  slab_.release(first, slab_[first].page_size);
}

void MessageIndex::place(Slot slot, const Placement& placement, Time now) {
  now_ = std::max(now_, now);
  Entry& entry = slab_[slot];
  entry.sent_at = placement.sent_at;
  entry.visible_at = placement.visible_at;
  entry.receive_count = placement.receive_count;
  entry.first_received = placement.first_received;
  entry.last_received = placement.last_received;
  if (entry.receive_count > 0) placed_received_.emplace(entry.sequence, slot);
  link_by_age(slot);
  if (fifo_ || !placement.group.none()) {
    entry.group = require_group(placement.group);
    Group& group = groups_[entry.group];
    ++group.size;
    const auto sent = static_cast<std::uint32_t>(runtime::to_seconds(entry.sent_at));
    group.last_sent = std::max(group.last_sent, sent);
  }
  if (fifo_) append_to_group(slot);
  if (entry.visible_at <= now) return enter(slot, MessageState::visible);
  enter(slot, entry.receive_count > 0 ? MessageState::in_flight : MessageState::delayed);
  if (!fifo_ && entry.state == MessageState::in_flight)
    consumer_time_.add(entry.group, now - last_receive(entry));
}

void MessageIndex::advance(Time now) {
  while (!timers_.empty() && slab_[timers_[0]].visible_at <= now) {
    const Slot slot = timers_[0];
    now_ = std::max(now_, slab_[slot].visible_at);
    leave(slot);
    enter(slot, MessageState::visible);
  }
  now_ = std::max(now_, now);
}

std::optional<Time> MessageIndex::next_change() const {
  if (timers_.empty()) return std::nullopt;
  return slab_[timers_[0]].visible_at;
}

Slot MessageIndex::next(const Receiving& receiving) const {
  if (!fifo_) return next_of_standard();
  if (receiving.last != no_slot) {
    const Slot following = slab_[receiving.last].next;
    if (following != no_slot && slab_[following].state == MessageState::visible) return following;
  }
  return ready_group_head_ == no_group ? no_slot : groups_[ready_group_head_].head;
}

void MessageIndex::receive(Receiving& receiving, Slot slot, Time now, Time visible_at) {
  Entry& entry = slab_[slot];
  expect(entry.state == MessageState::visible, "only visible messages are received");
  now_ = std::max(now_, now);
  leave(slot);
  entry.visible_at = visible_at;
  entry.last_received = milliseconds_after(entry.sent_at, now);
  if (entry.first_received == 0) entry.first_received = entry.last_received;
  ++entry.receive_count;
  enter(slot, MessageState::in_flight);
  receiving.last = slot;
}

void MessageIndex::set_visible_at(Slot slot, Time visible_at) {
  Entry& entry = slab_[slot];
  if (entry.state == MessageState::in_flight) {
    entry.visible_at = visible_at;
    return move_timer(slot);
  }
  expect(!fifo_ && entry.receive_count > 0 && entry.state == MessageState::visible,
         "only messages that were received are hidden");
  leave(slot);
  entry.visible_at = visible_at;
  enter(slot, MessageState::in_flight);
}

void MessageIndex::set_delay(runtime::Duration delay, Time now) {
  for (Slot slot = oldest_; slot != no_slot; slot = slab_[slot].newer) {
    Entry& entry = slab_[slot];
    if (entry.receive_count > 0) continue;
    leave(slot);
    entry.visible_at = entry.sent_at + delay;
    enter(slot, entry.visible_at <= now ? MessageState::visible : MessageState::delayed);
  }
}

Slot MessageIndex::find(Sequence sequence, Slot slot) const {
  const auto is_it = [&](Slot place) {
    return slab_.contains(place) && slab_[place].sequence == sequence &&
           slab_[place].state != MessageState::gone;
  };
  if (is_it(slot)) return slot;
  const auto placed = placed_received_.find(sequence);
  return placed != placed_received_.end() && is_it(placed->second) ? placed->second : no_slot;
}

Slot MessageIndex::first_after(Time sent_at, Sequence sequence) const {
  const auto is_after = [&](Slot slot) {
    const Entry& entry = slab_[slot];
    return std::pair(entry.sent_at, entry.sequence) > std::pair(sent_at, sequence);
  };
  Slot first = oldest_;
  for (Slot last = newest_; first != no_slot; first = slab_[first].newer) {
    if (is_after(first)) return first;
    if (!is_after(last)) return slab_[last].newer;
    last = slab_[last].older;
  }
  return no_slot;
}

bool MessageIndex::remove(Slot slot) {
  leave(slot);
  if (fifo_) unlink_from_group(slot);
  if (slab_[slot].group != no_group) leave_group(slab_[slot].group);
  unlink_by_age(slot);
  slab_[slot].state = MessageState::gone;
  const Slot first = page_start(slot);
  for (Slot other = first; other < first + slab_[slot].page_size; ++other)
    if (slab_[other].state != MessageState::gone) return false;
  release_page(first);
  forget_if_empty();
  return true;
}

/// Gives back the memory that a long queue needed.
void MessageIndex::forget_if_empty() {
  if (size() > 0) return;
  timers_ = {};
  groups_.clear();
  free_groups_ = {};
  group_numbers_.clear();
  placed_received_.clear();
}

// States.

std::uint64_t& MessageIndex::count_of(MessageState state) {
  if (state == MessageState::visible) return counts_.visible;
  return state == MessageState::delayed ? counts_.delayed : counts_.in_flight;
}

/// Gives an entry, which is in no list but those of its group and age, a state.
void MessageIndex::enter(Slot slot, MessageState state) {
  Entry& entry = slab_[slot];
  entry.state = state;
  ++count_of(state);
  if (state != MessageState::visible) push_timer(slot);
  if (!fifo_) {
    if (state == MessageState::visible) push_ready(slot);
    if (state == MessageState::in_flight) enter_flight(entry);
    return;
  }
  refresh_group(entry.group);
}

/// The opposite of `enter`; a new state must follow, or the removal of the message.
void MessageIndex::leave(Slot slot) {
  Entry& entry = slab_[slot];
  --count_of(entry.state);
  if (entry.state != MessageState::visible) erase_timer(slot);
  if (!fifo_) {
    if (entry.state == MessageState::visible) unlink_ready(slot);
    if (entry.state == MessageState::in_flight) leave_flight(entry);
  }
}

// All messages by age. Only what a dead-letter queue takes over is older than what it has already.

void MessageIndex::link_by_age(Slot slot) {
  Entry& entry = slab_[slot];
  Slot older = newest_;
  while (older != no_slot && slab_[older].sent_at > entry.sent_at) older = slab_[older].older;
  entry.older = older;
  entry.newer = older == no_slot ? oldest_ : slab_[older].newer;
  (entry.older == no_slot ? oldest_ : slab_[entry.older].newer) = slot;
  (entry.newer == no_slot ? newest_ : slab_[entry.newer].older) = slot;
}

void MessageIndex::unlink_by_age(Slot slot) {
  const Entry& entry = slab_[slot];
  (entry.older == no_slot ? oldest_ : slab_[entry.older].newer) = entry.newer;
  (entry.newer == no_slot ? newest_ : slab_[entry.newer].older) = entry.older;
}

// Message groups.

GroupNumber MessageIndex::require_group(const Hash96& hash) {
  if (const GroupNumber* number = group_numbers_.find(hash)) return *number;
  GroupNumber number;
  if (free_groups_.empty()) {
    number = static_cast<GroupNumber>(groups_.size());
    groups_.emplace_back();
  } else {
    number = free_groups_.back();
    free_groups_.pop_back();
  }
  groups_[number] = {.hash = hash};
  group_numbers_.put(hash, number);
  return number;
}

void MessageIndex::append_to_group(Slot slot) {
  Entry& entry = slab_[slot];
  Group& group = groups_[entry.group];
  expect(group.tail == no_slot || slab_[group.tail].sequence < entry.sequence,
         "a group is in the order of its sequences");
  entry.previous = group.tail;
  entry.next = no_slot;
  (group.tail == no_slot ? group.head : slab_[group.tail].next) = slot;
  group.tail = slot;
}

void MessageIndex::unlink_from_group(Slot slot) {
  const Entry& entry = slab_[slot];
  const GroupNumber number = entry.group;
  Group& group = groups_[number];
  (entry.previous == no_slot ? group.head : slab_[entry.previous].next) = entry.next;
  (entry.next == no_slot ? group.tail : slab_[entry.next].previous) = entry.previous;
  refresh_group(number);
}

void MessageIndex::leave_group(GroupNumber number) {
  if (--groups_[number].size > 0) return;
  consumer_time_.forget(number);
  group_numbers_.erase(groups_[number].hash);
  free_groups_.push_back(number);
}

/// A group is ready while its first message is visible: it gives its messages up to the first that
/// is hidden, and those behind that one stay hidden with it.
void MessageIndex::refresh_group(GroupNumber number) {
  const Group& group = groups_[number];
  const bool ready = group.head != no_slot && slab_[group.head].state == MessageState::visible;
  if (ready == group.ready) return;
  if (ready)
    push_ready_group(number);
  else
    unlink_ready_group(number);
}

void MessageIndex::push_ready_group(GroupNumber number) {
  Group& group = groups_[number];
  group.ready = true;
  group.previous_ready = ready_group_tail_;
  group.next_ready = no_group;
  (ready_group_tail_ == no_group ? ready_group_head_ : groups_[ready_group_tail_].next_ready) =
      number;
  ready_group_tail_ = number;
}

void MessageIndex::unlink_ready_group(GroupNumber number) {
  Group& group = groups_[number];
  group.ready = false;
  (group.previous_ready == no_group ? ready_group_head_
                                    : groups_[group.previous_ready].next_ready) = group.next_ready;
  (group.next_ready == no_group ? ready_group_tail_ : groups_[group.next_ready].previous_ready) =
      group.previous_ready;
}

}  // namespace matinee::sqs
