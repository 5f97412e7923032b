// What faults do to calls on their way to the endpoint and back.
#include <fmt/format.h>

#include "gateway/lane.h"
#include "runtime/timer_purpose.h"

namespace matinee::gateway {

namespace {

constexpr runtime::TimerPurpose going_on{.what = "a call goes on that a fault has held up"};

void say(Call& call, const std::vector<std::string>& fault_ids) {
  call.reply_headers.add("x-matinee-fault", fmt::format("{}", fmt::join(fault_ids, ", ")));
}

}  // namespace

/// Also the faults of what the call causes, its deliveries or the function, are in its reply, as
/// far as they hit before it has to wait.
void Lane::run_watched(std::shared_ptr<Call> call) {
  std::vector<std::string> hits;
  faults_->gather(&hits);
  invoke_operation(call);
  faults_->gather(nullptr);
  if (!hits.empty()) say(*call, hits);
}

/// Whether the call goes no further, or later.
bool Lane::strike(const std::shared_ptr<Call>& call) {
  faults::Verdict verdict = faults_->judge(call->context, *call->operation, call->request.get());
  if (verdict.ids.empty()) return false;
  say(*call, verdict.ids);
  call->loss = verdict.fate;
  call->is_cut = verdict.fate.has_value();
  call->error = std::move(verdict.error);
  call->is_undone = call->error || verdict.fate == faults::Action::reset;
  call->cancellation = call->context.cancellation;
  if (verdict.latency > runtime::Duration::zero()) {
    run_later(call, verdict.latency);
    return true;
  }
  if (!call->is_undone) return false;
  finish_undone(call);
  return true;
}

void Lane::go_on(std::shared_ptr<Call> call) {
  call->is_undone ? finish_undone(std::move(call)) : run(std::move(call));
}

void Lane::finish_undone(std::shared_ptr<Call> call) {
  services::Outcome outcome(std::move(call->error));
  finish(std::move(call), std::move(outcome));
}

/// Whoever gives up waiting, be it the client or a server that stops, has it done at once.
void Lane::run_later(std::shared_ptr<Call> call, runtime::Duration latency) {
  runtime::Clock& clock = faults_->clock();
  const std::shared_ptr<services::Cancellation> cancellation = call->cancellation;
  const runtime::TimerId timer =
      runtime::call_for(clock, going_on, clock.now() + latency,
                        [self = shared_from_this(), call, cancellation]() mutable {
                          cancellation->on_cancel(nullptr);
                          self->go_on(std::move(call));
                        });
  cancellation->on_cancel([self = shared_from_this(), call = std::move(call), timer]() mutable {
    self->faults_->clock().cancel(timer);
    self->go_on(std::move(call));
  });
}

/// Until nobody waits any more: by the client's time-out, or because the server stops.
void Lane::keep_silent(std::shared_ptr<Call> call) {
  const std::shared_ptr<services::Cancellation> cancellation = std::move(call->cancellation);
  call->loss = std::nullopt;
  cancellation->on_cancel([self = shared_from_this(), call = std::move(call)]() mutable {
    self->finished_.push_back(std::move(call));
    if (!self->is_delivery_due_) self->deliver();
  });
}

}  // namespace matinee::gateway
