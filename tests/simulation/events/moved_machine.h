// A simulated machine whose cloud runs on the loop of the real program, with its clock that users
// move. The machine's own time passes only while the program has nothing to do. It can be killed at
// any write, and started again.
#pragma once

#include <gtest/gtest.h>

#include <atomic>

#include "client/in_process_channel.h"
#include "cloud/cloud.h"
#include "runtime/real/real_loop.h"
#include "runtime/simulated/simulation.h"
#include "runtime/task_group.h"
#include "simulated_http.h"

namespace matinee::simulation {

/// 2030-01-01 00:00:00 UTC when it is made.
class MachineTime final : public runtime::Machine {
 public:
  runtime::Time now() const override { return runtime::Time(runtime::Duration(now_.load())); }
  void wait(std::optional<runtime::Duration> duration) override;

  /// What happens where the program waits next: `on_wait`, and no time passes.
  void instead_of_waiting(std::function<void()> on_wait) { on_wait_ = std::move(on_wait); }
  /// What happens where it waits for something that cannot come.
  std::function<void()> on_stuck;

 private:
  std::atomic<std::int64_t> now_ =
      runtime::Time(std::chrono::sys_days(std::chrono::year(2030) / 1 / 1))
          .time_since_epoch()
          .count();
  std::function<void()> on_wait_;
};

class MovedMachine {
 public:
  struct Options {
    bool paused = true;
    bool throughput_quotas = false;
    /// The program has started: what it needs beside the machine can be given to its cloud.
    std::function<void(cloud::Cloud&, runtime::RealLoop&)> on_start = nullptr;
    /// Its cloud is gone, its loop is not.
    std::function<void()> on_stop = nullptr;
  };

  explicit MovedMachine(std::uint64_t seed) : MovedMachine(seed, Options()) {}
  MovedMachine(std::uint64_t seed, const Options& options);
  ~MovedMachine();

  void start();
  void stop();
  bool has_died() const { return disk.has_crashed(); }
  /// How often it was started.
  int lives() const { return lives_; }
  void kill_after(std::uint64_t writes) {
    disk.crash_after(writes, runtime::SimulatedDisk::Crash::process);
  }
  /// Kills it between two rounds.
  void kill() { disk.crash(runtime::SimulatedDisk::Crash::process); }

  /// What the program's clock says.
  runtime::Time now() const { return loop_->now(); }
  runtime::RealLoop& loop() { return *loop_; }
  client::Channel& channel() { return *channel_; }

  /// Nothing where the machine died before the reply. Throws what the task throws.
  template <class T>
  std::optional<T> call(runtime::Task<T> task);
  /// Takes the cloud back to its beginning. False where the machine died before that was sure.
  bool reset();
  /// Until everything that can happen at this time has happened.
  void settle();
  /// Lets the machine's time pass.
  void wait(runtime::Duration duration);

  runtime::SeededRandom random;
  runtime::SimulatedDisk disk;
  MachineTime time;
  SimulatedHttp http;

 private:
  /// The program was killed.
  struct Killed {};

  /// Work runs on the loop, later work by the machine's time.
  class LoopWorkers final : public runtime::Workers {
   public:
    explicit LoopWorkers(MovedMachine& machine) : machine_(machine) {}
    void post(runtime::Callback work) override { machine_.loop_->post(std::move(work)); }
    void post_after(runtime::Duration delay, runtime::Callback work) override;

   private:
    MovedMachine& machine_;
  };

  template <class T>
  runtime::Task<> keep(runtime::Task<T> task, std::optional<T>& result,
                       std::exception_ptr& failure);
  /// Until it is stopped, or killed.
  void run();

  Options options_;
  runtime::SimulatedEnvironment environment_;
  std::unique_ptr<runtime::RealLoop> loop_;
  LoopWorkers workers_{*this};
  std::optional<runtime::Runtime> runtime_;
  std::unique_ptr<cloud::Cloud> cloud_;
  std::unique_ptr<client::InProcessChannel> channel_;
  int lives_ = 0;
};

template <class T>
runtime::Task<> MovedMachine::keep(runtime::Task<T> task, std::optional<T>& result,
                                   std::exception_ptr& failure) {
  try {
    result = co_await std::move(task);
  } catch (...) {
    failure = std::current_exception();
  }
  loop_->stop();
}

template <class T>
std::optional<T> MovedMachine::call(runtime::Task<T> task) {
  std::optional<T> result;
  std::exception_ptr failure;
  {
    // The group owns the call: what a kill leaves suspended goes with it.
    runtime::TaskGroup calls(1);
    // In a round, as what comes from outside: what it sets going waits for its flush.
    loop_->post([&] {
      runtime::start(calls.spawn(keep(std::move(task), result, failure)),
                     [](const std::exception_ptr&) {});
    });
    run();
  }
  if (has_died() && !result) return std::nullopt;
  if (failure) std::rethrow_exception(failure);
  EXPECT_TRUE(result) << "an operation has not ended";
  return result;
}

}  // namespace matinee::simulation
