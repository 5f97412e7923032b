// HTTP that is no API of AWS's services: what the instances of functions speak with their service,
// each on a port of its own.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>

#include "protocol/error.h"
#include "protocol/http.h"
#include "services/context.h"
#include "services/local_stream.h"

namespace matinee::services {

struct LocalRequest {
  std::uint16_t port = 0;  // of ours, that it came in by
  std::string peer;        // the client's address
  bool is_secure = false;  // by TLS
  protocol::HttpRequest http;
  /// The body had more bytes than are taken, and is missing.
  bool is_too_large = false;
  /// The body, where it comes in pieces; then `http.body` is empty.
  std::shared_ptr<LocalStream> stream = nullptr;
  /// Of a request to a site: who has signed it, with an error where the signature does not count.
  /// Null where nobody has signed it.
  std::shared_ptr<const Context> caller = nullptr;
  std::shared_ptr<const protocol::ServiceError> fault = nullptr;
};

/// Called once, on the state thread, now or later; the client may be gone by then.
using LocalReply = std::move_only_function<void(protocol::HttpResponse)>;

class LocalApi {
 public:
  virtual ~LocalApi() = default;
  /// On the state thread.
  virtual void handle(LocalRequest request, LocalReply reply) = 0;
};

/// One that answers requests on the ports of the API itself, for paths or host names of its own.
class LocalSite : public LocalApi {
 public:
  /// From any thread, with the head of a request.
  virtual bool claims(const protocol::HttpRequest& head) const = 0;
  /// Whether pages and host names that the API itself refuses may ask what it claims, too. From any
  /// thread.
  virtual bool is_for_strangers(const protocol::HttpRequest&) const { return true; }
};

/// Who opens such ports, on the loopback interface. State thread only.
class LocalPorts {
 public:
  virtual ~LocalPorts() = default;
  /// Its number; the error is a sentence. `api` must outlive the port.
  virtual std::expected<std::uint16_t, std::string> open(LocalApi& api) = 0;
  /// Nobody new comes in by it.
  virtual void close(std::uint16_t port) = 0;
};

}  // namespace matinee::services
