// The way to servers in the programs that this one has started: extensions of functions, which
// listen for what their function does.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "runtime/clock.h"

namespace matinee::services {

struct LocalMessage {
  std::uint16_t port = 0;  // on the loopback interface
  std::string bytes;
  /// The bytes are a request of HTTP, and have arrived when its answer begins with a status of 2xx.
  /// Otherwise they have when the system has taken them.
  bool is_http = false;
  /// Connections that are kept: messages of the same name go by the same one, one after the other.
  /// Empty for one that ends with its answer.
  std::string stream;
  /// From connecting to the answer.
  runtime::Duration patience = std::chrono::seconds(2);
};

class LocalSender {
 public:
  using Done = std::move_only_function<void(bool has_arrived)>;

  virtual ~LocalSender() = default;
  /// Returns at once; `done` is called later, on the state thread.
  virtual void send(LocalMessage message, Done done) = 0;
  /// Ends the connection of a stream, if there is one.
  virtual void end_stream(const std::string& stream) = 0;
};

}  // namespace matinee::services
