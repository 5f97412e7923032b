// What of a standard queue may be received: the messages without a group in one list, those of each
// message group in a list of their own. Whoever has been visible longest is next, except that
// groups which hold a large share of the consumers wait for the quiet ones: a fair queue. A message
// without a group counts as a group of its own, which is never noisy.
#include "services/sqs/message_index.h"

namespace matinee::sqs {

namespace {

constexpr std::uint32_t noisy_in_flight = 30;
/// A noisy group has more than one in so many of all messages in flight.
constexpr std::uint64_t noisy_share = 10;

}  // namespace

bool MessageIndex::is_noisy(const Group& group) const {
  return group.in_flight >= noisy_in_flight && group.in_flight * noisy_share > counts_.in_flight;
}

bool MessageIndex::became_visible_before(Slot one, Slot other) const {
  const Entry& a = slab_[one];
  const Entry& b = slab_[other];
  return std::tie(a.visible_at, a.sequence) < std::tie(b.visible_at, b.sequence);
}

Slot MessageIndex::next_of_standard() const {
  Slot first = ready_head_;
  const auto consider = [&](const ReadyGroup& ready) {
    const Slot head = groups_[ready.group].head;
    if (first == no_slot || became_visible_before(head, first)) first = head;
  };
  if (!quiet_groups_.empty()) consider(*quiet_groups_.begin());
  // At most nine of these are noisy, since each of those has more than a tenth.
  for (const ReadyGroup& ready : busy_groups_) {
    if (is_noisy(groups_[ready.group])) continue;
    consider(ready);
    break;
  }
  if (first != no_slot || busy_groups_.empty()) return first;
  return groups_[busy_groups_.begin()->group].head;
}

MessageIndex::ReadyGroup MessageIndex::ready_entry(GroupNumber number) const {
  const Entry& head = slab_[groups_[number].head];
  return {.visible_at = head.visible_at, .sequence = head.sequence, .group = number};
}

std::set<MessageIndex::ReadyGroup>& MessageIndex::ready_set_of(const Group& group) {
  return group.in_flight >= noisy_in_flight ? busy_groups_ : quiet_groups_;
}

void MessageIndex::push_ready(Slot slot) {
  Entry& entry = slab_[slot];
  Group* group = entry.group == no_group ? nullptr : &groups_[entry.group];
  Slot& head = group ? group->head : ready_head_;
  Slot& tail = group ? group->tail : ready_tail_;
  entry.previous = tail;
  entry.next = no_slot;
  (tail == no_slot ? head : slab_[tail].next) = slot;
  tail = slot;
  if (group && head == slot) ready_set_of(*group).insert(ready_entry(entry.group));
}

void MessageIndex::unlink_ready(Slot slot) {
  const Entry& entry = slab_[slot];
  Group* group = entry.group == no_group ? nullptr : &groups_[entry.group];
  Slot& head = group ? group->head : ready_head_;
  Slot& tail = group ? group->tail : ready_tail_;
  const bool was_head = head == slot;
  std::set<ReadyGroup>::node_type node;
  if (group && was_head) node = ready_set_of(*group).extract(ready_entry(entry.group));
  (entry.previous == no_slot ? head : slab_[entry.previous].next) = entry.next;
  (entry.next == no_slot ? tail : slab_[entry.next].previous) = entry.previous;
  if (!node || head == no_slot) return;
  node.value() = ready_entry(entry.group);
  ready_set_of(*group).insert(std::move(node));
}

void MessageIndex::change_in_flight(GroupNumber number, int change) {
  Group& group = groups_[number];
  std::set<ReadyGroup>& before = ready_set_of(group);
  group.in_flight += static_cast<std::uint32_t>(change);
  std::set<ReadyGroup>& after = ready_set_of(group);
  if (&before != &after && group.head != no_slot) after.insert(before.extract(ready_entry(number)));
}

}  // namespace matinee::sqs
