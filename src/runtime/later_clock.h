// A clock that can be made to begin later than the machine's: a program that has seen a time in an
// earlier run must not live through it again.
#pragma once

#include "runtime/clock.h"

namespace matinee::runtime {

/// What a Clock may be besides.
class LaterClock {
 public:
  virtual ~LaterClock() = default;
  /// Moves the time forward to `time`, unless it is later already. From the state thread.
  virtual void start_no_earlier_than(Time time) = 0;
  /// The time without that. From any thread.
  virtual Time wall_time() const = 0;
};

/// Does nothing for a clock that cannot.
inline void start_no_earlier_than(Clock& clock, Time time) {
  if (auto* later = dynamic_cast<LaterClock*>(&clock)) later->start_no_earlier_than(time);
}

/// The time as others see it, who have dated and signed what they send.
inline Time wall_time(const Clock& clock) {
  const auto* later = dynamic_cast<const LaterClock*>(&clock);
  return later ? later->wall_time() : clock.now();
}

}  // namespace matinee::runtime
