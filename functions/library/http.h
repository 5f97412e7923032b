// HTTP/1.1 for functions: one call at a time, over connections that are kept.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "library/wire.h"

namespace lambda {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// What goes out. Host, Content-Length and Connection are added.
struct HttpRequest {
  std::string method = "GET";
  std::string target = "/";
  Headers headers = {};
  std::string body = {};
};

struct HttpReply {
  int status = 0;
  Headers headers;
  std::string body;

  /// The value; names compare without regard to case. Empty where there is none.
  std::string_view header(std::string_view name) const;
};

/// "http://host:8080/path?query", taken apart.
struct Url {
  bool is_secure = false;
  std::string host;
  std::uint16_t port = 80;
  std::string target = "/";

  /// Throws FunctionError "BadUrl" unless it is http or https with a host.
  static Url parse(std::string_view text);
  /// As the Host header has it: without the scheme's own port.
  std::string authority() const;
};

/// One connection, made with the first call and again where the server has closed it.
class HttpConnection {
 public:
  using Connect = std::function<std::unique_ptr<Wire>(Milliseconds patience)>;
  /// `host` is that of the Host header.
  HttpConnection(Connect connect, std::string host)
      : connect_(std::move(connect)), host_(std::move(host)) {}

  /// `patience` is for each wait for bytes; `no_limit` for as long as it takes. Throws what Wire
  /// throws, FunctionError "ConnectionFailed" for what is no HTTP, and "BadRequest" for headers
  /// with line ends. A reply may have 64 MiB. A request is sent again at once if a kept connection
  /// turns out to be closed before any byte of the reply has come, for servers may close those at
  /// any time.
  HttpReply send(const HttpRequest& request, Milliseconds patience);
  /// The next call makes a new connection.
  void close() { wire_.reset(); }

 private:
  Connect connect_;
  std::string host_;
  std::unique_ptr<Wire> wire_;
  std::string received_;  // and not yet read

  std::string encode(const HttpRequest& request) const;
  HttpReply read_reply(bool is_head);
  bool receive_more();
  std::string take_head();
  std::string take(std::size_t size);
  std::string take_line();
  std::string take_chunks();
  std::string take_rest();
};

/// Connections to any number of servers, by URL; through the proxy that http_proxy or https_proxy
/// name, unless no_proxy says otherwise or the host is this machine.
class HttpClient {
 public:
  /// `request.target` is ignored: the URL has it. A connection that was idle for 15 seconds is not
  /// used again: a function is frozen between invocations, and who was there may have gone unheard.
  HttpReply send(std::string_view url, HttpRequest request, Milliseconds patience);

 private:
  struct Kept {
    HttpConnection connection;
    std::chrono::system_clock::time_point used;
  };
  std::map<std::string, Kept> connections_;  // by origin
};

}  // namespace lambda
