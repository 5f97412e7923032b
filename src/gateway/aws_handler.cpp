#include "gateway/aws_handler.h"

#include "gateway/health.h"
#include "gateway/lane.h"
#include "gateway/upload.h"
#include "protocol/codec.h"

namespace matinee::gateway {

using protocol::HttpRequest;
using protocol::HttpResponse;
using protocol::ServiceError;

namespace {

/// Of bodies that are collected in memory; DynamoDB's limit, the largest of any such request.
constexpr std::uint64_t most_in_memory = 16 * 1024 * 1024;
/// S3's limit of one PUT, and room for the chunk signatures and trailers around the content.
constexpr std::uint64_t most_streamed = (5ULL << 30) + (16ULL << 20);

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
  std::shared_ptr<services::Cancellation> cancellation_;
  std::shared_ptr<Call> call_;
  Reply reply_;

  bool is_streamed() const { return target_.operation && target_.operation->streaming_input; }
  void take(Resolution resolution);
  void submit();
  HttpResponse encode(services::Outcome outcome);
  void give_up();
};

/// Adopts the target, or throws the error, for which the target's protocol is adopted all the same.
void AwsExchange::take(Resolution resolution) {
  if (!resolution) {
    target_ = resolution.error().target;
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
    return std::nullopt;
  } catch (const ServiceError& error) {
    return refuse(error);
  }
}

void AwsExchange::run(protocol::Body body, Reply reply) {
  request_.body = std::move(body);
  reply_ = std::move(reply);
  try {
    if (!target_.operation) take(gateway_.router().resolve_form(request_, target_));
    gateway_.authenticator().check_body(request_, claim_, target_);
    if (target_.protocol == protocol::Protocol::rest_xml && !is_streamed())
      gateway_.endpoint().check_body(*target_.operation, request_);
    submit();
  } catch (...) {
    // The reply may end this exchange, and must not end itself with it.
    HttpResponse response = refuse(*current_error());
    std::exchange(reply_, nullptr)(std::move(response));
  }
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
  call->done = [this](services::Outcome outcome) {
    HttpResponse response = encode(std::move(outcome));
    std::exchange(reply_, nullptr)(std::move(response));
  };
  call_ = call;
  lane_->submit(std::move(call));
}

HttpResponse AwsExchange::encode(services::Outcome outcome) {
  cancellation_ = nullptr;
  if (const auto* error = std::get_if<std::shared_ptr<ServiceError>>(&outcome))
    return refuse(**error);
  try {
    return protocol::encode_response(*target_.operation, target_.protocol,
                                     std::get<protocol::Object>(outcome).get(),
                                     context_.request_id);
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
