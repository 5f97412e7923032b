// The loop of a real program, and its clocks: the machine's, and one that can be moved.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

#include "runtime/at_rest.h"
#include "runtime/later_clock.h"
#include "runtime/loop.h"
#include "runtime/movable_clock.h"
#include "runtime/stepping_clock.h"
#include "runtime/timer_queue.h"

namespace matinee::runtime {

/// Stands for the machine in simulations: its time passes only where a loop has nothing to do.
class Machine {
 public:
  virtual ~Machine() = default;
  /// Never goes back. From any thread.
  virtual Time now() const = 0;
  /// A loop has nothing to do for so long; without a duration, until something is posted.
  virtual void wait(std::optional<Duration> duration) = 0;
};

/// The machine's wall clock made monotonic: it runs with the machine's monotonic clock, and jumps
/// forward where the wall clock is ahead of that (after a suspension or a correction); so it
/// neither goes back nor stands still. From any thread.
class RealTime {
 public:
  explicit RealTime(const Machine* simulated) : simulated_(simulated) {}
  Time now() const;

 private:
  const Machine* simulated_;
  mutable std::atomic<std::int64_t> wall_minus_monotonic_ = INT64_MIN;
};

/// Real time and a shift that only grows, or a moment at which it stands. `now` from any thread,
/// which never goes back; the rest from one.
class ShiftedTime {
 public:
  explicit ShiftedTime(const Machine* simulated) : real_(simulated) {}
  Time now() const;
  Time real() const { return real_.now(); }
  bool stands() const { return standing_.load() != running; }
  /// At that time, or now where that is later.
  void stand_at(Time time);
  /// From now on.
  void run();
  /// Runs on from `time`, or from now where that is later.
  void run_from(Time time);

 private:
  static constexpr std::int64_t running = INT64_MIN;

  RealTime real_;
  std::atomic<std::int64_t> shift_ = 0;
  std::atomic<std::int64_t> standing_ = running;
};

class RealLoop final : public Loop,
                       public Clock,
                       public LaterClock,
                       public MovableClock,
                       public PurposefulClock,
                       public SteppingClock,
                       public RestingLoop {
 public:
  /// `simulated` is for tests, in place of the machine that the program runs on. It must outlive
  /// the loop.
  explicit RealLoop(Machine* simulated = nullptr) : simulated_(simulated), time_(simulated) {}

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
  Time wall_time() const override { return time_.real(); }
  TimerId call_at(Time when, Callback callback) override;
  void cancel(TimerId timer) override;

  ClockState state() const override;
  void pause() override;
  void resume() override;
  std::uint64_t move(ClockGoal goal, Done done) override;
  void give_up(std::uint64_t move) override;
  TimerId call_on_the_way(Time when, Callback callback) override;
  Clock& real_clock() override { return wall_; }
  TimerId call_for(const TimerPurpose& purpose, Time when, Callback callback) override;
  std::vector<SetTimer> timers_after(const SetTimer& last, std::size_t most) const override;
  void set_on_step(Callback callback) override { on_step_ = std::move(callback); }
  void wait_for_rest() override { waits_for_rest_ = true; }
  void at_rest(Callback callback) override;
  bool waits_for_rest() const override { return waits_for_rest_; }
  void hold() override { ++holds_; }
  void release() override;

 private:
  class WallClock final : public Clock {
   public:
    explicit WallClock(RealLoop& loop) : loop_(loop) {}
    Time now() const override { return loop_.time_.real(); }
    TimerId call_at(Time when, Callback callback) override {
      return timers.add(when, std::move(callback));
    }
    void cancel(TimerId timer) override { timers.cancel(timer); }

    TimerQueue timers;

   private:
    RealLoop& loop_;
  };

  struct Move {
    std::uint64_t number;
    ClockGoal goal;
    Done done;
    std::uint64_t fired = 0;
    bool has_stepped = false;
    bool given_up = false;
  };

  /// Work that goes on and on does not keep everybody from their replies.
  static constexpr Duration longest_unrest = std::chrono::seconds(1);
  /// While the clock is moved, this many rounds share a flush unless somebody waits for it.
  static constexpr unsigned rounds_per_flush = 256;

  void wait_for_work();
  void sleep(std::unique_lock<std::mutex>& lock);
  void run_round();
  static std::uint64_t run_due(TimerQueue& timers, Time now, std::uint64_t set_later);
  void end_round();
  bool has_nothing_to_do() const { return posted_.empty() && after_flush_.empty() && !stopping_; }
  void take_rest();
  bool step();
  bool wants_next_timer(const Move& move) const;
  void end_move();

  Machine* simulated_;
  ShiftedTime time_;
  WallClock wall_{*this};
  TimerQueue timers_;
  std::uint64_t round_ = 0;
  std::vector<Callback> after_flush_;
  Callback flush_;
  std::vector<Callback> batch_;    // What the current round runs; kept for its memory.
  std::vector<Callback> replies_;  // What the current round runs after its flush.

  bool is_paused_ = false;  // by the user; while it is moved it stands too
  std::deque<Move> moves_;  // the first one is under way
  std::atomic<bool> is_moving_ = false;
  std::uint64_t last_move_ = 0;
  unsigned unflushed_rounds_ = 0;
  Callback on_step_;
  bool has_stepped_ = false;  // since the last round
  std::atomic<int> holds_ = 0;

  bool waits_for_rest_ = false;
  std::vector<Callback> at_rest_;
  Duration unrest_since_{};  // of the first of these

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Callback> posted_;
  bool sleeping_ = false;
  bool stopping_ = false;
};

}  // namespace matinee::runtime
