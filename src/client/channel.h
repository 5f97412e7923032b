// The way a typed client's calls take: in process, or as signed HTTP to any endpoint.
#pragma once

#include "protocol/operation.h"
#include "runtime/task.h"

namespace matinee::client {

class Channel {
 public:
  virtual ~Channel() = default;

  /// Sends one request and gives its response. Throws protocol::ServiceError: the service's own, or
  /// for a network that fails until retries end one with the code "RequestTimeout" or
  /// "ConnectionFailed". Destroying the task gives the call up: a long poll ends and takes nothing,
  /// anything else may or may not still happen. On the state thread.
  virtual runtime::Task<protocol::Object> call(const protocol::Operation& operation,
                                               protocol::Object request) = 0;
};

}  // namespace matinee::client
