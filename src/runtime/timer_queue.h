// The timers of a loop, by time and then by the order in which they were set.
#pragma once

#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "runtime/clock.h"

namespace matinee::runtime {

class TimerQueue {
 public:
  TimerId add(Time when, Callback callback);
  void cancel(TimerId timer);

  bool empty() const { return timers_.empty(); }
  /// When the next timer is due.
  std::optional<Time> next() const;
  /// The identity that the next timer will get: with take_due, tells the timers that are set while
  /// others run.
  std::uint64_t next_sequence() const { return next_sequence_; }
  /// Takes the first timer that is due at `now` and was set before `sequence`.
  std::optional<Callback> take_due(Time now, std::uint64_t sequence);

 private:
  std::map<std::pair<Time, std::uint64_t>, Callback> timers_;
  std::unordered_map<std::uint64_t, Time> times_;
  std::uint64_t next_sequence_ = 1;
};

}  // namespace matinee::runtime
