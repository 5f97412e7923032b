#include "gateway/listener.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace matinee::gateway {

namespace {

/// An IPv4 or IPv6 address as the system wants it.
struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  sockaddr_in& ipv4() { return *reinterpret_cast<sockaddr_in*>(&storage); }
  sockaddr_in6& ipv6() { return *reinterpret_cast<sockaddr_in6*>(&storage); }
};

std::optional<Address> parse_address(const ListenAddress& wanted) {
  Address address;
  const std::string& text = wanted.address == "localhost" ? "127.0.0.1" : wanted.address;
  if (inet_pton(AF_INET, text.c_str(), &address.ipv4().sin_addr) == 1) {
    address.ipv4().sin_family = AF_INET;
    address.ipv4().sin_port = htons(wanted.port);
    address.size = sizeof(sockaddr_in);
  } else if (inet_pton(AF_INET6, text.c_str(), &address.ipv6().sin6_addr) == 1) {
    address.ipv6().sin6_family = AF_INET6;
    address.ipv6().sin6_port = htons(wanted.port);
    address.size = sizeof(sockaddr_in6);
  } else {
    return std::nullopt;
  }
  return address;
}

std::uint16_t port_of(Address& address) {
  return ntohs(address.storage.ss_family == AF_INET ? address.ipv4().sin_port
                                                    : address.ipv6().sin6_port);
}

std::string text_of(Address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const bool is_ipv4 = address.storage.ss_family == AF_INET;
  const void* bytes = is_ipv4 ? static_cast<const void*>(&address.ipv4().sin_addr)
                              : static_cast<const void*>(&address.ipv6().sin6_addr);
  return inet_ntop(address.storage.ss_family, bytes, text.data(), text.size()) ? text.data() : "";
}

std::string describe_failure(const ListenAddress& wanted, int error) {
  switch (error) {
    case EADDRINUSE:
      return fmt::format("Port {} of {} is already in use.", wanted.port, wanted.address);
    case EACCES:
      return fmt::format("Port {} of {} may not be opened without more rights.", wanted.port,
                         wanted.address);
    case EADDRNOTAVAIL:
      return fmt::format("This machine has no address {}.", wanted.address);
    default:
      return fmt::format("Cannot listen on port {} of {}: {}.", wanted.port, wanted.address,
                         strerrordesc_np(error));
  }
}

}  // namespace

OwnedDescriptor& OwnedDescriptor::operator=(OwnedDescriptor&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

OwnedDescriptor::~OwnedDescriptor() {
  if (descriptor_ >= 0) close(descriptor_);
}

bool is_listen_address(const std::string& address) {
  return parse_address({.address = address}).has_value();
}

std::expected<Listener, std::string> listen_on(const ListenAddress& wanted) {
  std::optional<Address> address = parse_address(wanted);
  if (!address) return std::unexpected(fmt::format("{} is not an IP address.", wanted.address));
  OwnedDescriptor descriptor(
      socket(address->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  // Without this a server cannot start again while old connections are in TIME_WAIT.
  const int on = 1;
  if (descriptor.get() < 0 ||
      setsockopt(descriptor.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
      bind(descriptor.get(), address->get(), address->size) != 0 ||
      listen(descriptor.get(), SOMAXCONN) != 0 ||
      getsockname(descriptor.get(), address->get(), &address->size) != 0)
    return std::unexpected(describe_failure(wanted, errno));
  return Listener{.descriptor = std::move(descriptor),
                  .port = port_of(*address),
                  .default_service = wanted.default_service};
}

std::expected<Accepted, AcceptFailure> accept_from(const Listener& listener) {
  Address address;
  address.size = sizeof(address.storage);
  OwnedDescriptor descriptor(accept4(listener.descriptor.get(), address.get(), &address.size,
                                     SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (descriptor.get() < 0) {
    const bool out_of_resources =
        errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
    return std::unexpected(out_of_resources ? AcceptFailure::out_of_resources
                                            : AcceptFailure::nobody_waits);
  }
  const int on = 1;
  // Without it replies are only slower; a socket that cannot have it fails when it is used.
  static_cast<void>(setsockopt(descriptor.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)));
  return Accepted{.descriptor = std::move(descriptor),
                  .peer = {.address = text_of(address),
                           .default_service = listener.default_service,
                           .port = listener.port}};
}

}  // namespace matinee::gateway
