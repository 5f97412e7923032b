#include "gateway/local_exchange.h"

#include "protocol/error.h"

namespace matinee::gateway {

namespace {

using protocol::HttpResponse;

/// More than a function may answer with, so that its service can say so.
constexpr std::uint64_t longest_body = std::uint64_t{32} << 20;
constexpr int too_large = 413;
constexpr int gone = 410;

class LocalExchange final : public Exchange {
 public:
  LocalExchange(runtime::Loop& loop, FindLocalApi find, std::shared_ptr<IoQueue> queue,
                services::LocalRequest request)
      : loop_(loop),
        find_(std::move(find)),
        queue_(std::move(queue)),
        request_(std::move(request)) {}

  std::uint64_t body_limit() const override { return longest_body; }
  std::unique_ptr<services::BodySink> open_sink() override { return nullptr; }
  HttpResponse refuse(const protocol::ServiceError& error) override {
    request_.is_too_large = true;
    hand_over([](HttpResponse) {});
    HttpResponse response{.status = error.status()};
    response.body = error.message();
    return response;
  }
  protocol::ServiceError too_large() const override {
    return {"RequestEntityTooLarge", gateway::too_large, "Exceeded maximum allowed payload size."};
  }
  void run(protocol::Body body, Reply reply) override {
    request_.http.body = std::move(body);
    reply_ = std::make_shared<Reply>(std::move(reply));
    hand_over([queue = queue_, waiting = std::weak_ptr(reply_)](HttpResponse response) {
      queue->post([waiting, response = std::move(response)]() mutable {
        // Whoever has gone meanwhile has taken the exchange along.
        if (const auto held = waiting.lock()) std::exchange(*held, nullptr)(std::move(response));
      });
    });
  }
  void cancel() override {}

 private:
  runtime::Loop& loop_;
  FindLocalApi find_;
  std::shared_ptr<IoQueue> queue_;
  services::LocalRequest request_;
  std::shared_ptr<Reply> reply_;  // of the I/O thread

  void hand_over(services::LocalReply reply) {
    loop_.post([find = find_, request = std::move(request_), reply = std::move(reply)]() mutable {
      services::LocalApi* api = find(request);
      if (!api) return reply({.status = gone});
      api->handle(std::move(request), std::move(reply));
    });
  }
};

}  // namespace

Admission begin_local(runtime::Loop& loop, FindLocalApi find, std::shared_ptr<IoQueue> queue,
                      services::LocalRequest request) {
  return {.exchange = std::make_unique<LocalExchange>(loop, std::move(find), std::move(queue),
                                                      std::move(request)),
          .refusal = {}};
}

}  // namespace matinee::gateway
