// The one source of time. Everything that waits or asks what time it is goes through a Clock, so
// that a simulation, or a user of the virtual clock, decides when time passes.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

namespace matinee::runtime {

using Duration = std::chrono::microseconds;
/// Microseconds since the Unix epoch, UTC.
using Time = std::chrono::sys_time<Duration>;

using Callback = std::move_only_function<void()>;

/// Identifies a timer of one Clock; zero is never a timer.
enum class TimerId : std::uint64_t { none = 0 };

/// Wall-clock time and timers of the state thread. `now` may be called from any thread; the timer
/// functions from the state thread only.
class Clock {
 public:
  virtual ~Clock() = default;

  /// Never goes backwards within a process, whatever is done to the machine's clock.
  virtual Time now() const = 0;

  /// Runs `callback` on the state thread once `when` is reached; of timers due at the same time the
  /// one set first runs first. A time in the past runs in the next round.
  virtual TimerId call_at(Time when, Callback callback) = 0;

  /// Forgets a timer. Does nothing for one that has run or was cancelled.
  virtual void cancel(TimerId timer) = 0;
};

/// Whole milliseconds since the Unix epoch, as most AWS timestamps are written.
constexpr std::int64_t to_milliseconds(Time time) {
  return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
}

/// Whole seconds since the Unix epoch.
constexpr std::int64_t to_seconds(Time time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

}  // namespace matinee::runtime
