// The one way into the services: in process and from the gateway alike.
//
// An operation is validated, authorized, and run inside a transaction; its reply is held until what
// it promises is in the log. Everything here happens on the state thread but for `find`,
// `open_sink`, `check_body` and the functions of ServiceError.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "protocol/http.h"
#include "protocol/operation.h"
#include "protocol/violation.h"
#include "runtime/loop.h"
#include "runtime/task.h"
#include "runtime/workers.h"
#include "services/authorization.h"
#include "services/browser_question.h"
#include "services/context.h"
#include "services/reset.h"

namespace matinee::storage {
class Store;
}

namespace matinee::services {

/// The response object, or the error.
using Outcome = std::variant<protocol::Object, std::shared_ptr<protocol::ServiceError>>;
using Completion = std::move_only_function<void(Outcome)>;

class Authorizer;

/// Receives a streamed request body piece by piece, off the state thread, one piece at a time. One
/// that is destroyed before `finish` leaves nothing behind.
class BodySink {
 public:
  virtual ~BodySink() = default;
  /// Throws ServiceError where the body is refused: bad chunk signature, disk full, too large.
  virtual void write(std::span<const char> bytes) = 0;
  /// Verifies lengths and digests, or throws ServiceError. The result becomes the payload member.
  virtual protocol::Body finish() = 0;
};

/// The callee side of one operation: generated for each method that a service class has.
struct Handler {
  const protocol::Operation* operation = nullptr;
  /// Plain operations; runs inside a transaction. Null for the others.
  protocol::Object (*call)(void* service, const Context&, const void* request) = nullptr;
  /// Operations that wait (`Task<Response> f(const Context&, const Request&)`): they make their own
  /// transactions; `request` outlives the task.
  runtime::Task<protocol::Object> (*start)(void* service, const Context&,
                                           const void* request) = nullptr;
};

/// Thrown by a plain operation that cannot go on before something has been found out that takes
/// long: its transaction is rolled back, a worker does the work, and the operation is called again
/// with the same request. The work lives until that has ended.
struct Later {
  runtime::Callback work;
};

/// What a service hands to the Endpoint. A service class derives from it, and `handlers` comes from
/// the generated handlers.h: `sqs::handlers<Service>`.
class ServiceBase : public Resettable {
 public:
  explicit ServiceBase(const protocol::ServiceModel& service_model) : model(service_model) {}

  /// Adds what breaks rules that the service's model does not state and that are told together with
  /// the model's. Called on any thread, before authorization. Default: nothing.
  virtual void check(const protocol::Operation& operation, const void* request,
                     protocol::Violations& violations) const;
  /// The error by which this service tells of a request that breaks its model's rules. Never called
  /// with an empty list. Default: `ValidationException`, "N validation errors detected: ...".
  virtual protocol::ServiceError invalid(const protocol::Operation& operation,
                                         const protocol::Violations& violations) const;
  /// Before a request is refused for its body, which cannot be read or breaks its model's rules:
  /// throws the ServiceError that comes first because it does not depend on the body. Called on the
  /// state thread; members of the body may be missing or invalid. Default: nothing.
  virtual void check_before_body(const Context& context, const protocol::Operation& operation,
                                 const void* request);
  /// For operations with a streamed request body; called on an I/O thread with the request's head.
  virtual std::unique_ptr<BodySink> open_sink(const protocol::Operation& operation,
                                              const protocol::HttpRequest& head);
  /// For the other operations of REST services, whose body has come in as a whole; called on an I/O
  /// thread. Throws ServiceError where the body is not what its headers say. Default: nothing.
  virtual void check_body(const protocol::Operation& operation,
                          const protocol::HttpRequest& request) const;

  /// Whether the caller may do that with what the request names: called on the state thread before
  /// the operation, with a request whose members are valid. Throws ServiceError where it may not.
  /// Default: nothing.
  virtual void authorize(const Context& context, const protocol::Operation& operation,
                         const void* request);

  // For policies of identities: `Authorizer` asks these where IAM is observed or enforced.

  /// Appends what a call must be allowed: by the operation's table. A service overrides it for what
  /// the request does not name: the key that a ciphertext was made with.
  virtual void add_needs(const Context& context, const protocol::Operation& operation,
                         const void* request, std::vector<Need>& needs) const;
  /// Makes of an ARN that a table has made of a name that of the resource itself: the key behind
  /// "arn:...:key/alias/NAME", the secret with its six letters. What does not exist stays as it is.
  /// Default: nothing.
  virtual void complete_arn(const Context& context, std::string& arn) const;
  /// Owner and policy of a resource. Default: the owner stands in the ARN, and there is no policy.
  virtual Guarded guard_of(const Inquiry& inquiry) const;
  /// The values of a condition key that neither the request's members nor its caller give, in lower
  /// case: "aws:resourcetag/team", "dynamodb:leadingkeys". Tags of the resource are only asked for
  /// with "aws:". Default: nothing.
  virtual std::optional<std::vector<std::string>> find_key(const Inquiry& inquiry,
                                                           std::string_view key) const;
  /// The error for who may not: `sentence` is AWS's. Default: AccessDeniedException (400) in JSON,
  /// else AccessDenied (403).
  virtual protocol::ServiceError refusal(const Inquiry& inquiry, std::string sentence) const;
  /// Whether actions are told in lower case, as SQS does.
  virtual bool tells_lower_case() const { return false; }
  /// Whether `authorize` asks the decider itself for everything, as S3 does.
  virtual bool judges_itself() const { return false; }

  /// Null while IAM is off.
  Decider* decider() const { return decider_; }
  void use(Decider* decider) { decider_ = decider; }

  /// What pages of another origin may do here. Throws ServiceError for a preflight that asks for
  /// too much. Default: nothing.
  virtual BrowserAnswer answer_browser(const BrowserQuestion& question) const;

  const protocol::ServiceModel& model;

 private:
  Decider* decider_ = nullptr;
};

/// A decoded request: made by `operation.request`, with what decoding has found wrong already.
struct Input {
  protocol::Object request;
  protocol::Violations violations = {};
  /// Of a body that cannot be read at all; then members of it are missing.
  std::shared_ptr<protocol::ServiceError> fault = nullptr;
  /// Whether the limits of the model have been looked at too: large requests are, elsewhere.
  bool is_validated = false;
  /// Called with the response once the operation has succeeded, in its transaction where it is a
  /// plain one (those that wait: in one of its own, before the outcome is given). What it throws is
  /// the operation's error.
  std::function<void(const protocol::Object& response)> keep = nullptr;
};

class Endpoint {
 public:
  /// Without workers, what is to be done later is done at once.
  Endpoint(runtime::Loop& loop, storage::Store& store, runtime::Workers* workers = nullptr)
      : loop_(loop), store_(store), workers_(workers) {}

  /// `handlers` must outlive the endpoint; entries without call and start answer 501.
  void add(ServiceBase& service, std::span<const Handler> handlers);

  /// Who decides about calls, and takes note of them. After all services were added; must outlive
  /// the endpoint. Without one, everybody may what the services' own rules allow.
  void use(Authorizer& authorizer);
  /// Whether policies are looked at at all. From any thread.
  bool asks_policies() const { return asks_policies_; }

  /// What `reset` resets besides the services. Must outlive the endpoint.
  void add(Resettable& part) { resettable_.push_back(&part); }

  /// Removes everything of an account, or everything, in one transaction; ends once the last bytes
  /// are on their way out too. Like any write it is durable with the flush of its round. Throws
  /// StoreFailure.
  runtime::Task<> reset(ResetScope scope);

  /// Whether any service here is called `name` ("sqs").
  const protocol::ServiceModel* find(std::string_view name) const;
  std::span<const protocol::ServiceModel* const> models() const { return models_; }

  /// Adds what breaks the rules of the model and of the service, for an operation that is served.
  /// From any thread: what is said of a large request takes long to find.
  void validate(const protocol::Operation& operation, const void* request,
                protocol::Violations& violations) const;

  /// Runs the operation; `done` is called on the state thread once the outcome is durable.
  void invoke(Context context, const protocol::Operation& operation, Input input, Completion done);

  /// Why the caller may not run the operation, by what is known before its body: null where it may.
  std::shared_ptr<protocol::ServiceError> find_refusal(const Context& context,
                                                       const protocol::Operation& operation,
                                                       Input input);

  std::unique_ptr<BodySink> open_sink(const protocol::Operation& operation,
                                      const protocol::HttpRequest& head) const;
  void check_body(const protocol::Operation& operation, const protocol::HttpRequest& request) const;
  /// Of the service with that model.
  BrowserAnswer answer_browser(const protocol::ServiceModel& model,
                               const BrowserQuestion& question) const;

  /// Whether a service here has a method for the operation; if not, calls answer 501.
  bool serves(const protocol::Operation& operation) const;

  runtime::Loop& loop() { return loop_; }

 private:
  struct Entry {
    ServiceBase* service;
    const Handler* handler;
    bool stores_more;  // refused on a full disk
  };
  struct Waiting;

  runtime::Loop& loop_;
  storage::Store& store_;
  runtime::Workers* workers_;
  std::vector<const protocol::ServiceModel*> models_;
  std::vector<ServiceBase*> services_;
  std::vector<Resettable*> resettable_;
  std::unordered_map<const protocol::Operation*, Entry> entries_;
  Authorizer* authorizer_ = nullptr;
  bool asks_policies_ = false;

  /// Throws where the request is not what the operation takes.
  void require_valid(const Entry& entry, const Context& context, Input& input);
  /// Throws where the caller may not do that.
  void authorize(const Entry& entry, const Context& context, const void* request);
  /// Throws where the operation would store more while the disk is full.
  void require_room(const protocol::Operation& operation);
  void start(const Entry& entry, std::unique_ptr<Waiting> call);
  void call_again(std::unique_ptr<Waiting> call, runtime::Callback after);
  /// Delivers the outcome once the current round is durable.
  void finish(Completion done, Outcome outcome);
};

/// 501: the model knows the operation, this program does not serve it.
protocol::ServiceError not_implemented(const protocol::Operation& operation);

}  // namespace matinee::services
