#include "gateway/local_ports.h"

#include "protocol/error.h"

namespace matinee::gateway {

/// Which API a port belongs to. Of the state thread.
class OpenPorts {
 public:
  std::unordered_map<std::uint16_t, services::LocalApi*> apis;
};

namespace {

using protocol::HttpRequest;
using protocol::HttpResponse;

/// More than a function may answer with, so that its service can say so.
constexpr std::uint64_t longest_body = std::uint64_t{32} << 20;
constexpr int too_large = 413;
constexpr int gone = 410;

class LocalExchange final : public Exchange {
 public:
  LocalExchange(runtime::Loop& loop, std::shared_ptr<OpenPorts> ports,
                std::shared_ptr<IoQueue> queue, services::LocalRequest request)
      : loop_(loop),
        ports_(std::move(ports)),
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
  std::shared_ptr<OpenPorts> ports_;
  std::shared_ptr<IoQueue> queue_;
  services::LocalRequest request_;
  std::shared_ptr<Reply> reply_;  // of the I/O thread

  void hand_over(services::LocalReply reply) {
    loop_.post([ports = ports_, request = std::move(request_), reply = std::move(reply)]() mutable {
      const auto api = ports->apis.find(request.port);
      if (api == ports->apis.end()) return reply({.status = gone});
      api->second->handle(std::move(request), std::move(reply));
    });
  }
};

class LocalHandler final : public RequestHandler {
 public:
  LocalHandler(runtime::Loop& loop, std::shared_ptr<OpenPorts> ports,
               std::shared_ptr<IoQueue> queue)
      : loop_(loop), ports_(std::move(ports)), queue_(std::move(queue)) {}

  Admission begin(HttpRequest head, const Peer& peer) override {
    return {.exchange = std::make_unique<LocalExchange>(
                loop_, ports_, queue_,
                services::LocalRequest{.port = peer.port, .http = std::move(head)}),
            .refusal = {}};
  }

 private:
  runtime::Loop& loop_;
  std::shared_ptr<OpenPorts> ports_;
  std::shared_ptr<IoQueue> queue_;
};

}  // namespace

LocalPorts::LocalPorts(runtime::Loop& loop, runtime::Clock& clock, runtime::Workers& workers)
    : loop_(loop), clock_(clock), workers_(workers), open_(std::make_shared<OpenPorts>()) {}

LocalPorts::~LocalPorts() {
  stop();
}

std::expected<std::uint16_t, std::string> LocalPorts::open(services::LocalApi& api) {
  if (!server_) {
    // A program may think for as long as it likes between two requests.
    constexpr runtime::Duration patience = std::chrono::hours(24);
    server_ = std::make_unique<Server>(
        clock_, workers_, ServerOptions{.listen = {}, .timeouts = {.idle = patience}});
    const auto started = server_->start([this](const std::shared_ptr<IoQueue>& queue) {
      return std::make_unique<LocalHandler>(loop_, open_, queue);
    });
    if (!started) return std::unexpected(started.error());
  }
  std::expected<std::uint16_t, std::string> port = server_->open({});
  if (port) open_->apis[*port] = &api;
  return port;
}

void LocalPorts::close(std::uint16_t port) {
  if (open_->apis.erase(port) > 0 && server_) server_->close(port);
}

void LocalPorts::stop() {
  open_->apis.clear();
  server_.reset();
}

}  // namespace matinee::gateway
