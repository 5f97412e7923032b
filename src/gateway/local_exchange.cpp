#include "gateway/local_exchange.h"

#include "protocol/error.h"

namespace matinee::gateway {

namespace {

using protocol::HttpResponse;

/// More than a function may answer with, so that its service can say so.
constexpr std::uint64_t longest_body = std::uint64_t{32} << 20;
/// Of a body that is handed over while it comes its service keeps account.
constexpr std::uint64_t longest_stream = std::uint64_t{1} << 50;
/// Of such a body: what may be on its way to those who want it.
constexpr std::size_t most_on_the_way = 256 * 1024;
constexpr int too_large = 413;
constexpr int gone = 410;

/// Hands a body to the state thread piece by piece, no more at once than are passed on there.
class PieceIntake final : public Intake, public std::enable_shared_from_this<PieceIntake> {
 public:
  PieceIntake(runtime::Loop& loop, std::shared_ptr<IoQueue> queue)
      : loop_(loop), queue_(std::move(queue)) {}

  /// Once it is owned.
  std::shared_ptr<services::LocalStream> stream() {
    if (!stream_)
      stream_ = std::make_shared<services::LocalStream>(
          [queue = queue_, place = weak_from_this()](std::size_t bytes) {
            queue->post([place, bytes] {
              if (const auto intake = place.lock()) intake->released(bytes);
            });
          });
    return stream_;
  }

  void add(std::string_view bytes) override {
    if (bytes.empty() || error_) return;
    on_the_way_ += bytes.size();
    loop_.post([stream = stream_, piece = std::string(bytes)]() mutable {
      stream->deliver(std::move(piece));
    });
  }
  bool has_room() const override { return on_the_way_ < most_on_the_way; }
  void end(protocol::Headers trailers) override {
    is_complete_ = true;
    tell_end({.is_whole = true, .trailers = std::move(trailers)});
  }
  bool has_ended() const override { return is_complete_ || error_; }
  const std::shared_ptr<protocol::ServiceError>& error() const override { return error_; }
  protocol::Body take_result() override { return {}; }

  /// The client has gone.
  void cut() {
    if (!is_complete_) tell_end({});
  }
  /// Nobody wants the rest.
  void refuse() {
    if (has_ended()) return;
    error_ = std::make_shared<protocol::ServiceError>("Refused", gateway::too_large, "");
    if (on_progress) on_progress();
  }

 private:
  runtime::Loop& loop_;
  std::shared_ptr<IoQueue> queue_;
  std::shared_ptr<services::LocalStream> stream_;
  std::size_t on_the_way_ = 0;
  bool is_complete_ = false;
  bool is_end_told_ = false;
  std::shared_ptr<protocol::ServiceError> error_;

  void tell_end(services::StreamEnd end) {
    if (std::exchange(is_end_told_, true)) return;
    loop_.post([stream = stream_, end = std::move(end)]() mutable { stream->end(std::move(end)); });
  }
  void released(std::size_t bytes) {
    on_the_way_ -= bytes;
    if (on_progress && !has_ended()) on_progress();
  }
};

class LocalExchange final : public Exchange {
 public:
  LocalExchange(runtime::Loop& loop, LocalTarget target, std::shared_ptr<IoQueue> queue,
                services::LocalRequest request)
      : loop_(loop),
        target_(std::move(target)),
        queue_(std::move(queue)),
        request_(std::move(request)),
        is_streamed_(target_.takes_pieces && services::comes_in_pieces(request_.http)) {}

  ~LocalExchange() override { cancel(); }
  LocalExchange(const LocalExchange&) = delete;
  LocalExchange& operator=(const LocalExchange&) = delete;

  std::uint64_t body_limit() const override { return is_streamed_ ? longest_stream : longest_body; }
  std::unique_ptr<services::BodySink> open_sink() override { return nullptr; }
  std::shared_ptr<Intake> open_intake() override {
    if (!is_streamed_) return nullptr;
    waiting_->intake = std::make_shared<PieceIntake>(loop_, queue_);
    request_.stream = waiting_->intake->stream();
    hand_over(answer());
    return waiting_->intake;
  }
  HttpResponse refuse(const protocol::ServiceError& error) override {
    if (waiting_->early) return *std::exchange(waiting_->early, std::nullopt);
    if (waiting_->intake) {
      waiting_->intake->cut();
    } else {
      request_.is_too_large = true;
      hand_over([](HttpResponse) {});
    }
    HttpResponse response{.status = error.status()};
    response.body = error.message();
    return response;
  }
  protocol::ServiceError too_large() const override {
    return {"RequestEntityTooLarge", gateway::too_large, "Exceeded maximum allowed payload size."};
  }
  void run(protocol::Body body, Reply reply) override {
    if (waiting_->early) return reply(*std::exchange(waiting_->early, std::nullopt));
    waiting_->reply = std::move(reply);
    if (waiting_->intake) return;
    request_.http.body = std::move(body);
    identify();
    hand_over(answer());
  }
  void cancel() final {
    if (waiting_->intake) waiting_->intake->cut();
  }

 private:
  /// Of the I/O thread.
  struct Waiting {
    Reply reply;
    std::shared_ptr<PieceIntake> intake;  // of a body that is handed over while it comes
    std::optional<HttpResponse> early;    // that came before the end of such a body
  };

  runtime::Loop& loop_;
  LocalTarget target_;
  std::shared_ptr<IoQueue> queue_;
  services::LocalRequest request_;
  bool is_streamed_;
  std::shared_ptr<Waiting> waiting_ = std::make_shared<Waiting>();

  /// Whoever has gone meanwhile has taken the exchange along.
  services::LocalReply answer() {
    return [queue = queue_, place = std::weak_ptr(waiting_)](HttpResponse response) {
      queue->post([place, response = std::move(response)]() mutable {
        const auto waiting = place.lock();
        if (!waiting) return;
        if (waiting->reply) return std::exchange(waiting->reply, nullptr)(std::move(response));
        waiting->early = std::move(response);
        if (const auto intake = waiting->intake) intake->refuse();
      });
    };
  }

  /// Who has signed the request, if anybody has, and whether that counts.
  void identify() {
    const protocol::sigv4::Claim claim = protocol::sigv4::read_claim(request_.http);
    const bool is_signed = claim.scheme == protocol::sigv4::Scheme::v4_header ||
                           claim.scheme == protocol::sigv4::Scheme::v4_query;
    if (!target_.authenticator || !is_signed) return;
    const Target target{.service = target_.service, .protocol = target_.service->protocol};
    auto caller = std::make_shared<services::Context>();
    caller->source_ip = request_.peer;
    caller->secure = request_.is_secure;
    if (const auto agent = request_.http.headers.find("user-agent")) caller->user_agent = *agent;
    try {
      target_.authenticator->check_head(request_.http, claim, target);
      target_.authenticator->check_body(request_.http, claim, target);
      target_.authenticator->identify(claim, target, *caller);
    } catch (const protocol::ServiceError& error) {
      request_.fault = error.clone();
    }
    request_.caller = std::move(caller);
  }

  void hand_over(services::LocalReply reply) {
    loop_.post(
        [find = target_.find, request = std::move(request_), reply = std::move(reply)]() mutable {
          services::LocalApi* api = find(request);
          if (!api) return reply({.status = gone});
          api->handle(std::move(request), std::move(reply));
        });
  }
};

}  // namespace

Admission begin_local(runtime::Loop& loop, LocalTarget target, std::shared_ptr<IoQueue> queue,
                      services::LocalRequest request) {
  return {.exchange = std::make_unique<LocalExchange>(loop, std::move(target), std::move(queue),
                                                      std::move(request)),
          .refusal = {}};
}

}  // namespace matinee::gateway
