// The sockets that wait for clients, and those that come in by them.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "gateway/request_handler.h"

namespace matinee::gateway {

/// A descriptor that is closed with its owner.
class OwnedDescriptor {
 public:
  explicit OwnedDescriptor(int descriptor) : descriptor_(descriptor) {}
  OwnedDescriptor(OwnedDescriptor&& other) noexcept : descriptor_(other.release()) {}
  OwnedDescriptor& operator=(OwnedDescriptor&& other) noexcept;
  ~OwnedDescriptor();

  int get() const { return descriptor_; }
  int release() { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
};

/// An address to listen on.
struct ListenAddress {
  std::string address = "127.0.0.1";  // IPv4 or IPv6, in digits, or "localhost"
  std::uint16_t port = 0;             // 0: the system chooses
  std::string default_service = {};   // "sqs": of requests that do not say which service they mean
};

/// Whether one can listen there: an IP address in digits, or "localhost".
bool is_listen_address(const std::string& address);

/// A bound, listening, non-blocking socket.
struct Listener {
  OwnedDescriptor descriptor;
  std::uint16_t port;  // as bound
  std::string default_service;
};

/// The error is a sentence for the user: "Port 4566 of 127.0.0.1 is already in use."
std::expected<Listener, std::string> listen_on(const ListenAddress& address);

/// A client that has connected; its socket is non-blocking and sends small pieces at once.
struct Accepted {
  OwnedDescriptor descriptor;
  Peer peer;
};

enum class AcceptFailure : std::uint8_t { nobody_waits, out_of_resources };

std::expected<Accepted, AcceptFailure> accept_from(const Listener& listener);

}  // namespace matinee::gateway
