// One thread that serves connections with one event loop.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "gateway/listener.h"
#include "gateway/request_handler.h"
#include "gateway/tls/context.h"
#include "runtime/thread.h"
#include "runtime/workers.h"

namespace matinee::gateway {

/// How long connections may take. Checked a few times within the shortest of them.
struct Timeouts {
  runtime::Duration head = std::chrono::seconds(30);   // a whole head, from its first byte
  runtime::Duration body = std::chrono::seconds(60);   // between two pieces of a body
  runtime::Duration idle = std::chrono::minutes(10);   // between two requests
  runtime::Duration write = std::chrono::seconds(60);  // between two pieces of a reply
  runtime::Duration linger = std::chrono::seconds(2);  // for the client to close as well
};

struct ConnectionLimits {
  Timeouts timeouts = {};
  std::size_t most = 0;                               // connections of one thread; 0: no limit
  std::shared_ptr<const tls::Context> tls = nullptr;  // null: nothing but plain HTTP
  Tunnels tunnels = {};
};

class IoThread {
 public:
  IoThread(const HandlerFactory& make_handler, runtime::Clock& clock, runtime::Workers& workers,
           const ConnectionLimits& limits);
  /// Waits until the thread has ended: one of the two stops must have been called.
  ~IoThread();

  /// Starts the thread.
  void start(const std::string& name);
  /// Accepts clients, on this thread, and gives them to `targets` in turn. The listener must
  /// outlive the thread.
  void accept_from(const Listener& listener, std::vector<IoThread*> targets);
  /// Accepts clients of a listener that is this thread's own, and serves them here. From any
  /// thread.
  void accept_from(Listener listener);
  /// Ends the listener of its own that has this port.
  void close_port(std::uint16_t port);
  /// Serves a connection here. From any thread.
  void adopt(Accepted accepted);
  /// Accepts nothing more and ends when all requests are answered, after `grace` in any case; then
  /// calls `stopped`, on this thread. From any thread, once.
  void stop(runtime::Duration grace, runtime::Callback stopped);
  /// Ends without waiting for anything. From any thread.
  void stop_now();

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
  std::optional<runtime::Thread> thread_;
};

}  // namespace matinee::gateway
