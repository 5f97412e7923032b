// A loop whose time passes only when it is told to.
#pragma once

#include <mutex>
#include <vector>

#include "runtime/loop.h"
#include "runtime/timer_queue.h"

namespace matinee::runtime {

/// Starts at 2024-01-01 00:00:00 UTC. `post`, `stop` and `now` may be called from any thread, as in
/// a real loop, but only what is posted by the thread of the loop is deterministic.
class SimulatedLoop final : public Loop, public Clock {
 public:
  void post(Callback callback) override;
  void after_flush(Callback callback) override;
  void set_flush(Callback flush) override;
  /// Runs rounds until `stop`; when there is nothing else to do, time jumps to the next timer. With
  /// no timer either, it returns: nothing could ever happen again.
  void run() override;
  void stop() override;
  Clock& clock() override { return *this; }
  /// Stands still, unless looking at it takes time.
  Duration elapsed() const override;
  std::uint64_t round() const override { return round_; }

  Time now() const override;
  TimerId call_at(Time when, Callback callback) override;
  void cancel(TimerId timer) override;

  /// From now on `elapsed` goes on by this each time that somebody looks: so work takes time, the
  /// more of it the longer.
  void let_looking_take(Duration duration);

  /// Runs rounds until there is nothing left to do at the present time.
  void run_until_idle();
  /// Lets time pass: each timer runs at its own time, and everything it leads to.
  void advance(Duration duration);
  /// Jumps to the next timer and runs everything that it leads to. False without one.
  bool advance_to_next_timer();
  /// For the flush hook: the program ended before its round was durable, so no reply of it gets
  /// out.
  void forget_replies() { after_flush_.clear(); }
  /// Forgets everything posted, waiting or timed: the program ends here.
  void forget_everything();

 private:
  bool run_round();
  void set_now(Time now);

  mutable std::mutex mutex_;
  Time now_ = Time(std::chrono::sys_days(std::chrono::year(2024) / 1 / 1));
  std::vector<Callback> posted_;
  bool stopping_ = false;
  mutable Duration elapsed_ = Duration::zero();
  Duration looking_takes_ = Duration::zero();

  std::uint64_t round_ = 0;
  TimerQueue timers_;
  std::vector<Callback> after_flush_;
  Callback flush_;
};

}  // namespace matinee::runtime
