// A clock that is moved goes from timer to timer. Whoever keeps the time has to hear of each step
// before its timers run: what they store must not be found again at an earlier time.
#pragma once

#include "runtime/clock.h"

namespace matinee::runtime {

/// What a Clock may be besides.
class SteppingClock {
 public:
  virtual ~SteppingClock() = default;
  /// `callback` runs on the state thread after each step of a move, before what is due then. An
  /// empty one ends that. From the state thread.
  virtual void set_on_step(Callback callback) = 0;
};

/// Does nothing for a clock that makes no steps.
inline void set_on_step(Clock& clock, Callback callback) {
  if (auto* stepping = dynamic_cast<SteppingClock*>(&clock))
    stepping->set_on_step(std::move(callback));
}

}  // namespace matinee::runtime
