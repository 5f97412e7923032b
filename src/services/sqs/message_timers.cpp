// The timers of MessageIndex: a binary heap in which every entry knows its place, so that a message
// that is deleted before it reappears, as most are, leaves nothing behind.
#include "services/sqs/message_index.h"

namespace matinee::sqs {

bool MessageIndex::due_before(Slot one, Slot other) const {
  const Entry& a = slab_[one];
  const Entry& b = slab_[other];
  return a.visible_at != b.visible_at ? a.visible_at < b.visible_at : a.sequence < b.sequence;
}

void MessageIndex::push_timer(Slot slot) {
  timers_.push_back(slot);
  slab_[slot].timer = static_cast<std::uint32_t>(timers_.size() - 1);
  sift_up(slab_[slot].timer);
}

void MessageIndex::erase_timer(Slot slot) {
  const std::uint32_t place = slab_[slot].timer;
  const Slot last = timers_.back();
  timers_.pop_back();
  if (last == slot) return;
  timers_[place] = last;
  slab_[last].timer = place;
  move_timer(last);
}

/// Restores the heap's order after the time of `slot` has changed.
void MessageIndex::move_timer(Slot slot) {
  sift_up(slab_[slot].timer);
  sift_down(slab_[slot].timer);
}

void MessageIndex::sift_up(std::uint32_t place) {
  const Slot slot = timers_[place];
  while (place > 0) {
    const std::uint32_t parent = (place - 1) / 2;
    if (!due_before(slot, timers_[parent])) break;
    timers_[place] = timers_[parent];
    slab_[timers_[place]].timer = place;
    place = parent;
  }
  timers_[place] = slot;
  slab_[slot].timer = place;
}

void MessageIndex::sift_down(std::uint32_t place) {
  const Slot slot = timers_[place];
  for (;;) {
    std::uint32_t child = place * 2 + 1;
    if (child >= timers_.size()) break;
    if (child + 1 < timers_.size() && due_before(timers_[child + 1], timers_[child])) ++child;
    if (!due_before(timers_[child], slot)) break;
    timers_[place] = timers_[child];
    slab_[timers_[place]].timer = place;
    place = child;
  }
  timers_[place] = slot;
  slab_[slot].timer = place;
}

}  // namespace matinee::sqs
