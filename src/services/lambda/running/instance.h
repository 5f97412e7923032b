// One execution environment: a program in a sandbox that asks for invocations by the Runtime API,
// on a port of its own, one after the other, and extensions beside it that ask for events.
//
// It is initialized for its first call, within ten seconds. When a program ends before its time, or
// a call takes too long, all of them are ended and the environment waits for the next call, which
// initializes it anew: with the same /tmp, in the same stream of the log, and as a part of the
// call. So it is too where the first initialization fails.
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
#include "services/lambda/running/extensions.h"
#include "services/lambda/running/failures.h"
#include "services/lambda/running/instance_log.h"
#include "services/lambda/running/invocation.h"
#include "services/lambda/running/machine.h"
#include "services/lambda/running/program.h"
#include "services/lambda/running/response_stream.h"
#include "services/local_api.h"

namespace matinee::lambda {

class Instance;

/// Hears of instances. None is destroyed from within these calls.
class InstanceOwner {
 public:
  virtual ~InstanceOwner() = default;
  /// It can take an invocation.
  virtual void on_idle(Instance& instance) = 0;
  /// It is of no more use. `failure` tells why, where it could not even be unpacked: then whoever
  /// waits for it is told.
  virtual void on_ended(Instance& instance, std::optional<Result> failure) = 0;
};

class Instance final : public runtime::SandboxListener,
                       public services::LocalApi,
                       public ExtensionHost {
 public:
  Instance(const Machine& machine, InstanceOwner& owner, Program program);
  ~Instance() override;

  /// Unpacks and starts. Nothing is told before this returns.
  void start();
  /// For whose call it is started: what it logs from now on belongs to that chain of calls.
  void started_for(const std::string& trace) { log_.follow(trace); }
  /// Only of one that is idle.
  void invoke(Invocation invocation);
  /// Ends it: at once, or after the invocation that it has.
  void retire();

  bool is_idle() const { return state_ == State::idle; }
  bool is_busy() const { return state_ == State::busy; }
  /// Idle, with its programs running.
  bool is_warm() const { return is_idle() && !is_down_; }
  const Program& program() const { return program_; }
  runtime::Duration idle_since() const { return idle_since_; }
  bool is_retired() const { return is_retired_; }
  /// Its programs have credentials that would not last for a whole call that begins now. They were
  /// given them once, in their environment, and get no others.
  bool is_expiring() const {
    const auto& end = program_.credentials.expires_at;
    return end && now() + call_limit() >= *end;
  }
  /// Its programs were killed, and it will be idle again in a moment.
  bool is_coming_back() const {
    return state_ == State::ending && was_counted_ && !is_retired_ && extensions_.is_empty() &&
           !program_.is_provisioned && !program_.settings.is_hot();
  }
  bool was_used() const { return was_used_; }
  /// Whether the owner has heard of it as ready.
  bool was_counted() const { return was_counted_; }
  void set_counted() { was_counted_ = true; }

  void handle(services::LocalRequest request, services::LocalReply reply) override;
  void on_output(runtime::SandboxOutput output) override;
  void on_program_end(const std::string& name, const runtime::SandboxEnd& end) override;
  void on_end(const runtime::SandboxEnd& end) override;
  void on_extension_progress() override;
  void on_extension_error(std::string type) override;

 private:
  enum class State : std::uint8_t {
    unpacking,
    initializing,  // not all programs have asked for what comes first
    idle,
    busy,
    answered,  // it has answered, and not all programs have asked for what comes next
    ending,    // its programs are asked to end, or killed; their end has not been told yet
    ended
  };

  const Machine& machine_;
  InstanceOwner& owner_;
  Program program_;
  State state_ = State::unpacking;
  bool is_retired_ = false;
  bool is_settling_ = false;             // `settle` is posted
  std::optional<Failure> last_failure_;  // what it has sent before may still come
  bool was_counted_ = false;
  bool was_used_ = false;
  bool is_down_ = false;  // idle, and nothing runs: the next call initializes it
  std::shared_ptr<bool> lives_ = std::make_shared<bool>(true);
  std::shared_ptr<runtime::CodeFolder> task_;
  std::vector<std::shared_ptr<runtime::CodeFolder>> layers_;
  std::uint16_t port_ = 0;
  std::string id_;  // of the environment
  InstanceLog log_;
  std::function<std::vector<std::string>()> late_remarks_;  // null once they were made

  // Of the programs that run, or have run last.
  std::unique_ptr<runtime::Sandbox> sandbox_;
  bool is_running_ = false;       // there are programs in it
  runtime::SandboxProgram main_;  // waits until extensions have registered
  bool is_main_running_ = false;
  bool was_main_started_ = false;
  Extensions extensions_;
  InitPhase phase_;
  runtime::Duration init_began_{};
  std::optional<std::string> init_error_;    // what the program has said of its initialization
  std::string fatal_type_;                   // of the first error that one of them has told
  std::optional<double> init_milliseconds_;  // until it is reported

  services::LocalReply next_;  // the program waits for an invocation
  std::optional<Invocation> invocation_;
  bool has_begun_ = false;           // the log tells of its start
  std::optional<Report> open_call_;  // was answered, and the log does not tell of its end yet
  runtime::Duration began_{};        // of the loop's elapsed time
  runtime::Time deadline_{};         // by the machine's clock
  std::unique_ptr<ResponseStream> response_;  // of the current one, while it comes
  bool is_streaming_ = false;                 // whoever has called has had its beginning
  bool is_cut_ = false;  // its connection has ended, which may be the program's own end
  std::optional<runtime::ClockHold> hold_;
  runtime::TimerId timer_ = runtime::TimerId::none;
  runtime::Duration idle_since_{};

  runtime::Clock& real_clock() const { return runtime::real_clock(machine_.runtime.clock); }
  runtime::Time now() const { return machine_.runtime.clock.now(); }
  double milliseconds_since(runtime::Duration start) const;
  std::string version_text() const;
  runtime::Duration call_limit() const;

  // instance.cpp
  void unpack_next();
  void launch();
  void start_sandbox(Launch launch);
  void start_main();
  void give_up(std::string reason);
  void set_timer(runtime::Duration after);
  void cancel_timer();
  void look_whether_ready();
  void tell_init(const Outcome& outcome);
  void become_idle();

  // instance_ends.cpp
  void on_time_out();
  void fail(Failure failure);
  void fail_after_last_words(Failure failure);
  void fail_now();
  void crash(services::LocalReply reply);
  void fail_call(const Failure& failure);
  void shut_down(std::string_view reason);
  void settle_later();
  void settle();

  // instance_calls.cpp
  void hand_out();
  void give_next(services::LocalReply reply);
  void take_result(services::LocalRequest request, std::string_view rest,
                   services::LocalReply reply);
  void take_init_error(services::LocalRequest request, services::LocalReply reply);
  void handle_runtime(std::string_view action, services::LocalRequest request,
                      services::LocalReply reply);
  void take_subscription(TelemetryApi api, const services::LocalRequest& request,
                         services::LocalReply reply);
  void finish(Result result, std::string status);
  void look_whether_done();
  void close_call();

  // streamed_results.cpp
  /// Whether that is a response that streams, or in a mode that there is not: then it is seen to.
  bool takes_as_stream(services::LocalRequest& request, services::LocalReply& reply);
  void end_stream(StreamOutcome outcome, services::LocalReply reply);
  void finish_cut_stream();
  void refuse_length(std::uint64_t limit, services::LocalReply reply);
};

}  // namespace matinee::lambda
