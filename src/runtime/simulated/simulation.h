// A whole machine that is not real: its time, randomness, disk, workers and environment.
#pragma once

#include <map>

#include "runtime/runtime.h"
#include "runtime/simulated/seeded_random.h"
#include "runtime/simulated/simulated_disk.h"
#include "runtime/simulated/simulated_loop.h"

namespace matinee::runtime {

/// Work runs on the loop, in the next round; later work after a timer of the virtual clock.
class SimulatedWorkers final : public Workers {
 public:
  explicit SimulatedWorkers(SimulatedLoop& loop) : loop_(loop) {}
  void post(Callback work) override { loop_.post(std::move(work)); }
  void post_after(Duration delay, Callback work) override {
    // Threads of the database post too, whose timers the loop has to set itself.
    loop_.post([this, delay, work = std::move(work)]() mutable {
      loop_.call_at(loop_.now() + delay, std::move(work));
    });
  }

 private:
  SimulatedLoop& loop_;
};

class SimulatedEnvironment final : public Environment {
 public:
  void set(const std::string& name, std::string value) { variables_[name] = std::move(value); }

  std::optional<std::string> find(const std::string& name) const override {
    auto found = variables_.find(name);
    if (found == variables_.end()) return std::nullopt;
    return found->second;
  }
  std::optional<std::string> find_home_directory() const override { return find("HOME"); }
  std::string current_directory() const override { return "/"; }
  int process_id() const override { return 1; }

 private:
  std::map<std::string, std::string> variables_ = {{"HOME", "/home/user"}};
};

/// The same seed gives the same run. The program under test is built upon `runtime()`; to crash it,
/// call `crash`, destroy it, and build it again.
class Simulation {
 public:
  explicit Simulation(std::uint64_t seed = 1) : random(seed) {}

  Runtime runtime() { return {loop, loop, random, disk, workers, environment}; }

  /// The machine stops at this moment: nothing more is written, and nothing that waits will run. To
  /// be followed by the destruction of everything that was built upon it, and `restart`.
  void crash(SimulatedDisk::Crash kind) {
    disk.crash(kind, &random);
    loop.forget_everything();
  }
  void restart() {
    loop.forget_everything();
    disk.restart();
  }

  SimulatedLoop loop;
  SeededRandom random;
  SimulatedDisk disk;
  SimulatedWorkers workers{loop};
  SimulatedEnvironment environment;
};

}  // namespace matinee::runtime
