#include "gateway/server.h"

#include <fmt/format.h>

namespace matinee::gateway {

Server::Server(runtime::Clock& clock, runtime::Workers& workers, ServerOptions options)
    : clock_(clock), workers_(workers), options_(std::move(options)) {}

Server::~Server() {
  for (const std::unique_ptr<IoThread>& thread : threads_) thread->stop_now();
}

std::vector<Listener> Server::give_listeners() {
  for (const std::unique_ptr<IoThread>& thread : threads_) thread->stop_now();
  threads_.clear();
  return std::move(listeners_);
}

std::expected<void, std::string> Server::start(const HandlerFactory& make_handler) {
  std::vector<Listener> listeners = std::move(options_.listeners);
  for (const ListenAddress& address : options_.listen) {
    if (listeners.size() >= options_.listen.size()) break;
    std::expected<Listener, std::string> listener = listen_on(address);
    if (!listener) return std::unexpected(listener.error());
    listeners.push_back(std::move(*listener));
  }
  listeners_ = std::move(listeners);
  std::vector<IoThread*> targets;
  const ConnectionLimits limits{
      .timeouts = options_.timeouts,
      .most = (options_.most_connections + options_.io_threads - 1) / options_.io_threads,
      .tls = options_.tls,
      .tunnels = options_.tunnels};
  for (unsigned i = 0; i < options_.io_threads; ++i) {
    threads_.push_back(std::make_unique<IoThread>(make_handler, clock_, workers_, limits));
    targets.push_back(threads_.back().get());
  }
  running_ = threads_.size();
  for (const Listener& listener : listeners_) threads_[0]->accept_from(listener, targets);
  for (std::size_t i = 0; i < threads_.size(); ++i) threads_[i]->start(fmt::format("io-{}", i));
  return {};
}

std::expected<std::uint16_t, std::string> Server::open(const ListenAddress& address) {
  std::expected<Listener, std::string> listener = listen_on(address);
  if (!listener) return std::unexpected(listener.error());
  const std::uint16_t port = listener->port;
  threads_[0]->accept_from(std::move(*listener));
  return port;
}

void Server::close(std::uint16_t port) {
  threads_[0]->close_port(port);
}

std::vector<std::uint16_t> Server::ports() const {
  std::vector<std::uint16_t> ports;
  for (const Listener& listener : listeners_) ports.push_back(listener.port);
  return ports;
}

void Server::stop(runtime::Duration grace, runtime::Callback stopped) {
  stopped_ = std::move(stopped);
  for (const std::unique_ptr<IoThread>& thread : threads_) {
    thread->stop(grace, [this] {
      if (--running_ == 0 && stopped_) stopped_();
    });
  }
}

}  // namespace matinee::gateway
