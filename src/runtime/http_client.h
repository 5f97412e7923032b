// The way out to other machines' HTTP servers. The real client is in real/; tests bring their own.
#pragma once

#include <cstdint>
#include <expected>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "runtime/task.h"

namespace matinee::runtime {

using HttpFields = std::vector<std::pair<std::string, std::string>>;

/// One request as it goes out. Content-Length is set from the body.
struct HttpCall {
  std::string method;
  std::string url;  // "https://sqs.eu-central-1.amazonaws.com/": scheme, host, target
  HttpFields headers;
  std::string body;
  /// Through the proxy that the environment names, if any: not for this machine's own addresses.
  bool use_proxy = true;
  Duration connect_timeout = std::chrono::seconds(5);
  /// From the start to the last byte of the reply.
  Duration total_timeout = std::chrono::seconds(60);
  /// What is read of the reply's head: of a longer one there is no reply, but a failure.
  std::size_t most_head_bytes = std::size_t{256} << 10;
  /// And of its body: there the connection ends, and the reply says that it was cut.
  std::size_t most_body_bytes = std::numeric_limits<std::size_t>::max();
};

struct HttpReply {
  int status = 0;
  HttpFields headers;
  std::string body;
  bool is_cut = false;  // the body is longer than was asked for
};

/// Why there is no reply.
struct HttpFailure {
  enum class Kind {
    not_reached,  // no name, no route, refused: the request was certainly not sent
    timed_out,
    broken,       // the connection ended on the way
    not_trusted,  // TLS: the server's certificate is not accepted
    unavailable   // this program cannot make HTTP calls at all, e.g. a missing library
  };
  Kind kind = Kind::broken;
  std::string message;  // a sentence, with the host's name
};

using HttpResult = std::expected<HttpReply, HttpFailure>;

class HttpClient {
 public:
  virtual ~HttpClient() = default;

  /// Destroying the task gives the call up and closes its connection. State thread only.
  Task<HttpResult> send(HttpCall call);

 protected:
  using Done = std::move_only_function<void(HttpResult)>;

  /// Starts a call; `done` runs on the state thread, never inside `start`. Returns its number.
  virtual std::uint64_t start(HttpCall call, Done done) = 0;
  /// Gives a call up: its `done` is destroyed without being called. Does nothing once it has been.
  virtual void cancel(std::uint64_t call) = 0;

 private:
  class Exchange;
};

}  // namespace matinee::runtime
