// The instances of all functions: kept warm by version, started where a call finds none that is
// free.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "services/lambda/running/instance.h"
#include "services/lambda/running/log_keeper.h"

namespace matinee::lambda {

struct RunnerLimits {
  /// At once on this machine: what is called beyond that waits for one that becomes free.
  std::size_t most_instances = 100;
  /// How long one is kept that nobody calls, by the machine's clock.
  runtime::Duration idle = std::chrono::minutes(10);
};

class Runner final : public InstanceOwner {
 public:
  /// What a version is made of now. Throws ServiceError where it cannot be run.
  using MakeProgram = std::function<Program(const VersionKey& version)>;

  Runner(Machine machine, MakeProgram make_program, RunnerLimits limits = {});
  ~Runner() override;

  /// Calls `invocation.done` later, once. Throws ServiceError where the version cannot be run.
  void run(Invocation invocation);
  /// Calls that are under way, or wait, of all versions of a function.
  std::size_t calls_of(const FunctionKey& function) const;
  std::size_t calls() const { return calls_; }
  /// The version has changed, or is gone: its instances take no further calls.
  void retire(const VersionKey& version);
  void retire_all();
  std::size_t instances() const { return instances_; }
  /// Keeps now what instances have written: for whoever reads their logs. Opens transactions.
  void keep_logs() { logs_.keep_all(); }

  void on_idle(Instance& instance) override;
  void on_ended(Instance& instance, std::optional<Result> failure) override;

 private:
  struct Pool {
    std::deque<Invocation> waiting;
    std::vector<std::unique_ptr<Instance>> instances;
    std::size_t starting = 0;
  };

  Machine machine_;
  LogKeeper logs_;  // outlives instances
  MakeProgram make_program_;
  RunnerLimits limits_;
  std::map<VersionKey, Pool> pools_;
  std::map<FunctionKey, std::size_t> calls_of_;
  std::size_t calls_ = 0;
  std::size_t instances_ = 0;
  std::vector<std::unique_ptr<Instance>> ended_;  // until the next round
  runtime::TimerId timer_ = runtime::TimerId::none;
  std::shared_ptr<bool> lives_ = std::make_shared<bool>(true);

  void start_instance(const VersionKey& version, Pool& pool);
  void start_for_waiting();
  bool make_room();
  void count(Invocation& invocation);
  void look_at_idle();
  void set_timer();
};

}  // namespace matinee::lambda
