// The timers of a loop, by time and then by the order in which they were set.
#pragma once

#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "runtime/timer_purpose.h"

namespace matinee::runtime {

class TimerQueue {
 public:
  /// The purpose has to outlive the timer.
  TimerId add(Time when, Callback callback, const TimerPurpose& purpose = nameless_timer);
  void cancel(TimerId timer);

  bool empty() const { return timers_.empty(); }
  std::size_t size() const { return timers_.size(); }
  /// How many of them were set for something on its way.
  std::size_t on_the_way() const { return on_the_way_; }
  /// When the next timer is due.
  std::optional<Time> next() const;
  /// The identity that the next timer will get: with take_due, tells the timers that are set while
  /// others run.
  std::uint64_t next_sequence() const { return next_sequence_; }
  /// Takes the first timer that is due at `now` and was set before `sequence`.
  std::optional<Callback> take_due(Time now, std::uint64_t sequence);
  /// At most so many of those behind that place, in the order in which they run.
  std::vector<SetTimer> after(const SetTimer& last, std::size_t most) const;

 private:
  struct Timer {
    Callback callback;
    const TimerPurpose* purpose;
  };
  using Timers = std::map<std::pair<Time, std::uint64_t>, Timer>;

  Timers timers_;
  std::unordered_map<std::uint64_t, Time> times_;
  std::uint64_t next_sequence_ = 1;
  std::size_t on_the_way_ = 0;

  Callback take(Timers::iterator position);
};

}  // namespace matinee::runtime
