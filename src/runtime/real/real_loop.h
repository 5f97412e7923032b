// The loop of a real program, and its clock.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <vector>

#include "runtime/later_clock.h"
#include "runtime/loop.h"
#include "runtime/timer_queue.h"

namespace matinee::runtime {

/// The machine's wall clock made monotonic, plus a shift that the user may add to. It runs with the
/// machine's monotonic clock, and jumps forward where the wall clock is ahead of that (after a
/// suspension or a correction); so it neither goes back nor stands still.
class RealTime {
 public:
  /// From any thread.
  Time now() const;
  /// Moves the time forward by `shift`, which is not negative. From any thread.
  void shift(Duration shift);

 private:
  mutable std::atomic<std::int64_t> wall_minus_monotonic_ = INT64_MIN;
  std::atomic<std::int64_t> shift_ = 0;
};

class RealLoop final : public Loop, public Clock, public LaterClock {
 public:
  void post(Callback callback) override;
  void after_flush(Callback callback) override;
  void set_flush(Callback flush) override;
  void run() override;
  void stop() override;
  Clock& clock() override { return *this; }
  Duration elapsed() const override;
  std::uint64_t round() const override { return round_; }

  Time now() const override { return time_.now(); }
  void start_no_earlier_than(Time time) override;
  Time wall_time() const override { return time_.now() - behind_.load(); }
  TimerId call_at(Time when, Callback callback) override;
  void cancel(TimerId timer) override;

  /// Moves the clock forward: what becomes due by that runs in the next round. From any thread.
  void shift(Duration shift);

 private:
  void wait_for_work();
  void run_round();

  RealTime time_;
  std::atomic<Duration> behind_ = Duration::zero();  // How much of the shift is to be hidden.
  TimerQueue timers_;
  std::uint64_t round_ = 0;
  std::vector<Callback> after_flush_;
  Callback flush_;
  std::vector<Callback> batch_;    // What the current round runs; kept for its memory.
  std::vector<Callback> replies_;  // What the current round runs after its flush.

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Callback> posted_;
  bool sleeping_ = false;
  bool stopping_ = false;
};

}  // namespace matinee::runtime
