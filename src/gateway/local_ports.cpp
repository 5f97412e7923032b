#include "gateway/local_ports.h"

#include "gateway/local_exchange.h"

namespace matinee::gateway {

/// Which API a port belongs to. Of the state thread.
class OpenPorts {
 public:
  std::unordered_map<std::uint16_t, services::LocalApi*> apis;
};

namespace {

using protocol::HttpRequest;

class LocalHandler final : public RequestHandler {
 public:
  LocalHandler(runtime::Loop& loop, std::shared_ptr<OpenPorts> ports,
               std::shared_ptr<IoQueue> queue)
      : loop_(loop), ports_(std::move(ports)), queue_(std::move(queue)) {}

  Admission begin(HttpRequest head, const Peer& peer) override {
    const auto find = [ports = ports_](const services::LocalRequest& request) {
      const auto api = ports->apis.find(request.port);
      return api == ports->apis.end() ? nullptr : api->second;
    };
    return begin_local(loop_, {.find = find, .takes_pieces = true}, queue_,
                       {.port = peer.port, .peer = peer.address, .http = std::move(head)});
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
    // A program may think for as long as it likes between two requests, and two pieces of a body.
    constexpr runtime::Duration patience = std::chrono::hours(24);
    server_ = std::make_unique<Server>(
        clock_, workers_,
        ServerOptions{.listen = {}, .timeouts = {.body = patience, .idle = patience}});
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
