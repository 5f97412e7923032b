#include "runtime/timer_queue.h"

namespace matinee::runtime {

TimerId TimerQueue::add(Time when, Callback callback) {
  std::uint64_t sequence = next_sequence_++;
  timers_.emplace(std::pair(when, sequence), std::move(callback));
  times_.emplace(sequence, when);
  return TimerId{sequence};
}

void TimerQueue::cancel(TimerId timer) {
  auto found = times_.find(std::to_underlying(timer));
  if (found == times_.end()) return;
  auto position = timers_.find({found->second, found->first});
  times_.erase(found);
  // The callback goes last: what it holds may cancel other timers when it is destroyed.
  Callback callback = std::move(position->second);
  timers_.erase(position);
}

std::optional<Time> TimerQueue::next() const {
  if (timers_.empty()) return std::nullopt;
  return timers_.begin()->first.first;
}

std::optional<Callback> TimerQueue::take_due(Time now, std::uint64_t sequence) {
  // Timers set while others run are few, so stepping over them is cheap.
  for (auto it = timers_.begin(); it != timers_.end() && it->first.first <= now; ++it) {
    if (it->first.second >= sequence) continue;
    Callback callback = std::move(it->second);
    times_.erase(it->first.second);
    timers_.erase(it);
    return callback;
  }
  return std::nullopt;
}

}  // namespace matinee::runtime
