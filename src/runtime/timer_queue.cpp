#include "runtime/timer_queue.h"

namespace matinee::runtime {

TimerId TimerQueue::add(Time when, Callback callback, const TimerPurpose& purpose) {
  std::uint64_t sequence = next_sequence_++;
  timers_.emplace(std::pair(when, sequence), Timer{std::move(callback), &purpose});
  times_.emplace(sequence, when);
  if (purpose.is_on_the_way) ++on_the_way_;
  return TimerId{sequence};
}

/// The callback goes last: what it holds may cancel other timers when it is destroyed.
void TimerQueue::cancel(TimerId timer) {
  auto found = times_.find(std::to_underlying(timer));
  if (found == times_.end()) return;
  const Callback callback = take(timers_.find({found->second, found->first}));
}

std::optional<Time> TimerQueue::next() const {
  if (timers_.empty()) return std::nullopt;
  return timers_.begin()->first.first;
}

std::optional<Callback> TimerQueue::take_due(Time now, std::uint64_t sequence) {
  // Timers set while others run are few, so stepping over them is cheap.
  for (auto it = timers_.begin(); it != timers_.end() && it->first.first <= now; ++it) {
    if (it->first.second < sequence) return take(it);
  }
  return std::nullopt;
}

std::vector<SetTimer> TimerQueue::after(const SetTimer& last, std::size_t most) const {
  std::vector<SetTimer> found;
  for (auto it = timers_.upper_bound({last.when, last.number});
       it != timers_.end() && found.size() < most; ++it)
    found.push_back(
        {.when = it->first.first, .number = it->first.second, .purpose = it->second.purpose});
  return found;
}

Callback TimerQueue::take(Timers::iterator position) {
  Callback callback = std::move(position->second.callback);
  if (position->second.purpose->is_on_the_way) --on_the_way_;
  times_.erase(position->first.second);
  timers_.erase(position);
  return callback;
}

}  // namespace matinee::runtime
