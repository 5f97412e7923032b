// How an environment ends, or waits for a new beginning: time-outs, programs that end before their
// time, and the shutdown phase.
#include <fmt/format.h>

#include "protocol/json_writer.h"
#include "services/lambda/running/instance.h"
#include "services/lambda/running/runtime_replies.h"

namespace matinee::lambda {

namespace {

/// What programs have between being asked to end and being killed, as AWS documents it; without
/// extensions they have no time.
constexpr runtime::Duration end_limit_of_external = std::chrono::seconds(2);
constexpr runtime::Duration end_limit_of_internal = std::chrono::milliseconds(500);

/// What a program has sent before its end comes by another thread than the end does.
constexpr runtime::Duration last_words = std::chrono::milliseconds(10);

}  // namespace

void Instance::on_time_out() {
  timer_ = runtime::TimerId::none;
  if (state_ == State::ending) return sandbox_->kill();
  fail({.type = "Sandbox.Timedout", .message = {}, .is_time_out = true});
}

void Instance::on_program_end(const std::string& name, const runtime::SandboxEnd& end) {
  if (name.empty()) {
    is_main_running_ = false;
    Failure failure = runtime_failure(end, main_.command.empty() ? "" : main_.command.front());
    if (init_error_ && state_ == State::initializing) failure.document = *init_error_;
    if (!fatal_type_.empty()) failure.type = fatal_type_;
    if (state_ == State::busy) return fail_after_last_words(std::move(failure));
    return fail(std::move(failure));
  }
  extensions_.note_end(name, end.failure.empty());
  Failure failure = extension_failure(end, "{opt}/extensions/" + name);
  if (!fatal_type_.empty()) failure.type = fatal_type_;
  fail(std::move(failure));
}

void Instance::fail_after_last_words(Failure failure) {
  last_failure_ = std::move(failure);
  real_clock().call_at(real_clock().now() + last_words, [this, lives = lives_] {
    if (*lives) fail_now();
  });
}

/// Of a response that streams the end is waited for, which comes since its sender is no more.
void Instance::fail_now() {
  if (!last_failure_ || response_) return;
  fail(*std::exchange(last_failure_, std::nullopt));
}

/// Its answer is lost with it.
void Instance::crash(services::LocalReply reply) {
  reply(accepted_reply());
  fail({.type = "Runtime.ExitError", .message = "Runtime exited with error: signal: killed"});
}

void Instance::on_end(const runtime::SandboxEnd& end) {
  cancel_timer();
  is_running_ = is_main_running_ = false;
  // Where not even a sandbox could be made, no program has ended.
  if (state_ != State::ending && state_ != State::ended && last_failure_) return;
  if (state_ != State::ending && state_ != State::ended)
    return fail(runtime_failure(end, main_.command.empty() ? "" : main_.command.front()));
  settle_later();
}

/// Nothing of programs that have not come to an end can be used again.
void Instance::fail(Failure failure) {
  if (state_ == State::ending || state_ == State::ended) return;
  const bool was_initializing = state_ == State::initializing;
  state_ = State::ending;
  // What they wrote before belongs to what has failed.
  if (is_running_) sandbox_->take_output();
  log_.end_lines();
  const std::string status = failure.is_time_out ? "timeout" : "error";
  if (was_initializing)
    tell_init({.status = status, .error_type = failure.is_time_out ? "" : failure.type});
  if (invocation_) {
    fail_call(failure);
  } else if (open_call_) {
    // Its caller has had the answer.
    open_call_->status = status;
    open_call_->error_type = failure.is_time_out ? "" : failure.type;
    if (failure.is_time_out)
      log_.write(fmt::format("{} {} Task timed out after {}.00 seconds\n", time_text(now()),
                             open_call_->id, program_.settings.timeout_seconds));
    else
      log_.tell(fault(fmt::format("RequestId: {} Error: {}", open_call_->id, failure.message),
                      failure.type));
    close_call();
  }
  shut_down(failure.is_time_out ? "TIMEOUT" : "FAILURE");
}

/// The caller is told, and the log.
void Instance::fail_call(const Failure& failure) {
  const std::string& id = invocation_->id;
  if (!std::exchange(has_begun_, true)) {
    log_.begin_tail(*invocation_);
    log_.tell(call_start(id, version_text(), invocation_->trace));
  }
  if (!failure.document.empty()) {
    return finish({.payload = failure.document,
                   .function_error = "Unhandled",
                   .error_type = failure.type,
                   .error_message = error_message_of(failure.document)},
                  "error");
  }
  if (failure.is_time_out) {
    const std::string text =
        fmt::format("Task timed out after {}.00 seconds", program_.settings.timeout_seconds);
    log_.write(fmt::format("{} {} {}\n", time_text(now()), id, text));
    return finish(failed_result(failure.type, fmt::format("RequestId: {} Error: {}", id, text)),
                  "timeout");
  }
  const std::string message = fmt::format("RequestId: {} Error: {}", id, failure.message);
  log_.tell(fault(message, failure.type));
  finish(failed_result(failure.type, message), "error");
}

void Instance::shut_down(std::string_view reason) {
  state_ = State::ending;
  cancel_timer();
  hold_.reset();
  next_ = nullptr;
  if (!is_running_) return settle_later();
  if (extensions_.is_empty()) return sandbox_->kill();
  const runtime::Duration limit =
      extensions_.has_external() ? end_limit_of_external : end_limit_of_internal;
  std::string event = "{\"eventType\":\"SHUTDOWN\",\"shutdownReason\":";
  protocol::json::append_string(event, reason);
  event +=
      fmt::format(",\"deadlineMs\":{}}}", runtime::to_milliseconds(real_clock().now() + limit));
  if (log_.telemetry() != nullptr) log_.telemetry()->flush();
  if (is_main_running_) sandbox_->ask_to_end();
  extensions_.tell_end(event);
  set_timer(limit);
}

/// Not from within what the sandbox tells.
void Instance::settle_later() {
  if (std::exchange(is_settling_, true)) return;
  machine_.runtime.loop.post([this, lives = lives_] {
    if (*lives) settle();
  });
}

void Instance::settle() {
  is_settling_ = false;
  log_.end_lines();
  log_.end_telemetry();
  log_.keep();
  if (is_retired_ || (was_used_ && program_.settings.is_hot())) {
    state_ = State::ended;
    return owner_.on_ended(*this, std::nullopt);
  }
  state_ = State::idle;
  is_down_ = true;
  idle_since_ = machine_.runtime.loop.elapsed();
  owner_.on_idle(*this);
}

}  // namespace matinee::lambda
