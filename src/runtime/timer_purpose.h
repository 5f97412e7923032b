// What timers are for, in words, for people who look at what is due before they move the clock.
#pragma once

#include <coroutine>
#include <string_view>
#include <vector>

#include "runtime/movable_clock.h"

namespace matinee::runtime {

/// A constant of whoever sets the timer, which keeps a pointer to it: so that a timer with a name
/// costs what one without costs.
struct TimerPurpose {
  /// A short sentence, as "CloudWatch looks at its alarms"; empty: nobody has said.
  std::string_view what;
  /// What the timer is for is told one by one by its service, with the resources: a
  /// services::DueSource. Beside that the timer itself is not told again.
  bool is_told = false;
  /// `run-until-idle` waits for it: see MovableClock::call_on_the_way.
  bool is_on_the_way = false;
};

inline constexpr TimerPurpose nameless_timer{.what = ""};
inline constexpr TimerPurpose nameless_timer_on_the_way{.what = "", .is_on_the_way = true};

/// A timer that is set, and its place in the order in which they run: by time, then by number.
struct SetTimer {
  Time when;
  std::uint64_t number = 0;
  const TimerPurpose* purpose = nullptr;
};

/// What a Clock may be besides. State thread only.
class PurposefulClock {
 public:
  virtual ~PurposefulClock() = default;
  /// As Clock::call_at, or MovableClock::call_on_the_way where the purpose says so.
  virtual TimerId call_for(const TimerPurpose& purpose, Time when, Callback callback) = 0;
  /// At most so many of those whose places are behind `last`, in their order.
  virtual std::vector<SetTimer> timers_after(const SetTimer& last, std::size_t most) const = 0;
};

/// Sets a timer with a name where the clock keeps names. `purpose` has to outlive it.
inline TimerId call_for(Clock& clock, const TimerPurpose& purpose, Time when, Callback callback) {
  if (auto* purposeful = dynamic_cast<PurposefulClock*>(&clock))
    return purposeful->call_for(purpose, when, std::move(callback));
  if (purpose.is_on_the_way) return call_on_the_way(clock, when, std::move(callback));
  return clock.call_at(when, std::move(callback));
}

/// Sets timers with names, and asks the clock only once whether it keeps them: for whoever sets
/// very many.
class NamedTimers {
 public:
  explicit NamedTimers(Clock& clock)
      : clock_(clock), purposeful_(dynamic_cast<PurposefulClock*>(&clock)) {}

  TimerId call_for(const TimerPurpose& purpose, Time when, Callback callback) {
    if (purposeful_) return purposeful_->call_for(purpose, when, std::move(callback));
    return runtime::call_for(clock_, purpose, when, std::move(callback));
  }

 private:
  Clock& clock_;
  PurposefulClock* purposeful_;
};

/// `co_await sleep_for(clock, purpose, when)`: as sleep_until, with a name.
class [[nodiscard]] sleep_for {
 public:
  sleep_for(Clock& clock, const TimerPurpose& purpose, Time when)
      : clock_(clock), purpose_(purpose), when_(when) {}
  ~sleep_for() { clock_.cancel(timer_); }
  sleep_for(const sleep_for&) = delete;
  sleep_for& operator=(const sleep_for&) = delete;

  bool await_ready() const { return clock_.now() >= when_; }
  void await_suspend(std::coroutine_handle<> awaiting) {
    timer_ = call_for(clock_, purpose_, when_, [awaiting] { awaiting.resume(); });
  }
  void await_resume() { timer_ = TimerId::none; }

 private:
  Clock& clock_;
  const TimerPurpose& purpose_;
  Time when_;
  TimerId timer_ = TimerId::none;
};

}  // namespace matinee::runtime
