// The way of calls from one I/O thread to the state thread and back. A burst of requests wakes the
// other side once, and so does a burst of replies.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "gateway/gate.h"
#include "gateway/request_handler.h"
#include "runtime/at_rest.h"
#include "services/endpoint.h"
#include "services/faults.h"
#include "services/s3/transfer/digest_batch.h"

namespace matinee::gateway {

/// One call of an operation. Filled on the I/O thread, then the state thread's, then the I/O
/// thread's again.
struct Call {
  services::Context context;
  const protocol::Operation* operation = nullptr;
  /// Lent to the endpoint, so that it ends where it was made: that may take a while.
  protocol::Object request;
  protocol::Violations violations;
  std::shared_ptr<protocol::ServiceError> fault;  // of a body that cannot be read
  bool is_validated = false;                      // as services::Input says
  /// Of a request that a browser makes for a page of another origin. Without an operation the call
  /// is a preflight, and the answer to the question is all there is to it.
  std::optional<services::BrowserQuestion> question;
  const protocol::ServiceModel* service = nullptr;  // that is asked
  /// Only whether the caller may do it is of interest: the body is still to come.
  bool is_question_of_access = false;
  protocol::Headers reply_headers;  // its answer, and which faults have hit

  // What faults do to it.

  std::optional<faults::Action> loss;
  bool is_cut = false;     // there is no reply: the connection is to be reset
  bool is_undone = false;  // the operation is not called
  std::shared_ptr<protocol::ServiceError> error;
  std::shared_ptr<services::Cancellation> cancellation;

  std::optional<services::Outcome> outcome;
  /// On the I/O thread. Empty once nobody waits for the outcome any more.
  std::move_only_function<void(services::Outcome)> done;
};

class Lane : public std::enable_shared_from_this<Lane> {
 public:
  /// `faults` and `gate` may be null, and have to outlive it, as the endpoint.
  Lane(services::Endpoint& endpoint, services::Faults* faults, const Gate* gate,
       std::shared_ptr<IoQueue> queue)
      : endpoint_(endpoint),
        faults_(faults),
        gate_(gate),
        resting_(runtime::find_resting(endpoint.loop())),
        queue_(std::move(queue)) {}

  // On the I/O thread.

  /// Sends a call with the next `flush`.
  void submit(std::shared_ptr<Call> call) { pending_.push_back(std::move(call)); }
  /// Takes what the calls of a round leave to be computed for all of them at once, by `flush`.
  s3::DigestBatch& digests() { return digests_; }
  void flush();
  /// Tells an operation that waits that it need not.
  void cancel(std::shared_ptr<services::Cancellation> cancellation);

 private:
  using Calls = std::vector<std::shared_ptr<Call>>;

  services::Endpoint& endpoint_;
  services::Faults* faults_;
  const Gate* gate_;
  runtime::RestingLoop* resting_;  // null: replies go out as soon as they are there
  std::shared_ptr<IoQueue> queue_;
  Calls pending_;  // of the I/O thread
  s3::DigestBatch digests_;

  // Of the state thread.
  Calls finished_;
  bool is_delivery_due_ = false;

  void invoke(Calls calls);
  bool answer_browser(const std::shared_ptr<Call>& call);
  void answer_access(std::shared_ptr<Call> call);
  void run(std::shared_ptr<Call> call);
  void invoke_operation(std::shared_ptr<Call> call);
  void run_watched(std::shared_ptr<Call> call);
  bool strike(const std::shared_ptr<Call>& call);
  void run_later(std::shared_ptr<Call> call, runtime::Duration latency);
  void go_on(std::shared_ptr<Call> call);
  void finish_undone(std::shared_ptr<Call> call);
  void keep_silent(std::shared_ptr<Call> call);
  void finish(std::shared_ptr<Call> call, services::Outcome outcome);
  void deliver();
  void send(Calls calls);
};

}  // namespace matinee::gateway
