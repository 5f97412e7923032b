// What the HTTP server asks of whoever answers requests, and the other way round. The server knows
// sockets and framing; it knows nothing of AWS.
//
// Every I/O thread has a handler of its own, and everything here is called on that thread unless it
// says otherwise.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/intake.h"
#include "gateway/tls/names.h"
#include "protocol/error.h"
#include "protocol/http.h"
#include "runtime/clock.h"
#include "services/endpoint.h"

namespace matinee::gateway {

class Relays;

/// The other end of a connection, and the port it came in by.
struct Peer {
  std::string address;          // "127.0.0.1"
  std::string default_service;  // "sqs" on a port that is for SQS alone; empty otherwise
  std::uint16_t port = 0;       // of ours, that it came in by
  bool is_secure = false;       // by TLS
};

/// What becomes of CONNECT where TLS is spoken.
struct Tunnels {
  /// Whether this server stands for "host:port"; `own_port` is the one that the client has come by.
  std::function<bool(std::string_view authority, std::string_view own_port)> lead_here =
      tls::is_tunnel_target;
  /// Where clients go that want to reach others; null: those are refused. Must outlive the server.
  Relays* others = nullptr;
};

/// Runs callbacks on one I/O thread.
class IoQueue {
 public:
  virtual ~IoQueue() = default;
  /// From any thread. What is posted after the server has ended is dropped.
  virtual void post(runtime::Callback callback) = 0;
};

/// The status of what is no reply: the connection is reset instead, as by a fault on purpose.
inline constexpr int cut_connection = 0;

using Reply = std::move_only_function<void(protocol::HttpResponse)>;

/// A refusal, or nothing where the body may come.
using Permission = std::move_only_function<void(std::optional<protocol::HttpResponse>)>;

/// One request on its way to its reply. Destroying it gives the request up.
class Exchange {
 public:
  virtual ~Exchange() = default;

  /// The most bytes that the body may have.
  virtual std::uint64_t body_limit() const = 0;
  /// Where the body goes as it comes in; null where it is collected in memory. Throws ServiceError.
  virtual std::unique_ptr<services::BodySink> open_sink() = 0;
  /// Who takes the body while it comes, in place of a sink; null where nobody does. Asked for once
  /// a body is to come.
  virtual std::shared_ptr<Intake> open_intake() { return nullptr; }
  /// The reply to a request whose body was not received as a whole.
  virtual protocol::HttpResponse refuse(const protocol::ServiceError& error) = 0;
  /// The error for a body beyond the limit.
  virtual protocol::ServiceError too_large() const = 0;
  /// The client waits to be told that it may send its body: `decide` is called at most once,
  /// possibly before this returns. Default: it may.
  virtual void ask(Permission decide) { decide(std::nullopt); }
  /// The body is complete. `reply` is called at most once, possibly before this returns.
  virtual void run(protocol::Body body, Reply reply) = 0;
  /// The caller has gone, or the server ends: an operation that waits should end now.
  /// May be called more than once.
  virtual void cancel() = 0;
};

/// Either an exchange, or the reply at once.
struct Admission {
  std::unique_ptr<Exchange> exchange;
  protocol::HttpResponse refusal;
};

class RequestHandler {
 public:
  virtual ~RequestHandler() = default;

  /// The head of a request has come in; `head.body` is empty.
  virtual Admission begin(protocol::HttpRequest head, const Peer& peer) = 0;
  /// Everything that was readable has been handled: the time to pass on what was collected.
  virtual void end_of_round() {}
};

using HandlerFactory =
    std::function<std::unique_ptr<RequestHandler>(const std::shared_ptr<IoQueue>& queue)>;

}  // namespace matinee::gateway
