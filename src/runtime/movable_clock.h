// A clock that users may move: forward from timer to timer, to a time, or not at all for a while.
// What tells time by the movable clock follows; what belongs to the network does not: signatures,
// long polls and time-outs go by the real clock.
//
// Moving leaves the state that waiting would have left: each timer runs at its own time, and all
// that it sets going in this program comes to rest before the next one.
#pragma once

#include <optional>
#include <utility>

#include "runtime/clock.h"

namespace matinee::runtime {

struct ClockState {
  Time now;
  Time real;  // what the machine's clock says
  bool paused = false;
  std::optional<Time> next;  // when the first timer is due
  std::size_t timers = 0;
};

/// Where to move to.
struct ClockGoal {
  enum class Kind : std::uint8_t {
    time,   // to `time`, which is not earlier than now
    timer,  // to the next timer, and through all that are due with it
    idle,   // from timer to timer until none is left that something on its way waits for
  };
  Kind kind = Kind::time;
  Time time{};
};

struct ClockMoved {
  Time now;
  std::uint64_t fired = 0;  // timers
  bool given_up = false;    // before the goal: somebody has asked for that
};

class MovableClock {
 public:
  using Done = std::move_only_function<void(ClockMoved)>;

  virtual ~MovableClock() = default;

  // State thread only.

  virtual ClockState state() const = 0;
  virtual void pause() = 0;
  /// Goes on from the time at which it stands.
  virtual void resume() = 0;
  /// Begins once moves that were asked for earlier have ended; `done` runs on the state thread. A
  /// clock that ran goes on from the goal. Returns a number for `give_up`.
  virtual std::uint64_t move(ClockGoal goal, Done done) = 0;
  /// Ends a move where it is. Does nothing for one that has ended.
  virtual void give_up(std::uint64_t move) = 0;
  /// A timer for something that is on its way: a delivery that is tried again.
  virtual TimerId call_on_the_way(Time when, Callback callback) = 0;
  /// The same loop's timers by the machine's clock, which nobody moves.
  virtual Clock& real_clock() = 0;

  // From any thread.

  /// From here to `release` the clock is not moved on to another timer: something happens in the
  /// real world that may have consequences, such as an HTTP call.
  virtual void hold() = 0;
  virtual void release() = 0;
};

/// Holds a clock that can be moved for as long as it lives.
class ClockHold {
 public:
  explicit ClockHold(Clock& clock) : clock_(dynamic_cast<MovableClock*>(&clock)) {
    if (clock_) clock_->hold();
  }
  ClockHold(ClockHold&& other) noexcept : clock_(std::exchange(other.clock_, nullptr)) {}
  ClockHold& operator=(ClockHold&&) = delete;
  ~ClockHold() {
    if (clock_) clock_->release();
  }

 private:
  MovableClock* clock_;
};

/// Clocks that cannot be moved are their own real clocks.
inline Clock& real_clock(Clock& clock) {
  auto* movable = dynamic_cast<MovableClock*>(&clock);
  return movable ? movable->real_clock() : clock;
}

inline TimerId call_on_the_way(Clock& clock, Time when, Callback callback) {
  if (auto* movable = dynamic_cast<MovableClock*>(&clock))
    return movable->call_on_the_way(when, std::move(callback));
  return clock.call_at(when, std::move(callback));
}

}  // namespace matinee::runtime
