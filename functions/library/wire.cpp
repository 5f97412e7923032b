#include "library/wire.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "library/errors.h"
#include "library/names.h"

namespace lambda {

namespace {

constexpr std::size_t piece = std::size_t{16} << 10;

/// An address of either family, as the system wants it.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

SocketAddress to_socket_address(const std::string& address, std::uint16_t port) {
  SocketAddress result;
  auto* four = reinterpret_cast<sockaddr_in*>(&result.storage);
  auto* six = reinterpret_cast<sockaddr_in6*>(&result.storage);
  if (inet_pton(AF_INET, address.c_str(), &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    four->sin_port = htons(port);
    result.size = sizeof(sockaddr_in);
  } else if (inet_pton(AF_INET6, address.c_str(), &six->sin6_addr) == 1) {
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(port);
    result.size = sizeof(sockaddr_in6);
  }
  return result;
}

bool wait_until_connected(int socket, Milliseconds patience) {
  pollfd wait{.fd = socket, .events = POLLOUT, .revents = 0};
  const int ready = poll(&wait, 1, static_cast<int>(patience.count()));
  if (ready == 0) errno = ETIMEDOUT;
  if (ready <= 0) return false;
  int error = 0;
  socklen_t size = sizeof(error);
  getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
  errno = error;
  return error == 0;
}

[[noreturn]] void fail(std::string_view what) {
  const bool in_time = errno != EAGAIN && errno != EWOULDBLOCK && errno != ETIMEDOUT;
  throw FunctionError(
      in_time ? "ConnectionFailed" : "ConnectionTimedOut",
      fmt::format("{}: {}.", what, in_time ? std::strerror(errno) : "it took too long"));
}

class SocketWire final : public Wire {
 public:
  SocketWire(Descriptor socket, std::string peer)
      : socket_(std::move(socket)), peer_(std::move(peer)) {}

  void set_patience(Milliseconds patience) override {
    const timeval time{.tv_sec = patience.count() / 1000,
                       .tv_usec = patience.count() % 1000 * 1000};
    for (const int option : {SO_RCVTIMEO, SO_SNDTIMEO})
      setsockopt(socket_.get(), SOL_SOCKET, option, &time, sizeof(time));
  }

  void send(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0) fail("Sending to " + peer_ + " failed");
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  bool receive(std::string& bytes) override {
    std::array<char, piece> buffer;
    while (true) {
      const ssize_t size = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
      if (size < 0 && errno == EINTR) continue;
      if (size < 0 && errno == ECONNRESET) return false;
      if (size < 0) fail("Waiting for " + peer_ + " failed");
      bytes.append(buffer.data(), static_cast<std::size_t>(size));
      return size > 0;
    }
  }

 private:
  Descriptor socket_;
  std::string peer_;
};

}  // namespace

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

Descriptor connect_socket(const std::string& address, std::uint16_t port, int type,
                          Milliseconds patience) {
  const SocketAddress peer = to_socket_address(address, port);
  Descriptor socket(::socket(peer.storage.ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return socket;
  const int connected =
      ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&peer.storage), peer.size);
  if (connected < 0 && (errno != EINPROGRESS || !wait_until_connected(socket.get(), patience)))
    return {};
  const int flags = ::fcntl(socket.get(), F_GETFL);
  ::fcntl(socket.get(), F_SETFL, flags & ~O_NONBLOCK);
  const int on = 1;
  if (type == SOCK_STREAM) setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return socket;
}

std::unique_ptr<Wire> connect_to(const std::string& host, std::uint16_t port,
                                 Milliseconds patience) {
  const std::string peer = fmt::format("{}:{}", host, port);
  constexpr Milliseconds longest(5000);
  if (patience == no_limit || patience > longest) patience = longest;
  const std::vector<std::string> addresses = resolve(host);
  if (addresses.empty())
    throw FunctionError("ConnectionFailed", fmt::format("There is no host {}.", host));
  for (const std::string& address : addresses)
    if (Descriptor socket = connect_socket(address, port, SOCK_STREAM, patience))
      return std::make_unique<SocketWire>(std::move(socket), peer);
  fail(peer + " cannot be reached");
}

std::unique_ptr<Wire> connect_to_path(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path))
    throw FunctionError("ConnectionFailed", fmt::format("The path {} is too long.", path));
  std::memcpy(address.sun_path, path.data(), path.size());
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket ||
      ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) < 0)
    fail(path + " cannot be reached");
  return std::make_unique<SocketWire>(std::move(socket), path);
}

}  // namespace lambda
