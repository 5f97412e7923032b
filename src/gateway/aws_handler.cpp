#include "gateway/aws_handler.h"

#include "gateway/health.h"
#include "gateway/lane.h"
#include "gateway/post_form_claim.h"
#include "gateway/upload.h"
#include "protocol/codec.h"
#include "services/s3/forms/post_form.h"

namespace matinee::gateway {

using protocol::HttpRequest;
using protocol::HttpResponse;
using protocol::ServiceError;

namespace {

/// Of bodies that are collected in memory; DynamoDB's limit, the largest of any such request.
constexpr std::uint64_t most_in_memory = 16 * 1024 * 1024;
/// S3's limit of one PUT, and room for the chunk signatures and trailers around the content.
constexpr std::uint64_t most_streamed = (5ULL << 30) + (16ULL << 20);

bool is_s3(const Target& target) {
  return target.service && target.service->name == "s3";
}

std::vector<std::string> read_list(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    std::string_view name = text.substr(0, text.find(','));
    text.remove_prefix(std::min(name.size() + 1, text.size()));
    while (name.starts_with(' ')) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    std::string& lower = names.emplace_back(name);
    for (char& c : lower)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    if (lower.empty()) names.pop_back();
  }
  return names;
}

/// What a browser asks with this request, or nothing where it asks nothing. Throws BadRequest.
std::optional<services::BrowserQuestion> read_question(const HttpRequest& head) {
  const bool is_preflight = head.method == "OPTIONS";
  const auto origin = head.headers.find("origin");
  if (!origin && !is_preflight) return std::nullopt;
  if (!origin)
    throw ServiceError("BadRequest", 400,
                       "Insufficient information. Origin request header needed.");
  services::BrowserQuestion question{.path = head.path,
                                     .origin = std::string(*origin),
                                     .method = head.method,
                                     .headers = {},
                                     .preflight = is_preflight};
  if (!is_preflight) return question;
  constexpr std::string_view methods[] = {"GET", "PUT", "POST", "DELETE", "HEAD"};
  question.method = head.headers.find("access-control-request-method").value_or("null");
  if (std::ranges::find(methods, question.method) == std::end(methods))
    throw ServiceError("BadRequest", 400,
                       "Invalid Access-Control-Request-Method: " + question.method);
  question.headers = read_list(head.headers.find("access-control-request-headers").value_or(""));
  return question;
}

class AwsExchange final : public Exchange {
 public:
  AwsExchange(AwsGateway& gateway, std::shared_ptr<Lane> lane, HttpRequest head)
      : gateway_(gateway),
        lane_(std::move(lane)),
        request_(std::move(head)),
        claim_(protocol::sigv4::read_claim(request_)) {
    context_.request_id = gateway_.random().uuid();
  }
  ~AwsExchange() override { give_up(); }
  AwsExchange(const AwsExchange&) = delete;
  AwsExchange& operator=(const AwsExchange&) = delete;

  /// Nothing, or the reply to a request that goes no further.
  std::optional<HttpResponse> admit(const Peer& peer);

  std::uint64_t body_limit() const override {
    return is_streamed() ? most_streamed : most_in_memory;
  }
  std::unique_ptr<services::BodySink> open_sink() override {
    if (!is_streamed()) return nullptr;
    return gateway_.endpoint().open_sink(*target_.operation, request_);
  }
  HttpResponse refuse(const ServiceError& error) override {
    return protocol::encode_error(*target_.service, target_.protocol, error, context_.request_id);
  }
  ServiceError too_large() const override {
    if (target_.protocol == protocol::Protocol::rest_xml)
      return {"EntityTooLarge", 400, "Your proposed upload exceeds the maximum allowed size"};
    return {"RequestEntityTooLargeException", 413, "The request is larger than 16 MiB."};
  }
  void run(protocol::Body body, Reply reply) override;
  void cancel() override {
    if (cancellation_) lane_->cancel(std::exchange(cancellation_, nullptr));
  }

 private:
  AwsGateway& gateway_;
  std::shared_ptr<Lane> lane_;
  HttpRequest request_;
  protocol::sigv4::Claim claim_;  // points into request_
  Target target_;
  services::Context context_;
  std::optional<services::BrowserQuestion> question_;
  std::shared_ptr<s3::ReceivedForm> form_;  // that the request came as
  std::shared_ptr<services::Cancellation> cancellation_;
  std::shared_ptr<Call> call_;
  Reply reply_;

  bool is_streamed() const { return target_.operation && target_.operation->streaming_input; }
  bool is_preflight() const { return question_ && question_->preflight; }
  void take(Resolution resolution);
  void adopt_form(std::shared_ptr<s3::ReceivedForm> form);
  void submit();
  void submit_preflight();
  void reply_with(HttpResponse response);
  HttpResponse encode(services::Outcome outcome);
  void give_up();
};

/// Adopts the target, or throws the error, for which the target's protocol is adopted all the same.
void AwsExchange::take(Resolution resolution) {
  if (!resolution) {
    target_ = resolution.error().target;
    // No model has an operation for it, but browsers ask S3.
    if (request_.method == "OPTIONS" && is_s3(target_)) return;
    throw resolution.error().error;
  }
  target_ = *resolution;
  if (target_.operation && !gateway_.endpoint().serves(*target_.operation))
    throw services::not_implemented(*target_.operation);
}

std::optional<HttpResponse> AwsExchange::admit(const Peer& peer) {
  try {
    take(gateway_.router().resolve(request_,
                                   {.scope = claim_.service, .port = peer.default_service}));
    gateway_.authenticator().check_head(request_, claim_, target_);
    gateway_.authenticator().identify(claim_, target_, context_);
    context_.host = request_.headers.find("host").value_or("localhost");
    context_.source_ip = peer.address;
    if (target_.protocol == protocol::Protocol::rest_xml) {
      context_.referer = request_.headers.find("referer").value_or("");
      context_.user_agent = request_.headers.find("user-agent").value_or("");
    }
    if (is_s3(target_)) question_ = read_question(request_);
    return std::nullopt;
  } catch (const ServiceError& error) {
    return refuse(error);
  }
}

void AwsExchange::run(protocol::Body body, Reply reply) {
  request_.body = std::move(body);
  reply_ = std::move(reply);
  try {
    if (is_preflight()) return submit_preflight();
    if (auto form = std::dynamic_pointer_cast<s3::ReceivedForm>(request_.body.received))
      adopt_form(std::move(form));
    if (!target_.operation) take(gateway_.router().resolve_form(request_, target_));
    gateway_.authenticator().check_body(request_, claim_, target_);
    if (target_.protocol == protocol::Protocol::rest_xml && !is_streamed())
      gateway_.endpoint().check_body(*target_.operation, request_);
    submit();
  } catch (...) {
    // The reply may end this exchange, and must not end itself with it.
    reply_with(refuse(*current_error()));
  }
}

/// The exchange may end with the reply.
void AwsExchange::reply_with(HttpResponse response) {
  std::exchange(reply_, nullptr)(std::move(response));
}

/// From here on the form is the PutObject that it stands for, of whoever has signed its policy.
void AwsExchange::adopt_form(std::shared_ptr<s3::ReceivedForm> form) {
  form_ = std::move(form);
  claim_ = read_form_claim(form_->fields);
  if (const std::string* policy = s3::find_field(form_->fields, "policy"))
    gateway_.authenticator().check_form_signature(claim_, *policy, target_);
  gateway_.authenticator().identify(claim_, target_, context_);
  request_ = s3::to_put_request(request_, *form_);
}

void AwsExchange::submit_preflight() {
  call_ = std::make_shared<Call>();
  call_->question = question_;
  call_->service = target_.service;
  call_->done = [this](services::Outcome outcome) {
    if (const auto* error = std::get_if<std::shared_ptr<ServiceError>>(&outcome))
      return reply_with(refuse(**error));
    HttpResponse response;
    response.headers = call_->browser_headers;
    response.headers.add("x-amz-request-id", context_.request_id);
    reply_with(std::move(response));
  };
  lane_->submit(call_);
}

void AwsExchange::submit() {
  auto call = std::make_shared<Call>();
  call->operation = target_.operation;
  call->request = protocol::Object(*target_.operation->request);
  call->violations =
      protocol::decode_request(*target_.operation, target_.protocol, request_, call->request.get());
  cancellation_ = std::make_shared<services::Cancellation>();
  call->context = context_;
  call->context.cancellation = cancellation_;
  call->question = question_;
  call->service = target_.service;
  call->done = [this](services::Outcome outcome) {
    HttpResponse response = encode(std::move(outcome));
    for (const auto& [name, value] : call_->browser_headers) response.headers.add(name, value);
    reply_with(std::move(response));
  };
  call_ = call;
  lane_->submit(std::move(call));
}

HttpResponse AwsExchange::encode(services::Outcome outcome) {
  cancellation_ = nullptr;
  if (const auto* error = std::get_if<std::shared_ptr<ServiceError>>(&outcome))
    return refuse(**error);
  try {
    HttpResponse response =
        protocol::encode_response(*target_.operation, target_.protocol,
                                  std::get<protocol::Object>(outcome).get(), context_.request_id);
    return form_ ? s3::to_form_response(std::move(response), form_->fields, request_)
                 : std::move(response);
  } catch (...) {
    return refuse(*current_error());
  }
}

void AwsExchange::give_up() {
  cancel();
  if (call_) call_->done = nullptr;
}

class AwsHandler final : public RequestHandler {
 public:
  AwsHandler(AwsGateway& gateway, const std::shared_ptr<IoQueue>& queue)
      : gateway_(gateway), lane_(std::make_shared<Lane>(gateway.endpoint(), queue)) {}

  Admission begin(HttpRequest head, const Peer& peer) override {
    if (asks_for_health(head))
      return {.exchange = nullptr,
              .refusal = health_reply(head, gateway_.endpoint().models(), gateway_.version())};
    auto exchange = std::make_unique<AwsExchange>(gateway_, lane_, std::move(head));
    if (std::optional<HttpResponse> refusal = exchange->admit(peer))
      return {.exchange = nullptr, .refusal = std::move(*refusal)};
    return {.exchange = std::move(exchange), .refusal = {}};
  }
  void end_of_round() override { lane_->flush(); }

 private:
  AwsGateway& gateway_;
  std::shared_ptr<Lane> lane_;
};

}  // namespace

AwsGateway::AwsGateway(services::Endpoint& endpoint, runtime::Clock& clock, runtime::Random& random,
                       GatewayOptions options)
    : endpoint_(endpoint),
      random_(random),
      router_(endpoint.models()),
      authenticator_(std::move(options.authentication), clock),
      version_(std::move(options.version)) {}

HandlerFactory AwsGateway::handler_factory() {
  return [this](const std::shared_ptr<IoQueue>& queue) {
    return std::make_unique<AwsHandler>(*this, queue);
  };
}

}  // namespace matinee::gateway
