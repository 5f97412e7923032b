#include "gateway/aws_handler.h"

#include <fmt/format.h>

#include "checksums/crc.h"
#include "gateway/authentication_errors.h"
#include "gateway/body_limits.h"
#include "gateway/console.h"
#include "gateway/content_encoding.h"
#include "gateway/cross_origin.h"
#include "gateway/head_values.h"
#include "gateway/health.h"
#include "gateway/lane.h"
#include "gateway/local_exchange.h"
#include "gateway/post_form_claim.h"
#include "gateway/reset.h"
#include "gateway/upload.h"
#include "protocol/codec.h"
#include "protocol/weight.h"
#include "services/s3/forms/post_form.h"

namespace matinee::gateway {

using protocol::HttpRequest;
using protocol::HttpResponse;
using protocol::ServiceError;

namespace {

bool is_s3(const Target& target) {
  return target.service && target.service->name == "s3";
}

bool wants_json(const HttpRequest& head) {
  return head.headers.find("accept").value_or("").starts_with("application/json");
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
    context_.request_id = gateway_.request_ids().make(request_.path);
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
    HttpResponse response =
        protocol::encode_error(*target_.service, target_.protocol, error, context_.request_id);
    if (request_.headers.find("x-amzn-query-mode") != "true")
      protocol::leave_query_mode(*target_.service, target_.protocol, error, response);
    return finished(std::move(response));
  }
  ServiceError too_large() const override {
    if (is_streamed())
      return {"EntityTooLarge", 400, "Your proposed upload exceeds the maximum allowed size"};
    return too_large_for_memory(*target_.operation, target_.protocol);
  }
  void ask(Permission decide) override;
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
  std::optional<services::BrowserQuestion> question_;  // to S3
  bool is_for_page_ = false;  // of an origin that may read what other services than S3 reply
  std::shared_ptr<s3::ReceivedForm> form_;  // that the request came as
  std::shared_ptr<services::Cancellation> cancellation_;
  std::shared_ptr<Call> call_;
  Reply reply_;
  bool is_compressed_ = false;  // the body, for the service to read it uncompressed
  bool is_in_hand_ = false;     // of a worker
  bool is_cancelled_ = false;
  bool is_given_up_ = false;
  std::optional<services::Outcome> outcome_;
  std::optional<HttpResponse> response_;

  bool is_streamed() const { return target_.operation && target_.operation->streaming_input; }
  bool is_preflight() const { return question_ && question_->preflight; }
  void adopt(const Target& target);
  void take(Resolution resolution);
  std::optional<std::string> keep_strangers_out(const Peer& peer) const;
  HttpResponse finished(HttpResponse response) const;
  void adopt_form(std::shared_ptr<s3::ReceivedForm> form);
  using Step = void (AwsExchange::*)();
  void do_in_turn(bool is_heavy, Step work, Step rest);
  void prepare();
  void unpack();
  void submit();
  void prepare_call();
  void decode(Call& call);
  void submit_preflight();
  void reply_with(HttpResponse response);
  bool is_large_request() const { return request_.body.bytes.size() > HeavyWork::threshold; }
  std::size_t weight_of(const services::Outcome& outcome) const;
  void finish(services::Outcome outcome);
  void encode_outcome();
  void reply_encoded();
  HttpResponse encode(services::Outcome outcome);
};

void AwsExchange::adopt(const Target& target) {
  target_ = target;
  if (target_.protocol == protocol::Protocol::query && wants_json(request_))
    target_.protocol = protocol::Protocol::query_json;
}

/// Adopts the target, or throws the error, for which the target's protocol is adopted all the same.
void AwsExchange::take(Resolution resolution) {
  if (!resolution) {
    adopt(resolution.error().target);
    // No model has an operation for it, but browsers ask S3.
    if (request_.method == "OPTIONS" && is_s3(target_)) return;
    throw resolution.error().error;
  }
  adopt(*resolution);
  if (target_.operation && !gateway_.endpoint().serves(*target_.operation))
    throw services::not_implemented(*target_.operation);
}

/// Refuses whoever a web page sends that has no business here. The origin where it is for S3, and
/// the rules of the bucket decide. Throws ServiceError.
std::optional<std::string> AwsExchange::keep_strangers_out(const Peer& peer) const {
  const BrowserGuard& guard = gateway_.guard();
  if (const auto name = guard.find_foreign_host(request_, peer))
    throw access_denied(foreign_host_message(*name), target_);
  std::optional<std::string> origin = guard.find_foreign_origin(request_);
  if (!origin) return std::nullopt;
  const bool has_rules = is_s3(target_) && (target_.operation || request_.method == "OPTIONS");
  if (!has_rules || is_service_preflight(request_, target_))
    throw access_denied(foreign_origin_message(*origin, false), target_);
  if (is_harmless_to_s3(request_)) return std::nullopt;
  return origin;
}

std::optional<HttpResponse> AwsExchange::admit(const Peer& peer) {
  try {
    Resolution resolution = gateway_.router().resolve(
        request_, {.scope = claim_.service, .port = peer.default_service});
    adopt(resolution ? *resolution : resolution.error().target);
    std::optional<std::string> foreign_origin = keep_strangers_out(peer);
    if (is_service_preflight(request_, target_)) return answer_service_preflight(request_);
    is_for_page_ =
        request_.headers.contains("origin") && target_.protocol != protocol::Protocol::rest_xml;
    take(std::move(resolution));
    if (is_s3(target_)) question_ = read_question(request_);
    if (foreign_origin) {
      if (!question_) question_ = {.path = request_.path, .method = request_.method};
      question_->origin = std::move(*foreign_origin);
      question_->needs_permission = true;
    }
    // A preflight comes without credentials, and those in its URL are for what is to follow it.
    if (!is_preflight()) gateway_.authenticator().check_head(request_, claim_, target_);
    gateway_.authenticator().identify(claim_, target_, context_);
    context_.host = host_for_urls(request_, peer);
    context_.source_ip = peer.address;
    context_.secure = peer.is_secure;
    context_.trace_header = trace_header_of(request_);
    const bool is_rest = target_.protocol == protocol::Protocol::rest_xml;
    if (is_rest) context_.referer = find_text(request_, "referer");
    if (is_rest || gateway_.endpoint().asks_policies())
      context_.user_agent = find_text(request_, "user-agent");
    return std::nullopt;
  } catch (const ServiceError& error) {
    return refuse(error);
  }
}

/// What stands in the head of each reply of the service.
HttpResponse AwsExchange::finished(HttpResponse response) const {
  if (target_.service->tells_crc32)
    response.headers.add("x-amz-crc32",
                         std::to_string(crc::update(crc::crc32, 0, response.body.bytes)));
  if (is_for_page_) add_service_headers(response.headers);
  return response;
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
  lane_->digests().add(request_.body);
  is_compressed_ = is_compressed(request_, target_);
  do_in_turn(is_large_request() || is_compressed_, &AwsExchange::prepare, &AwsExchange::submit);
}

/// Leaves a call or a preflight to be submitted, or the reply that refuses it.
void AwsExchange::prepare() {
  try {
    if (is_preflight()) return;
    if (auto form = std::dynamic_pointer_cast<s3::ReceivedForm>(request_.body.received))
      adopt_form(std::move(form));
    if (is_compressed_) unpack();
    if (!target_.operation) {
      take(gateway_.router().resolve_form(request_, target_));
      // Only now it is known whether it is for callers whom nobody knows.
      gateway_.authenticator().identify(claim_, target_, context_);
    }
    if (!is_compressed_ || claim_.signature.empty())  // now that the operation is known
      gateway_.authenticator().check_body(request_, claim_, target_);
    if (target_.protocol == protocol::Protocol::rest_xml && !is_streamed())
      gateway_.endpoint().check_body(*target_.operation, request_);
    prepare_call();
  } catch (...) {
    response_ = refuse(*current_error());
  }
}

/// What is signed are the bytes that were sent, so these are looked at before they are unzipped.
void AwsExchange::unpack() {
  gateway_.authenticator().check_body(request_, claim_, target_);
  auto content = unzip(request_.body.bytes, body_limit());
  if (!content)
    throw content.error() == UnzipFault::too_large ? too_large() : malformed_gzip(target_);
  request_.body.bytes = std::move(*content);
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
  const std::string* policy = s3::find_field(form_->fields, "policy");
  if (policy && s3::has_signer(form_->fields))
    gateway_.authenticator().check_form_signature(claim_, *policy, target_);
  gateway_.authenticator().identify(claim_, target_, context_);
  request_ = s3::to_put_request(request_, *form_);
}

/// Whoever may not store an object is told so before sending it.
void AwsExchange::ask(Permission decide) {
  if (!is_streamed() || request_.method != "PUT") return decide(std::nullopt);
  call_ = std::make_shared<Call>();
  call_->is_question_of_access = true;
  call_->operation = target_.operation;
  call_->request = protocol::Object(*target_.operation->request);
  try {
    call_->violations = protocol::decode_request(*target_.operation, target_.protocol, request_,
                                                 call_->request.get());
  } catch (const ServiceError&) {
    return decide(std::nullopt);  // it is told with the rest, when the body has come
  }
  call_->context = context_;
  call_->question = question_;
  call_->service = target_.service;
  call_->done = [this, decide = std::move(decide)](services::Outcome outcome) mutable {
    const auto* error = std::get_if<std::shared_ptr<ServiceError>>(&outcome);
    if (!error) return decide(std::nullopt);
    HttpResponse refusal = refuse(**error);
    for (const auto& [name, value] : call_->reply_headers) refusal.headers.add(name, value);
    decide(std::move(refusal));
  };
  lane_->submit(call_);
}

void AwsExchange::submit_preflight() {
  call_ = std::make_shared<Call>();
  call_->question = question_;
  call_->service = target_.service;
  call_->done = [this](services::Outcome outcome) {
    if (const auto* error = std::get_if<std::shared_ptr<ServiceError>>(&outcome))
      return reply_with(refuse(**error));
    HttpResponse response;
    response.headers = call_->reply_headers;
    response.headers.add("x-amz-request-id", context_.request_id);
    reply_with(std::move(response));
  };
  lane_->submit(call_);
}

void AwsExchange::prepare_call() {
  auto call = std::make_shared<Call>();
  call->operation = target_.operation;
  call->request = protocol::Object(*target_.operation->request);
  decode(*call);
  if (is_large_request() && !call->fault) {
    gateway_.endpoint().validate(*target_.operation, call->request.get(), call->violations);
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
  if (call_->is_cut) return reply_with({.status = cut_connection});
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
  for (const auto& [name, value] : call_->reply_headers) response_->headers.add(name, value);
  reply_with(*std::exchange(response_, std::nullopt));
}

/// S3 looks for the bucket before it reads a document, so the fault of one goes along.
void AwsExchange::decode(Call& call) {
  try {
    call.violations = protocol::decode_request(*target_.operation, target_.protocol, request_,
                                               call.request.get());
  } catch (const ServiceError& error) {
    if (!is_s3(target_) || error.code() != "MalformedXML") throw;
    call.fault = error.clone();
  }
}

HttpResponse AwsExchange::encode(services::Outcome outcome) {
  if (const auto* error = std::get_if<std::shared_ptr<ServiceError>>(&outcome))
    return refuse(**error);
  try {
    HttpResponse response =
        protocol::encode_response(*target_.operation, target_.protocol,
                                  std::get<protocol::Object>(outcome).get(), context_.request_id);
    if (form_) return s3::to_form_response(std::move(response), form_->fields, request_);
    return finished(std::move(response));
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
  void ask(Permission decide) override { exchange_->ask(std::move(decide)); }
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
        lane_(std::make_shared<Lane>(gateway.endpoint(), gateway.faults(), gateway.gate(), queue)) {
  }

  Admission begin(HttpRequest head, const Peer& peer) override {
    if (asks_for_health(head))
      return {.exchange = nullptr,
              .refusal = health_reply(head, gateway_.endpoint().models(), gateway_.version(),
                                      gateway_.trouble())};
    if (asks_for_certificate(head))
      return {.exchange = nullptr,
              .refusal = certificate_reply(head, gateway_.trusted_certificate())};
    if (asks_for_console(head))
      return {.exchange = nullptr, .refusal = console_reply(head, gateway_.guard(), peer)};
    if (may_ask_for_document(head))
      if (const std::optional<std::string> document = gateway_.document(head.path))
        return {.exchange = nullptr, .refusal = certificate_reply(head, *document)};
    if (services::LocalSite* site = gateway_.site(); site && site->claims(head)) {
      if (!site->is_for_strangers(head))
        if (auto refusal = refuse_strangers(head, gateway_.guard(), peer))
          return {.exchange = nullptr, .refusal = *std::move(refusal)};
      return begin_local(gateway_.endpoint().loop(),
                         {.find = [site](const services::LocalRequest&) { return site; },
                          .authenticator = &gateway_.authenticator(),
                          .service = gateway_.endpoint().find("lambda")},
                         queue_,
                         {.port = peer.port,
                          .peer = peer.address,
                          .is_secure = peer.is_secure,
                          .http = std::move(head)});
    }
    if (asks_for_reset(head)) return begin_reset(gateway_, queue_, std::move(head), peer);
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
      request_ids_(machine.random),
      router_(endpoint.models()),
      authenticator_(std::move(options.authentication), machine.clock),
      guard_(std::move(options.browsers)),
      version_(std::move(options.version)),
      trusted_certificate_(std::move(options.trusted_certificate)),
      document_(std::move(options.document)),
      site_(options.site),
      faults_(options.faults),
      gate_(options.gate),
      trouble_(std::move(options.trouble)),
      heavy_work_(machine.workers) {}

HandlerFactory AwsGateway::handler_factory() {
  return [this](const std::shared_ptr<IoQueue>& queue) {
    return std::make_unique<AwsHandler>(*this, queue);
  };
}

}  // namespace matinee::gateway
