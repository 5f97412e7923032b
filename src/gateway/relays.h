// Tunnels to other servers, for clients that take this one for their proxy: bytes go to and fro as
// they are, each pair of connections on a thread of its own.
#pragma once

#include <atomic>
#include <list>
#include <mutex>
#include <optional>
#include <string>

#include "gateway/listener.h"
#include "runtime/thread.h"

namespace matinee::gateway {

/// From any thread.
class Relays {
 public:
  Relays();
  /// Ends all; waits for a name that is being looked up.
  ~Relays();
  Relays(const Relays&) = delete;
  Relays& operator=(const Relays&) = delete;

  /// Connects a client that has sent CONNECT with "host:port", and answers it: 200, or 502 with the
  /// reason. One too many is closed.
  void start(OwnedDescriptor client, std::string authority);

 private:
  struct Relay {
    std::atomic<bool> has_ended = false;
    std::optional<runtime::Thread> thread;  // ends first
  };

  OwnedDescriptor stop_;  // readable once all have to end
  std::mutex mutex_;
  std::list<Relay> relays_;
};

}  // namespace matinee::gateway
