// The epoll loop of the load generator: one buffer for all connections, copied from only when an
// answer arrives in pieces.
#include "http_load.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <ctime>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace bench {
namespace {

constexpr std::size_t kBufferSize = 256 * 1024;
constexpr int kPatience = 20;
constexpr double kOvertimeSeconds = 60;
constexpr std::size_t kSlowestMicroseconds = 1'000'000;

/// Counts latencies by whole microseconds, so that quantiles need no sorting.
class Latencies {
 public:
  Latencies() : counts_(kSlowestMicroseconds + 1) {}

  void add(double seconds) {
    const auto us = static_cast<std::size_t>(seconds * 1e6);
    counts_[std::min(us, kSlowestMicroseconds)] += 1;
    total_ += 1;
  }

  double slowest() const {
    std::size_t us = counts_.size() - 1;
    while (us > 0 && counts_[us] == 0) --us;
    return static_cast<double>(us);
  }

  double quantile(double q) const {
    const auto wanted = static_cast<std::uint64_t>(q * static_cast<double>(total_));
    std::uint64_t seen = 0;
    for (std::size_t us = 0; us < counts_.size(); ++us) {
      seen += counts_[us];
      if (seen > wanted) return static_cast<double>(us);
    }
    return 0;
  }

 private:
  std::vector<std::uint64_t> counts_;
  std::uint64_t total_ = 0;
};

struct Connection {
  int fd = -1;
  std::string_view unsent;
  std::string partial;
  double sent_at = 0;
  bool waits_to_write = false;
};

[[noreturn]] void throw_errno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

/// The beginning in lower case; letters of either case match.
bool begins_with(std::string_view line, std::string_view beginning) {
  if (line.size() < beginning.size()) return false;
  for (std::size_t i = 0; i < beginning.size(); ++i) {
    if ((line[i] | 0x20) != (beginning[i] | 0x20)) return false;
  }
  return true;
}

class Loop {
 public:
  Loop(const LoadPlan& plan, Workload& workload) : plan_(plan), workload_(workload) {
    buffer_.resize(kBufferSize);
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    if (epoll_ < 0) throw_errno("epoll_create1");
    connections_.resize(static_cast<std::size_t>(plan.connections));
  }

  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  ~Loop() {
    for (const Connection& connection : connections_) {
      if (connection.fd >= 0) ::close(connection.fd);
    }
    ::close(epoll_);
  }

  LoadResult run() {
    for (int i = 0; i < plan_.connections; ++i) open(i);
    for (int i = 0; i < plan_.connections; ++i) send_next(i);
    const double started = now_seconds();
    counting_from_ = started + plan_.warm_up_seconds;
    const double ends = counting_from_ + plan_.seconds;
    std::vector<epoll_event> events(connections_.size());
    while (result_.units < plan_.units && now_seconds() < deadline(ends)) {
      const int ready = ::epoll_wait(epoll_, events.data(), plan_.connections, kPatience * 1000);
      if (ready < 0 && errno != EINTR) throw_errno("epoll_wait");
      if (ready == 0) {
        throw std::runtime_error(fmt::format("the server did not answer for {} s", kPatience));
      }
      for (int i = 0; i < ready; ++i) handle(events[static_cast<std::size_t>(i)]);
    }
    result_.seconds = now_seconds() - counting_from_;
    result_.median_us = latencies_.quantile(0.5);
    result_.p99_us = latencies_.quantile(0.99);
    result_.p999_us = latencies_.quantile(0.999);
    result_.slowest_us = latencies_.slowest();
    return result_;
  }

 private:
  double deadline(double ends) const {
    return result_.units < plan_.least_units ? ends + kOvertimeSeconds : ends;
  }

  Connection& at(int index) { return connections_[static_cast<std::size_t>(index)]; }

  void open(int index) {
    Connection& connection = at(index);
    connection.fd = connect_to(plan_.port);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u32 = static_cast<std::uint32_t>(index);
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd, &event) != 0) throw_errno("epoll_ctl");
  }

  void send_next(int index) {
    Connection& connection = at(index);
    connection.unsent = workload_.next_request(index);
    connection.sent_at = now_seconds();
    write_some(index);
  }

  void write_some(int index) {
    Connection& connection = at(index);
    while (!connection.unsent.empty()) {
      const ssize_t n = ::send(connection.fd, connection.unsent.data(), connection.unsent.size(),
                               MSG_DONTWAIT | MSG_NOSIGNAL);
      if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) throw_errno("send");
      connection.unsent.remove_prefix(static_cast<std::size_t>(n));
    }
    want_writable(index, !connection.unsent.empty());
  }

  void want_writable(int index, bool wanted) {
    Connection& connection = at(index);
    if (connection.waits_to_write == wanted) return;
    connection.waits_to_write = wanted;
    epoll_event event{};
    event.events = wanted ? EPOLLIN | EPOLLOUT : EPOLLIN;
    event.data.u32 = static_cast<std::uint32_t>(index);
    if (::epoll_ctl(epoll_, EPOLL_CTL_MOD, connection.fd, &event) != 0) throw_errno("epoll_ctl");
  }

  void handle(const epoll_event& event) {
    const int index = static_cast<int>(event.data.u32);
    if ((event.events & EPOLLOUT) != 0) write_some(index);
    if ((event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read_some(index);
  }

  void read_some(int index) {
    Connection& connection = at(index);
    const ssize_t n = ::recv(connection.fd, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n < 0) throw_errno("recv");
    if (n == 0) throw std::runtime_error("the server closed a connection");
    std::string_view bytes(buffer_.data(), static_cast<std::size_t>(n));
    if (!connection.partial.empty()) {
      connection.partial.append(bytes);
      bytes = connection.partial;
    }
    const Head head = parse_head(bytes);
    const bool complete = head.size != 0 && bytes.size() >= head.size + head.content_length;
    if (!complete) {
      if (connection.partial.empty()) connection.partial.assign(bytes);
      return;
    }
    finish(index, head, bytes.substr(head.size, head.content_length));
    connection.partial.clear();
    if (head.closes) {
      ::close(std::exchange(connection.fd, -1));
      open(index);
    }
    send_next(index);
  }

  void finish(int index, const Head& head, std::string_view body) {
    if (head.status < 200 || head.status > 299) {
      throw std::runtime_error(fmt::format("status {}: {}", head.status, body.substr(0, 300)));
    }
    const std::uint64_t units = workload_.accept(index, body);
    const double now = now_seconds();
    if (now < counting_from_) return;
    latencies_.add(now - at(index).sent_at);
    result_.requests += 1;
    result_.units += units;
  }

  const LoadPlan plan_;
  Workload& workload_;
  int epoll_ = -1;
  std::vector<Connection> connections_;
  std::string buffer_;
  double counting_from_ = 0;
  Latencies latencies_;
  LoadResult result_;
};

void send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw_errno("send");
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

}  // namespace

double now_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

int connect_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) throw_errno("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const int error = errno;
    ::close(fd);
    throw std::system_error(error, std::generic_category(), fmt::format("connect to {}", port));
  }
  return fd;
}

Head parse_head(std::string_view bytes) {
  Head head;
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return head;
  if (bytes.size() < 12 || !bytes.starts_with("HTTP/1.1 ")) {
    throw std::runtime_error(fmt::format("not an HTTP answer: {}", bytes.substr(0, 80)));
  }
  std::from_chars(bytes.data() + 9, bytes.data() + 12, head.status);
  bool has_length = head.status == 204;
  std::size_t line = bytes.find("\r\n") + 2;
  while (line < end) {
    const std::size_t next = bytes.find("\r\n", line);
    const std::string_view text = bytes.substr(line, next - line);
    if (begins_with(text, "connection: close")) head.closes = true;
    if (begins_with(text, "content-length:")) {
      const std::size_t digits = text.find_first_not_of(' ', 15);
      std::from_chars(text.data() + digits, text.data() + text.size(), head.content_length);
      has_length = true;
    }
    line = next + 2;
  }
  if (!has_length) throw std::runtime_error("an answer without Content-Length");
  head.size = end + 4;
  return head;
}

LoadResult run_load(const LoadPlan& plan, Workload& workload) {
  return Loop(plan, workload).run();
}

Answer send_once(std::uint16_t port, std::string_view request) {
  struct Socket {
    int fd;
    ~Socket() { ::close(fd); }
  } socket{connect_to(port)};
  send_all(socket.fd, request);
  std::string bytes;
  std::string chunk(64 * 1024, '\0');
  Head head;
  while (head.size == 0 || bytes.size() < head.size + head.content_length) {
    const ssize_t n = ::recv(socket.fd, chunk.data(), chunk.size(), 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw_errno("recv");
    if (n == 0) throw std::runtime_error("the server closed the connection before its answer");
    bytes.append(chunk, 0, static_cast<std::size_t>(n));
    if (head.size == 0) head = parse_head(bytes);
  }
  return {.status = head.status,
          .head = bytes.substr(0, head.size),
          .body = bytes.substr(head.size, head.content_length)};
}

Answer require_success(std::uint16_t port, std::string_view request) {
  Answer answer = send_once(port, request);
  if (answer.status < 200 || answer.status > 299) {
    throw std::runtime_error(fmt::format("status {}: {}", answer.status, answer.body));
  }
  return answer;
}

}  // namespace bench
