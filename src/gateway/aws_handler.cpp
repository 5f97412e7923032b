#include "gateway/aws_handler.h"

#include <fmt/format.h>

#include "gateway/health.h"
#include "gateway/lane.h"
#include "gateway/post_form_claim.h"
#include "gateway/upload.h"
#include "protocol/codec.h"
#include "protocol/weight.h"
#include "services/s3/forms/post_form.h"

namespace matinee::gateway {

using protocol::HttpRequest;
using protocol::HttpResponse;
using protocol::ServiceError;

namespace {

/// Of bodies that are collected in memory, by service.
std::uint64_t most_in_memory(const protocol::ServiceModel& service) {
  constexpr std::uint64_t mebibyte = 1024 * 1024;
  if (service.name == "dynamodb") return 16 * mebibyte;
  // Messages of a mebibyte, and what escapes make of them: three bytes of one.
  if (service.name == "sqs") return 4 * mebibyte;
  return 2 * mebibyte;
}

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

/// What X-Ray's clients send along, and SQS keeps with a message: text, or it is left out.
std::string trace_header_of(const HttpRequest& head) {
  const std::string_view text = head.headers.find("x-amzn-trace-id").value_or("");
  if (!std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; })) return {};
  return std::string(text);
}

/// A request. While a worker has it in hand nobody else touches it, but to give it up.
class AwsExchange final : public Exchange, public std::enable_shared_from_this<AwsExchange> {
 public:
  AwsExchange(AwsGateway& gateway, std::shared_ptr<IoQueue> queue, std::shared_ptr<Lane> lane,
              HttpRequest head)
      : gateway_(gateway),
        queue_(std::move(queue)),
        lane_(std::move(lane)),
        request_(std::move(head)),
        claim_(protocol::sigv4::read_claim(request_)) {
    context_.request_id = gateway_.random().uuid();
  }
  AwsExchange(const AwsExchange&) = delete;
  AwsExchange& operator=(const AwsExchange&) = delete;

  /// Nothing, or the reply to a request that goes no further.
  std::optional<HttpResponse> admit(const Peer& peer);

  std::uint64_t body_limit() const override {
    return is_streamed() ? most_streamed : most_in_memory(*target_.service);
  }
  std::unique_ptr<services::BodySink> open_sink() override {
    if (!is_streamed()) return nullptr;
    return gateway_.endpoint().open_sink(*target_.operation, request_);
  }
  HttpResponse refuse(const ServiceError& error) override {
    return protocol::encode_error(*target_.service, target_.protocol, error, context_.request_id);
  }
  ServiceError too_large() const override {
    if (is_streamed())
      return {"EntityTooLarge", 400, "Your proposed upload exceeds the maximum allowed size"};
    if (target_.protocol == protocol::Protocol::rest_xml)
      return {"MaxMessageLengthExceeded", 400, "Your request was too big."};
    return {"RequestEntityTooLargeException", 413,
            fmt::format("The request is larger than {} MiB.", body_limit() >> 20)};
  }
  void run(protocol::Body body, Reply reply) override;
  void cancel() override {
    is_cancelled_ = true;
    if (!is_in_hand_ && cancellation_) lane_->cancel(std::exchange(cancellation_, nullptr));
  }
  /// Nobody waits for the reply any more.
  void give_up();

 private:
  AwsGateway& gateway_;
  std::shared_ptr<IoQueue> queue_;
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
  bool is_in_hand_ = false;  // of a worker
  bool is_cancelled_ = false;
  bool is_given_up_ = false;
  std::optional<services::Outcome> outcome_;
  std::optional<HttpResponse> response_;

  bool is_streamed() const { return target_.operation && target_.operation->streaming_input; }
  bool is_preflight() const { return question_ && question_->preflight; }
  void take(Resolution resolution);
  void adopt_form(std::shared_ptr<s3::ReceivedForm> form);
  using Step = void (AwsExchange::*)();
  void do_in_turn(bool is_heavy, Step work, Step rest);
  void prepare();
  void submit();
  void prepare_call();
  void submit_preflight();
  void reply_with(HttpResponse response);
  bool is_large_request() const { return request_.body.bytes.size() > HeavyWork::threshold; }
  std::size_t weight_of(const services::Outcome& outcome) const;
  void finish(services::Outcome outcome);
  void encode_outcome();
  void reply_encoded();
  HttpResponse encode(services::Outcome outcome);
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
    context_.trace_header = trace_header_of(request_);
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

/// Does the work here, or lets a worker do it; the rest is done here in any case.
void AwsExchange::do_in_turn(bool is_heavy, Step work, Step rest) {
  if (!is_heavy) {
    (this->*work)();
    return (this->*rest)();
  }
  is_in_hand_ = true;
  const auto self = shared_from_this();
  gateway_.heavy_work().post(
      queue_, [self, work] { (self.get()->*work)(); },
      [self, rest] {
        self->is_in_hand_ = false;
        if (!self->is_given_up_) (self.get()->*rest)();
      });
}

void AwsExchange::run(protocol::Body body, Reply reply) {
  request_.body = std::move(body);
  reply_ = std::move(reply);
  do_in_turn(is_large_request(), &AwsExchange::prepare, &AwsExchange::submit);
}

/// Leaves a call or a preflight to be submitted, or the reply that refuses it.
void AwsExchange::prepare() {
  try {
    if (is_preflight()) return;
    if (auto form = std::dynamic_pointer_cast<s3::ReceivedForm>(request_.body.received))
      adopt_form(std::move(form));
    if (!target_.operation) take(gateway_.router().resolve_form(request_, target_));
    gateway_.authenticator().check_body(request_, claim_, target_);
    if (target_.protocol == protocol::Protocol::rest_xml && !is_streamed())
      gateway_.endpoint().check_body(*target_.operation, request_);
    prepare_call();
  } catch (...) {
    response_ = refuse(*current_error());
  }
}

/// The reply may end this exchange, and must not end itself with it.
void AwsExchange::submit() {
  if (response_) return reply_with(*std::exchange(response_, std::nullopt));
  if (is_preflight()) return submit_preflight();
  lane_->submit(call_);
  if (is_cancelled_) cancel();
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

void AwsExchange::prepare_call() {
  auto call = std::make_shared<Call>();
  call->operation = target_.operation;
  call->request = protocol::Object(*target_.operation->request);
  call->violations =
      protocol::decode_request(*target_.operation, target_.protocol, request_, call->request.get());
  if (is_large_request()) {
    protocol::validate(*target_.operation->input, call->request.get(), call->violations);
    call->is_validated = true;
  }
  cancellation_ = std::make_shared<services::Cancellation>();
  call->context = context_;
  call->context.cancellation = cancellation_;
  call->question = question_;
  call->service = target_.service;
  call->done = [this](services::Outcome outcome) { finish(std::move(outcome)); };
  call_ = std::move(call);
}

/// Of the reply, as far as it matters.
std::size_t AwsExchange::weight_of(const services::Outcome& outcome) const {
  if (const auto* object = std::get_if<protocol::Object>(&outcome))
    return protocol::weight(*target_.operation->output, object->get(), HeavyWork::threshold);
  const ServiceError& error = *std::get<std::shared_ptr<ServiceError>>(outcome);
  if (error.members() == nullptr) return 0;
  return protocol::weight(*error.info()->members, error.members(), HeavyWork::threshold);
}

void AwsExchange::finish(services::Outcome outcome) {
  cancellation_ = nullptr;
  outcome_ = std::move(outcome);
  do_in_turn(is_large_request() || weight_of(*outcome_) > HeavyWork::threshold,
             &AwsExchange::encode_outcome, &AwsExchange::reply_encoded);
}

/// And ends what request and reply were made of.
void AwsExchange::encode_outcome() {
  response_ = encode(std::move(*outcome_));
  outcome_.reset();
  call_->request = protocol::Object();
}

void AwsExchange::reply_encoded() {
  for (const auto& [name, value] : call_->browser_headers) response_->headers.add(name, value);
  reply_with(*std::exchange(response_, std::nullopt));
}

HttpResponse AwsExchange::encode(services::Outcome outcome) {
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
  is_given_up_ = true;
  cancel();
  if (!is_in_hand_ && call_) call_->done = nullptr;
}

/// What the connection holds of an exchange, which a worker may hold as well.
class AwsExchangeHandle final : public Exchange {
 public:
  explicit AwsExchangeHandle(std::shared_ptr<AwsExchange> exchange)
      : exchange_(std::move(exchange)) {}
  ~AwsExchangeHandle() override { exchange_->give_up(); }
  AwsExchangeHandle(const AwsExchangeHandle&) = delete;
  AwsExchangeHandle& operator=(const AwsExchangeHandle&) = delete;

  std::uint64_t body_limit() const override { return exchange_->body_limit(); }
  std::unique_ptr<services::BodySink> open_sink() override { return exchange_->open_sink(); }
  HttpResponse refuse(const ServiceError& error) override { return exchange_->refuse(error); }
  ServiceError too_large() const override { return exchange_->too_large(); }
  void run(protocol::Body body, Reply reply) override {
    exchange_->run(std::move(body), std::move(reply));
  }
  void cancel() override { exchange_->cancel(); }

 private:
  std::shared_ptr<AwsExchange> exchange_;
};

class AwsHandler final : public RequestHandler {
 public:
  AwsHandler(AwsGateway& gateway, const std::shared_ptr<IoQueue>& queue)
      : gateway_(gateway),
        queue_(queue),
        lane_(std::make_shared<Lane>(gateway.endpoint(), queue)) {}

  Admission begin(HttpRequest head, const Peer& peer) override {
    if (asks_for_health(head))
      return {.exchange = nullptr,
              .refusal = health_reply(head, gateway_.endpoint().models(), gateway_.version(),
                                      gateway_.trouble())};
    auto exchange = std::make_shared<AwsExchange>(gateway_, queue_, lane_, std::move(head));
    if (std::optional<HttpResponse> refusal = exchange->admit(peer))
      return {.exchange = nullptr, .refusal = std::move(*refusal)};
    return {.exchange = std::make_unique<AwsExchangeHandle>(std::move(exchange)), .refusal = {}};
  }
  void end_of_round() override { lane_->flush(); }

 private:
  AwsGateway& gateway_;
  std::shared_ptr<IoQueue> queue_;
  std::shared_ptr<Lane> lane_;
};

}  // namespace

AwsGateway::AwsGateway(services::Endpoint& endpoint, const Machine& machine, GatewayOptions options)
    : endpoint_(endpoint),
      random_(machine.random),
      router_(endpoint.models()),
      authenticator_(std::move(options.authentication), machine.clock),
      version_(std::move(options.version)),
      trouble_(std::move(options.trouble)),
      heavy_work_(machine.workers) {}

HandlerFactory AwsGateway::handler_factory() {
  return [this](const std::shared_ptr<IoQueue>& queue) {
    return std::make_unique<AwsHandler>(*this, queue);
  };
}

}  // namespace matinee::gateway
