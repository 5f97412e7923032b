#include "gateway/lane.h"

#include "gateway/browser_guard.h"

namespace matinee::gateway {

void Lane::flush() {
  digests_.finish();
  if (pending_.empty()) return;
  endpoint_.loop().post([self = shared_from_this(), calls = std::exchange(pending_, {})]() mutable {
    self->invoke(std::move(calls));
  });
}

void Lane::cancel(std::shared_ptr<services::Cancellation> cancellation) {
  endpoint_.loop().post([cancellation = std::move(cancellation)] { cancellation->cancel(); });
}

void Lane::invoke(Calls calls) {
  for (std::shared_ptr<Call>& call : calls) {
    Call& filled = *call;
    if (filled.question && !answer_browser(call)) continue;
    if (filled.is_question_of_access) {
      answer_access(std::move(call));
      continue;
    }
    if (faults_ && faults_->has_any(faults::Stage::call) && strike(call)) continue;
    run(std::move(call));
  }
  // This runs behind the completions of the calls above, which are due after the same flush.
  is_delivery_due_ = true;
  endpoint_.loop().after_flush([self = shared_from_this()] {
    self->is_delivery_due_ = false;
    self->deliver();
  });
}

void Lane::run(std::shared_ptr<Call> call) {
  if (gate_ && gate_->is_closed()) [[unlikely]]
    return finish(std::move(call), std::make_shared<protocol::ServiceError>(
                                       "ServiceUnavailable", 503,
                                       "The cloud becomes what a snapshot of it is: try again."));
  if (faults_ && faults_->has_any()) [[unlikely]]
    return run_watched(std::move(call));
  invoke_operation(std::move(call));
}

void Lane::invoke_operation(std::shared_ptr<Call> call) {
  Call& filled = *call;
  endpoint_.invoke(
      std::move(filled.context), *filled.operation,
      {.request = protocol::Object(protocol::borrowed_access, filled.request.get()),
       .violations = std::move(filled.violations),
       .fault = std::move(filled.fault),
       .is_validated = filled.is_validated},
      [self = shared_from_this(), call = std::move(call)](services::Outcome outcome) mutable {
        self->finish(std::move(call), std::move(outcome));
      });
}

/// Whether there is an operation to go on with. A preflight is answered here, and so is a page that
/// would need a rule and has none.
bool Lane::answer_browser(const std::shared_ptr<Call>& call) {
  services::Outcome outcome;
  try {
    services::BrowserAnswer answer = endpoint_.answer_browser(*call->service, *call->question);
    call->reply_headers = std::move(answer.headers);
    if (call->question->needs_permission && !answer.is_permitted)
      throw protocol::ServiceError("AccessDenied", 403,
                                   foreign_origin_message(call->question->origin, true));
  } catch (const protocol::ServiceError& error) {
    outcome = error.clone();
    call->operation = nullptr;
  }
  if (call->operation) return true;
  call->outcome.emplace(std::move(outcome));
  finished_.push_back(call);
  return false;
}

void Lane::answer_access(std::shared_ptr<Call> call) {
  services::Outcome outcome;
  if (auto error = endpoint_.find_refusal(
          call->context, *call->operation,
          {.request = std::move(call->request), .violations = std::move(call->violations)}))
    outcome = std::move(error);
  call->outcome.emplace(std::move(outcome));
  finished_.push_back(std::move(call));
}

void Lane::finish(std::shared_ptr<Call> call, services::Outcome outcome) {
  call->outcome.emplace(std::move(outcome));
  if (call->loss == faults::Action::timeout) return keep_silent(std::move(call));
  finished_.push_back(std::move(call));
  if (!is_delivery_due_) deliver();
}

void Lane::deliver() {
  if (finished_.empty()) return;
  if (!resting_) return send(std::exchange(finished_, {}));
  resting_->at_rest([self = shared_from_this(), calls = std::exchange(finished_, {})]() mutable {
    self->send(std::move(calls));
  });
}

void Lane::send(Calls calls) {
  queue_->post([calls = std::move(calls)] {
    for (const std::shared_ptr<Call>& call : calls)
      if (auto done = std::exchange(call->done, nullptr)) done(std::move(*call->outcome));
  });
}

}  // namespace matinee::gateway
