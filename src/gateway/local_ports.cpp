#include "gateway/local_ports.h"

#include "gateway/browser_guard.h"
#include "gateway/local_exchange.h"

namespace matinee::gateway {

/// Which API a port belongs to. Of the state thread.
class OpenPorts {
 public:
  std::unordered_map<std::uint16_t, services::LocalApi*> apis;
};

namespace {

using protocol::HttpRequest;

constexpr int forbidden = 403;

class LocalHandler final : public RequestHandler {
 public:
  LocalHandler(runtime::Loop& loop, std::shared_ptr<OpenPorts> ports,
               std::shared_ptr<IoQueue> queue)
      : loop_(loop), ports_(std::move(ports)), queue_(std::move(queue)) {}

  Admission begin(HttpRequest head, const Peer& peer) override {
    if (is_of_page(head, peer)) return {.exchange = nullptr, .refusal = refusal()};
    const auto find = [ports = ports_](const services::LocalRequest& request) {
      const auto api = ports->apis.find(request.port);
      return api == ports->apis.end() ? nullptr : api->second;
    };
    return begin_local(loop_, {.find = find, .takes_pieces = true}, queue_,
                       {.port = peer.port, .peer = peer.address, .http = std::move(head)});
  }

 private:
  /// Runtimes and extensions call it by that, or by an address.
  BrowserGuard guard_{{.hosts = {"sandbox.localdomain"}}};
  runtime::Loop& loop_;
  std::shared_ptr<OpenPorts> ports_;
  std::shared_ptr<IoQueue> queue_;

  /// A GET of any page, whose answer it does not even see, would take a function's event. Browsers
  /// send no Origin with it, but say where it comes from; and programs have no business with that.
  bool is_of_page(const HttpRequest& head, const Peer& peer) const {
    return head.headers.find("sec-fetch-site").value_or("none") != "none" ||
           guard_.find_foreign_host(head, peer);
  }
  static protocol::HttpResponse refusal() {
    protocol::HttpResponse response{.status = forbidden};
    response.headers.add("Content-Type", "text/plain; charset=utf-8");
    response.body.bytes = "Web pages may not use this port: it is for programs of functions.\n";
    return response;
  }
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
