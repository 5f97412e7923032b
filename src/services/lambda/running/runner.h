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
#include "services/lambda/running/ready_code.h"

namespace matinee::lambda {

struct RunnerLimits {
  /// At once on this machine: what is called beyond that waits for one that becomes free.
  std::size_t most_instances = 100;
  /// Of these, those that are kept ready for provisioned concurrency.
  std::size_t most_provisioned = 50;
  /// How long one is kept that nobody calls, by the machine's clock.
  runtime::Duration idle = std::chrono::minutes(10);
};

/// How far the instances of a version are that are to be ready before anybody calls.
struct ProvisionedState {
  std::size_t ready = 0;
  /// Why no more of them come; empty where they come, or all are there.
  std::string failure;
};

/// Instances of a version that are ready for provisioned concurrency, and those of them at work.
struct ProvisionedUse {
  std::size_t ready = 0;
  std::size_t at_work = 0;
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
  /// Code that will be called soon, by its package.
  void prepare(const std::string& package) { ready_.prepare(package); }
  /// Keeps now what instances have written: for whoever reads their logs. Opens transactions.
  void keep_logs() { logs_.keep_all(); }

  /// From now on that many instances of these versions of the function are kept ready, whoever
  /// calls, and none of its other versions. They do not go by idleness.
  void provision(const FunctionKey& function, const std::map<VersionKey, std::size_t>& wanted);
  /// Begins anew with a version whose instances could not be made ready.
  void forget_failures(const VersionKey& version);
  ProvisionedState provisioned(const VersionKey& version) const;
  /// Whether the next call of the version would get one of those.
  bool has_free_provisioned(const VersionKey& version) const;
  ProvisionedUse provisioned_use(const VersionKey& version) const;
  /// Calls of a function that are not with such instances, and how many of them it is to have.
  std::size_t on_demand_calls_of(const FunctionKey& function) const;
  std::size_t provisioned_of(const FunctionKey& function) const;

  void on_idle(Instance& instance) override;
  void on_ended(Instance& instance, std::optional<Result> failure) override;

 private:
  struct Pool {
    std::deque<Invocation> waiting;
    std::vector<std::unique_ptr<Instance>> instances;
    std::size_t starting = 0;      // for calls that wait
    std::size_t wanted = 0;        // as provisioned concurrency asks for
    std::size_t granted = 0;       // of those, what this machine keeps
    std::size_t failures = 0;      // to make one ready, in a row
    bool was_provisioned = false;  // one has become ready

    std::size_t provisioned() const;
    /// How many will take a call that waits, without another being started.
    std::size_t coming() const;
  };

  Machine machine_;
  LogKeeper logs_;  // outlives instances
  ReadyCode ready_;
  MakeProgram make_program_;
  RunnerLimits limits_;
  std::map<VersionKey, Pool> pools_;
  std::map<FunctionKey, std::size_t> calls_of_;
  std::size_t calls_ = 0;
  std::size_t instances_ = 0;
  bool lacks_room_ = false;                       // for instances that are to be kept ready
  bool version_lacks_room_ = false;               // one that has calls, and no instance at all
  std::vector<std::unique_ptr<Instance>> ended_;  // until the next round
  runtime::TimerId timer_ = runtime::TimerId::none;
  std::shared_ptr<bool> lives_ = std::make_shared<bool>(true);

  std::unique_ptr<Instance> make_instance(const VersionKey& version, bool is_provisioned);
  void start_instance(const VersionKey& version, Pool& pool, const std::string& trace);
  bool start_for_first(const VersionKey& version, Pool& pool);
  void start_provisioned(const VersionKey& version, Pool& pool);
  void fill(const VersionKey& version);
  void fill_later(const VersionKey& version);
  void fill_where_room_lacked();
  void grant();
  void start_for_waiting();
  bool make_room();
  void count(Invocation& invocation);
  void retire_expiring(Pool& pool);
  void look_at_idle();
  void set_timer();
  template <class Visit>
  void each_pool_of(const FunctionKey& function, const Visit& visit) const;
};

}  // namespace matinee::lambda
