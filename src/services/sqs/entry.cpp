#include "services/sqs/entry.h"

namespace matinee::sqs {

Slot EntrySlab::allocate(unsigned count) {
  used_ += count;
  for (unsigned length = count; length <= max_page_messages; ++length) {
    std::vector<Slot>& runs = free_runs_[length];
    if (runs.empty()) continue;
    const Slot first = runs.back();
    runs.pop_back();
    if (length > count) free_runs_[length - count].push_back(first + count);
    return first;
  }
  if (fresh_left() < count) {
    if (fresh_left() > 0) free_runs_[fresh_left()].push_back(fresh_);
    fresh_ = static_cast<Slot>(chunks_.size() * chunk_size);
    chunks_.push_back(std::make_unique_for_overwrite<Entry[]>(chunk_size));
  }
  const Slot first = fresh_;
  fresh_ += count;
  return first;
}

void EntrySlab::release(Slot first, unsigned count) {
  used_ -= count;
  if (used_ > 0) {
    free_runs_[count].push_back(first);
    return;
  }
  // An empty queue gives back what a long one needed.
  for (std::vector<Slot>& runs : free_runs_) runs = {};
  if (chunks_.size() > 1) chunks_.resize(1);
  fresh_ = 0;
}

}  // namespace matinee::sqs
