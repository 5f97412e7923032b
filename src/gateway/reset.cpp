#include "gateway/reset.h"

#include <fmt/format.h>

#include "gateway/authentication_errors.h"
#include "protocol/codec.h"
#include "runtime/log.h"

namespace matinee::gateway {

using protocol::HttpRequest;
using protocol::HttpResponse;
using protocol::ServiceError;
using services::ResetScope;

namespace {

constexpr std::string_view path = "/_matinee/reset";
constexpr std::uint64_t longest_body = 1024;

/// What signatures are scoped to, and in whose form errors are told.
constexpr protocol::ServiceModel model{.name = "matinee",
                                       .id = "Matinee",
                                       .api_version = "",
                                       .protocol = protocol::Protocol::json,
                                       .also_query = false,
                                       .target_prefix = "",
                                       .json_version = "1.0",
                                       .xml_namespace = "",
                                       .error_namespace = "",
                                       .operations = {}};
constexpr Target target{.service = &model};

ServiceError invalid(std::string message) {
  return {"ValidationException", 400, std::move(message)};
}

bool is_account(std::string_view text) {
  return text.size() == 12 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// A misspelt parameter must not turn "one account" into "everything".
ResetScope read_scope(const HttpRequest& request) {
  ResetScope scope;
  for (const auto& [name, value] : request.query) {
    if (name != "account" || scope.account)
      throw invalid(fmt::format("A reset takes one parameter, account, and not {}.", name));
    if (!is_account(value))
      throw invalid(fmt::format("An account has 12 digits, and \"{}\" has not.", value));
    scope.account = value;
  }
  return scope;
}

void log_failure(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& failure) {
    spdlog::error("A reset failed: {}", failure.what());
  }
}

/// Which right a reset needs; null where nobody knows of any.
const protocol::Operation* find_operation(const services::Endpoint& endpoint) {
  for (const protocol::ServiceModel* known : endpoint.models())
    for (const protocol::Operation* operation : known->operations)
      if (known->id == model.id && operation->name == "ResetCloud") return operation;
  return nullptr;
}

/// By policies of identities, which root users have none of. On the state thread.
std::shared_ptr<ServiceError> find_refusal(services::Endpoint& endpoint,
                                           const services::Context& caller, HttpRequest& request) {
  const protocol::Operation* operation = find_operation(endpoint);
  if (!operation || !endpoint.asks_policies() || caller.principal == services::PrincipalKind::root)
    return nullptr;
  protocol::Object object(*operation->request);
  protocol::decode_request(*operation, operation->service->protocol, request, object.get());
  return endpoint.find_refusal(caller, *operation, {.request = std::move(object)});
}

HttpResponse encode(const ServiceError& error, std::string_view request_id) {
  return protocol::encode_error(model, model.protocol, error, request_id);
}

class ResetExchange final : public Exchange {
 public:
  ResetExchange(AwsGateway& gateway, std::shared_ptr<IoQueue> queue, HttpRequest head)
      : gateway_(gateway),
        queue_(std::move(queue)),
        request_(std::move(head)),
        claim_(protocol::sigv4::read_claim(request_)) {}

  /// Throws ServiceError.
  void check_head(const Peer& peer);

  std::uint64_t body_limit() const override { return longest_body; }
  std::unique_ptr<services::BodySink> open_sink() override { return nullptr; }
  HttpResponse refuse(const ServiceError& error) override {
    HttpResponse response = encode(error, gateway_.random().uuid());
    if (error.status() == 405) response.headers.add("Allow", "POST");
    return response;
  }
  ServiceError too_large() const override { return has_body(); }
  void run(protocol::Body body, Reply reply) override;
  /// What was begun is done, whoever waits for it.
  void cancel() override {}

 private:
  AwsGateway& gateway_;
  std::shared_ptr<IoQueue> queue_;
  HttpRequest request_;
  protocol::sigv4::Claim claim_;  // points into request_
  services::Context caller_;
  ResetScope scope_;
  std::shared_ptr<Reply> reply_;  // of the I/O thread

  static ServiceError has_body() { return invalid("A reset takes no body."); }
  void require_right() const;
};

void ResetExchange::check_head(const Peer& peer) {
  const BrowserGuard& guard = gateway_.guard();
  if (const auto name = guard.find_foreign_host(request_, peer))
    throw access_denied(foreign_host_message(*name), target);
  if (const auto origin = guard.find_foreign_origin(request_))
    throw access_denied(foreign_origin_message(*origin, false), target);
  if (request_.method != "POST")
    throw ServiceError("MethodNotAllowed", 405, fmt::format("{} takes POST.", path));
  scope_ = read_scope(request_);
  gateway_.authenticator().check_head(request_, claim_, target);
  if (!gateway_.authenticator().checks_signatures() && !gateway_.endpoint().asks_policies()) return;
  gateway_.authenticator().identify(claim_, target, caller_);
  caller_.request_id = gateway_.random().uuid();
  caller_.source_ip = peer.address;
  caller_.secure = peer.is_secure;
  require_right();
}

void ResetExchange::require_right() const {
  if (!gateway_.authenticator().checks_signatures()) return;
  const bool is_own = scope_.account ? *scope_.account == caller_.account
                                     : !gateway_.authenticator().knows_others_than(caller_.account);
  if (!is_own)
    throw ServiceError(
        "AccessDeniedException", 403,
        fmt::format("This key may reset account {0} only: add ?account={0}.", caller_.account));
}

void ResetExchange::run(protocol::Body body, Reply reply) {
  request_.body = std::move(body);
  try {
    gateway_.authenticator().check_body(request_, claim_, target);
    if (!request_.body.bytes.empty()) throw has_body();
  } catch (const ServiceError& error) {
    return reply(refuse(error));
  }
  reply_ = std::make_shared<Reply>(std::move(reply));
  const auto answer = [queue = queue_, waiting = std::weak_ptr(reply_)](HttpResponse response) {
    queue->post([waiting, response = std::move(response)]() mutable {
      // Whoever has gone meanwhile has taken the exchange along.
      if (const auto held = waiting.lock()) std::exchange(*held, nullptr)(std::move(response));
    });
  };
  HttpResponse done;
  done.headers.add("Content-Type", "application/json");
  done.body = fmt::format("{{\"reset\": \"{}\"}}\n", scope_.account.value_or("everything"));
  HttpResponse failed = refuse(
      ServiceError("InternalFailure", 500, "The reset could not be kept. Nothing was removed."));
  services::Endpoint& endpoint = gateway_.endpoint();
  endpoint.loop().post([&endpoint, answer, scope = scope_, caller = caller_, request = request_,
                        done = std::move(done), failed = std::move(failed)]() mutable {
    if (const auto refusal = find_refusal(endpoint, caller, request))
      return answer(encode(*refusal, caller.request_id));
    runtime::start(endpoint.reset(scope), [&endpoint, answer, done = std::move(done),
                                           failed = std::move(failed)](
                                              const std::exception_ptr& error) mutable {
      if (error) log_failure(error);
      endpoint.loop().after_flush(
          [answer, response = error ? std::move(failed) : std::move(done)]() mutable {
            answer(std::move(response));
          });
    });
  });
}

}  // namespace

bool asks_for_reset(const HttpRequest& request) {
  return request.path == path;
}

Admission begin_reset(AwsGateway& gateway, std::shared_ptr<IoQueue> queue, HttpRequest head,
                      const Peer& peer) {
  auto exchange = std::make_unique<ResetExchange>(gateway, std::move(queue), std::move(head));
  try {
    exchange->check_head(peer);
  } catch (const ServiceError& error) {
    return {.exchange = nullptr, .refusal = exchange->refuse(error)};
  }
  return {.exchange = std::move(exchange), .refusal = {}};
}

}  // namespace matinee::gateway
