// Where the body of a request goes while it comes in, if it is not collected in memory.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "protocol/body.h"
#include "protocol/error.h"
#include "protocol/http.h"

namespace matinee::gateway {

/// Used on its I/O thread.
class Intake {
 public:
  virtual ~Intake() = default;

  /// Called on the I/O thread when there is room again, and at the end. Empty once nobody wants the
  /// body any more.
  std::function<void()> on_progress;

  virtual void add(std::string_view bytes) = 0;
  /// Whether the client should go on sending. Adding more than fits is harmless.
  virtual bool has_room() const = 0;
  /// The body is complete.
  virtual void end(protocol::Headers trailers) = 0;

  virtual bool has_ended() const = 0;
  /// Once it has ended: why the body was refused, or null.
  virtual const std::shared_ptr<protocol::ServiceError>& error() const = 0;
  virtual protocol::Body take_result() = 0;
};

}  // namespace matinee::gateway
