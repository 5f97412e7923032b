#include "gateway/relays.h"

#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <expected>
#include <memory>
#include <system_error>
#include <vector>

namespace matinee::gateway {

namespace {

constexpr std::size_t most_relays = 256;
constexpr std::size_t buffer_bytes = 64 * 1024;
constexpr int connect_milliseconds = 10'000;

/// Waits for one of the events; false once all have to end, or where it takes too long.
bool wait_for(int socket, short events, int stop, int milliseconds) {
  std::array<pollfd, 2> waiting = {{{.fd = socket, .events = events, .revents = 0},
                                    {.fd = stop, .events = POLLIN, .revents = 0}}};
  int ready = 0;
  do {
    ready = ::poll(waiting.data(), waiting.size(), milliseconds);
  } while (ready < 0 && errno == EINTR);
  return ready > 0 && waiting[1].revents == 0;
}

std::expected<OwnedDescriptor, std::string> connect_to(const addrinfo& place, int stop) {
  OwnedDescriptor server(::socket(place.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (server.get() < 0) return std::unexpected(std::strerror(errno));
  if (::connect(server.get(), place.ai_addr, place.ai_addrlen) == 0) return server;
  if (errno != EINPROGRESS) return std::unexpected(std::strerror(errno));
  if (!wait_for(server.get(), POLLOUT, stop, connect_milliseconds))
    return std::unexpected("it does not answer");
  int error = 0;
  socklen_t size = sizeof(error);
  ::getsockopt(server.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return std::unexpected(std::strerror(error));
  return server;
}

/// The first address of the host that takes us. The error is the reason, without a period.
std::expected<OwnedDescriptor, std::string> connect_to(const std::string& authority, int stop) {
  const std::size_t colon = authority.rfind(':');
  if (colon == std::string::npos) return std::unexpected("it has no port");
  std::string host = authority.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const addrinfo wanted{.ai_flags = 0,
                        .ai_family = AF_UNSPEC,
                        .ai_socktype = SOCK_STREAM,
                        .ai_protocol = 0,
                        .ai_addrlen = 0,
                        .ai_addr = nullptr,
                        .ai_canonname = nullptr,
                        .ai_next = nullptr};
  addrinfo* found = nullptr;
  const int failure = ::getaddrinfo(host.c_str(), authority.c_str() + colon + 1, &wanted, &found);
  if (failure != 0) return std::unexpected(::gai_strerror(failure));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> places(found, ::freeaddrinfo);
  std::expected<OwnedDescriptor, std::string> result = std::unexpected("it has no address");
  for (const addrinfo* place = found; place && !result; place = place->ai_next)
    result = connect_to(*place, stop);
  return result;
}

/// An empty socket takes a few bytes at once.
void send_text(int socket, const std::string& text) {
  static_cast<void>(::send(socket, text.data(), text.size(), MSG_NOSIGNAL));
}

/// What goes from one end to the other.
class Way {
 public:
  Way(int from, int to) : from_(from), to_(to) {}

  bool wants_to_read() const { return !has_ended_ && begin_ == end_; }
  bool wants_to_write() const { return begin_ < end_; }
  bool is_over() const { return is_over_; }

  /// False where the connection is broken.
  bool go_on() {
    if (wants_to_read()) {
      const ssize_t got = ::recv(from_, buffer_.data(), buffer_.size(), 0);
      if (got < 0) return is_passing(errno);
      begin_ = 0;
      end_ = static_cast<std::size_t>(got);
      has_ended_ = got == 0;
    }
    if (wants_to_write()) {
      const ssize_t sent = ::send(to_, buffer_.data() + begin_, end_ - begin_, MSG_NOSIGNAL);
      if (sent < 0) return is_passing(errno);
      begin_ += static_cast<std::size_t>(sent);
    }
    if (has_ended_ && begin_ == end_ && !is_over_) {
      ::shutdown(to_, SHUT_WR);
      is_over_ = true;
    }
    return true;
  }

 private:
  int from_;
  int to_;
  std::vector<char> buffer_ = std::vector<char>(buffer_bytes);
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool has_ended_ = false;  // nothing more comes
  bool is_over_ = false;    // and the other end knows

  static bool is_passing(int error) {
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
  }
};

void pass_to_and_fro(int client, int server, int stop) {
  Way there(client, server);
  Way back(server, client);
  while (!there.is_over() || !back.is_over()) {
    const auto events = [](const Way& out, const Way& in) {
      return static_cast<short>((out.wants_to_read() ? POLLIN : 0) |
                                (in.wants_to_write() ? POLLOUT : 0));
    };
    std::array<pollfd, 3> waiting = {{{.fd = client, .events = events(there, back), .revents = 0},
                                      {.fd = server, .events = events(back, there), .revents = 0},
                                      {.fd = stop, .events = POLLIN, .revents = 0}}};
    // One that has closed is told of whatever was asked for, also while the last that it has sent
    // is still on its way to the other.
    for (pollfd& end : waiting)
      if (end.events == 0) end.fd = -1;
    if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) return;
    if (waiting[2].revents != 0) return;
    if (!there.go_on() || !back.go_on()) return;
    // Who has gone altogether reads nothing more.
    for (const pollfd& end : {waiting[0], waiting[1]})
      if ((end.revents & (POLLERR | POLLHUP)) != 0 && (end.revents & POLLIN) == 0) return;
  }
}

void relay(const OwnedDescriptor& client, const std::string& authority, int stop) {
  const auto server = connect_to(authority, stop);
  if (!server) {
    const std::string text =
        fmt::format("Matinee: {} cannot be reached: {}.\n", authority, server.error());
    return send_text(client.get(),
                     fmt::format("HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain\r\n"
                                 "Content-Length: {}\r\nConnection: close\r\n\r\n{}",
                                 text.size(), text));
  }
  send_text(client.get(), "HTTP/1.1 200 Connection established\r\n\r\n");
  pass_to_and_fro(client.get(), server->get(), stop);
}

}  // namespace

Relays::Relays() : stop_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Relays::~Relays() {
  static_cast<void>(::eventfd_write(stop_.get(), 1));
  const std::lock_guard lock(mutex_);
  relays_.clear();
}

void Relays::start(OwnedDescriptor client, std::string authority) {
  const std::lock_guard lock(mutex_);
  std::erase_if(relays_, [](const Relay& each) { return each.has_ended.load(); });
  if (relays_.size() >= most_relays || stop_.get() < 0) return;
  Relay& made = relays_.emplace_back();
  try {
    made.thread.emplace("relay", [&made, stop = stop_.get(), client = std::move(client),
                                  authority = std::move(authority)]() mutable {
      relay(client, authority, stop);
      client = OwnedDescriptor(-1);
      made.has_ended = true;
    });
  } catch (const std::system_error& error) {
    // The client has been closed with what the thread would have had.
    spdlog::warn("A connection to another server was closed: no thread can be started: {}.",
                 error.what());
    relays_.pop_back();
  }
}

}  // namespace matinee::gateway
