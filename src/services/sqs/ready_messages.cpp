// What of a standard queue may be received: the messages without a group in one list, those of each
// message group in a list of their own. In a list those that came back stand before those that were
// never received. Whoever has waited longest is next, except that the messages of noisy groups wait
// for those of quiet ones: a fair queue. A message without a group counts as a group of its own,
// which is never noisy.
#include "services/sqs/message_index.h"

namespace matinee::sqs {

namespace {

constexpr std::uint32_t noisy_in_flight = 30;
/// A noisy group has more than one in so many of all messages in flight.
constexpr std::uint64_t noisy_share = 10;
/// A group to which nothing was sent for so long is quiet, whatever its consumers do.
constexpr runtime::Duration silence = std::chrono::minutes(5);
/// What comes back more often than that waits behind the others, lest it keep them waiting for
/// ever.
constexpr std::uint32_t most_returns = 3;

bool has_precedence(const Entry& entry) {
  return entry.receive_count > 0 && entry.receive_count <= most_returns;
}

runtime::Time waits_since(const Entry& entry) {
  return has_precedence(entry) ? entry.sent_at : entry.visible_at;
}

}  // namespace

/// Either of two measures makes a group noisy: its share of what is in flight, and of the time that
/// consumers have spent of late.
bool MessageIndex::is_noisy(GroupNumber number) const {
  const Group& group = groups_[number];
  const bool many =
      group.in_flight >= noisy_in_flight && group.in_flight * noisy_share > counts_.in_flight;
  if (!many && !consumer_time_.has_large_share(number, now_)) return false;
  return now_ - runtime::Time(std::chrono::seconds(group.last_sent)) < silence;
}

bool MessageIndex::waits_longer(Slot one, Slot other) const {
  const Entry& a = slab_[one];
  const Entry& b = slab_[other];
  return std::tuple(waits_since(a), a.sequence) < std::tuple(waits_since(b), b.sequence);
}

Slot MessageIndex::next_of_standard() const {
  // Each measure makes at most nine groups noisy, since each of those has more than a tenth.
  for (const ReadyGroup& ready : ready_groups_) {
    if (is_noisy(ready.group)) continue;
    const Slot head = groups_[ready.group].head;
    return ready_head_ == no_slot || waits_longer(head, ready_head_) ? head : ready_head_;
  }
  return ready_head_ != no_slot ? ready_head_ : next_of_noisy();
}

/// Among noisy groups the one with the fewest messages in flight is next.
Slot MessageIndex::next_of_noisy() const {
  const Group* fewest = nullptr;
  for (const ReadyGroup& ready : ready_groups_) {
    const Group& group = groups_[ready.group];
    if (fewest == nullptr || group.in_flight < fewest->in_flight) fewest = &group;
  }
  return fewest == nullptr ? no_slot : fewest->head;
}

MessageIndex::ReadyGroup MessageIndex::ready_entry(GroupNumber number) const {
  const Entry& head = slab_[groups_[number].head];
  return {.waits_since = waits_since(head), .sequence = head.sequence, .group = number};
}

void MessageIndex::push_ready(Slot slot) {
  Entry& entry = slab_[slot];
  Group* group = entry.group == no_group ? nullptr : &groups_[entry.group];
  Slot& head = group ? group->head : ready_head_;
  Slot& tail = group ? group->tail : ready_tail_;
  Slot& returned = group ? group->returned : ready_returned_;
  const bool goes_first = has_precedence(entry);
  entry.previous = goes_first ? returned : tail;
  if (goes_first) returned = slot;
  if (group && head != no_slot && entry.previous == no_slot)
    ready_groups_.erase(ready_entry(entry.group));
  entry.next = entry.previous == no_slot ? head : slab_[entry.previous].next;
  (entry.previous == no_slot ? head : slab_[entry.previous].next) = slot;
  (entry.next == no_slot ? tail : slab_[entry.next].previous) = slot;
  if (group && head == slot) ready_groups_.insert(ready_entry(entry.group));
}

void MessageIndex::unlink_ready(Slot slot) {
  const Entry& entry = slab_[slot];
  Group* group = entry.group == no_group ? nullptr : &groups_[entry.group];
  Slot& head = group ? group->head : ready_head_;
  Slot& tail = group ? group->tail : ready_tail_;
  Slot& returned = group ? group->returned : ready_returned_;
  const bool was_head = head == slot;
  std::set<ReadyGroup>::node_type node;
  if (group && was_head) node = ready_groups_.extract(ready_entry(entry.group));
  if (returned == slot) returned = entry.previous;
  (entry.previous == no_slot ? head : slab_[entry.previous].next) = entry.next;
  (entry.next == no_slot ? tail : slab_[entry.next].previous) = entry.previous;
  if (!node) return;
  if (head == no_slot) {
    consumer_time_.drained(entry.group, now_);
    return;
  }
  node.value() = ready_entry(entry.group);
  ready_groups_.insert(std::move(node));
}

void MessageIndex::enter_flight(const Entry& entry) {
  if (entry.group != no_group) ++groups_[entry.group].in_flight;
  consumer_time_.begin(entry.group, now_);
}

void MessageIndex::leave_flight(const Entry& entry) {
  if (entry.group != no_group) --groups_[entry.group].in_flight;
  consumer_time_.end(entry.group, now_);
}

}  // namespace matinee::sqs
