// One execution environment: a program in a sandbox that asks for invocations by the Runtime API,
// on a port of its own, one after the other.
//
// Its time is the machine's own: how long a function may take has nothing to do with the clock that
// users move. While it works it holds that clock.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/movable_clock.h"
#include "runtime/sandbox.h"
#include "services/lambda/running/instance_log.h"
#include "services/lambda/running/invocation.h"
#include "services/lambda/running/machine.h"
#include "services/lambda/running/program.h"
#include "services/local_api.h"

namespace matinee::lambda {

class Instance;

/// Hears of instances. None is destroyed from within these calls.
class InstanceOwner {
 public:
  virtual ~InstanceOwner() = default;
  /// It can take an invocation.
  virtual void on_idle(Instance& instance) = 0;
  /// It runs no more. `failure` tells why, where it has never been idle: then whoever waits for it
  /// is told.
  virtual void on_ended(Instance& instance, std::optional<Result> failure) = 0;
};

class Instance final : public runtime::SandboxListener, public services::LocalApi {
 public:
  Instance(const Machine& machine, InstanceOwner& owner, Program program);
  ~Instance() override;

  /// Unpacks and starts. Nothing is told before this returns.
  void start();
  /// Only of one that is idle.
  void invoke(Invocation invocation);
  /// Ends it: at once, or after the invocation that it has.
  void retire();

  bool is_idle() const { return state_ == State::idle; }
  bool is_busy() const { return state_ == State::busy; }
  const Program& program() const { return program_; }
  runtime::Duration idle_since() const { return idle_since_; }
  bool is_retired() const { return is_retired_; }
  /// Whether the owner has heard of it as ready.
  bool was_counted() const { return was_counted_; }
  void set_counted() { was_counted_ = true; }

  void handle(services::LocalRequest request, services::LocalReply reply) override;
  void on_output(runtime::SandboxOutput output) override;
  void on_end(const runtime::SandboxEnd& end) override;

 private:
  enum class State : std::uint8_t {
    unpacking,
    initializing,  // the program runs, and has not asked for its first invocation
    idle,
    busy,
    answered,  // it has answered, and has not asked for the next one
    ending,    // killed; its end has not been told yet
    ended
  };

  const Machine& machine_;
  InstanceOwner& owner_;
  Program program_;
  State state_ = State::unpacking;
  bool is_retired_ = false;
  bool was_ready_ = false;
  bool was_counted_ = false;
  bool was_used_ = false;
  std::shared_ptr<bool> lives_ = std::make_shared<bool>(true);
  std::shared_ptr<runtime::CodeFolder> task_;
  std::vector<std::shared_ptr<runtime::CodeFolder>> layers_;
  std::uint16_t port_ = 0;
  std::unique_ptr<runtime::Sandbox> sandbox_;
  InstanceLog log_;
  std::function<std::vector<std::string>()> late_remarks_;  // null once they were made

  services::LocalReply next_;  // the program waits for an invocation
  std::optional<Invocation> invocation_;
  std::optional<std::string> init_error_;  // what the program has said of its initialization
  std::string init_error_type_;
  std::optional<runtime::ClockHold> hold_;
  runtime::TimerId timer_ = runtime::TimerId::none;
  runtime::Duration began_{};  // of the loop's elapsed time
  runtime::Duration init_began_{};
  std::optional<double> init_milliseconds_;  // until it is reported
  runtime::Duration idle_since_{};
  bool has_timed_out_ = false;

  runtime::Clock& real_clock() const { return runtime::real_clock(machine_.runtime.clock); }
  runtime::Time now() const { return machine_.runtime.clock.now(); }
  double milliseconds_since(runtime::Duration start) const;

  // instance.cpp
  void unpack_next();
  void launch();
  void give_up(std::string reason);
  void set_timer(runtime::Duration after);
  void on_time_out();

  // instance_calls.cpp
  void hand_out();
  void give_next(services::LocalReply reply);
  void take_result(services::LocalRequest request, std::string_view rest,
                   services::LocalReply reply);
  void take_init_error(services::LocalRequest request, services::LocalReply reply);
  void finish(Result result, std::string status);
};

}  // namespace matinee::lambda
