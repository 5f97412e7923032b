// The HTTP server: listens, and runs the I/O threads that serve what comes in.
//
//   Server server(clock, workers, {.listen = {{.port = 4566}}});
//   if (auto started = server.start(factory); !started) fail(started.error());
//   ...
//   server.stop(std::chrono::seconds(5), [&] { loop.stop(); });
#pragma once

#include <atomic>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "gateway/io_thread.h"
#include "gateway/listener.h"
#include "gateway/request_handler.h"

namespace matinee::gateway {

struct ServerOptions {
  std::vector<ListenAddress> listen = {};
  /// Those of an earlier server, at the same addresses: used instead of new ones unless empty.
  std::vector<Listener> listeners = {};
  unsigned io_threads = 1;
  /// At once. Further clients take the place of those that have been idle longest, and are closed
  /// where all are busy. 0: no limit.
  std::size_t most_connections = 0;
  Timeouts timeouts = {};
  /// For TLS beside plain HTTP, on the same ports: the first byte tells.
  std::shared_ptr<const tls::Context> tls = nullptr;
  Tunnels tunnels = {};
};

/// Used from one thread, which is not an I/O thread.
class Server {
 public:
  Server(runtime::Clock& clock, runtime::Workers& workers, ServerOptions options);
  /// Closes all connections, whatever `stop` still waits for, and ends the threads. What handlers
  /// have handed to the state thread may still reply later; such replies are dropped.
  ~Server();

  /// Opens all ports, or none: the error is one sentence for the user. Afterwards clients are
  /// served by handlers that `make_handler` makes, one for each I/O thread.
  std::expected<void, std::string> start(const HandlerFactory& make_handler);

  /// Listens on one address more, after `start`. The port as bound; the error is a sentence.
  std::expected<std::uint16_t, std::string> open(const ListenAddress& address);
  /// Accepts nobody more by a port that `open` gave; who came in by it stays.
  void close(std::uint16_t port);

  /// As bound, in the order of the options.
  std::vector<std::uint16_t> ports() const;

  /// Accepts nothing more, answers what was accepted (waiting operations are cancelled), closes all
  /// connections, at the latest after `grace`, and then calls `stopped` on an I/O thread. Returns
  /// at once; meanwhile the state thread must go on. Once only.
  void stop(runtime::Duration grace, runtime::Callback stopped);

  /// Closes all connections, ends the threads, and gives away where clients connect: those who do
  /// wait until another server takes them.
  std::vector<Listener> give_listeners();

 private:
  runtime::Clock& clock_;
  runtime::Workers& workers_;
  ServerOptions options_;
  std::vector<Listener> listeners_;
  std::atomic<std::size_t> running_ = 0;
  runtime::Callback stopped_;
  std::vector<std::unique_ptr<IoThread>> threads_;
};

}  // namespace matinee::gateway
