#include "gateway/local_sender.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "gateway/listener.h"
#include "runtime/thread.h"

namespace matinee::gateway {

namespace {

using services::LocalMessage;
/// Begins to connect; not open where not even that is possible.
OwnedDescriptor connect_to(std::uint16_t port) {
  OwnedDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket.get() < 0) return socket;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto* const any = reinterpret_cast<const sockaddr*>(&address);
  if (::connect(socket.get(), any, sizeof(address)) != 0 && errno != EINPROGRESS)
    return OwnedDescriptor(-1);
  return socket;
}

/// Whether an answer begins with a status of 2xx; nothing before that can be told.
std::optional<bool> is_success(std::string_view answer) {
  constexpr std::string_view version = "HTTP/1.";
  constexpr std::size_t status_place = version.size() + 2;
  if (answer.size() <= status_place) return std::nullopt;
  return answer.starts_with(version) && answer[status_place] == '2';
}

}  // namespace

class LocalSender::Worker {
 public:
  using Report = std::move_only_function<void(Done done, bool has_arrived)>;

  Worker(runtime::Clock& clock, Report report)
      : clock_(clock),
        report_(std::move(report)),
        wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
        thread_("senders", [this] { run(); }) {}
  ~Worker() {
    {
      const std::lock_guard lock(mutex_);
      is_stopping_ = true;
    }
    wake();
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void add(LocalMessage message, Done done) {
    {
      const std::lock_guard lock(mutex_);
      arriving_.push_back({.message = std::move(message), .done = std::move(done)});
    }
    wake();
  }
  void end_stream(const std::string& stream) {
    {
      const std::lock_guard lock(mutex_);
      ending_.push_back(stream);
    }
    wake();
  }

 private:
  struct Exchange {
    LocalMessage message;
    Done done;
    OwnedDescriptor socket{-1};
    std::size_t sent = 0;
    std::string answer;
    runtime::Time until{};
    std::optional<bool> outcome;
  };

  runtime::Clock& clock_;
  Report report_;
  std::mutex mutex_;
  std::vector<Exchange> arriving_;
  std::vector<std::string> ending_;
  bool is_stopping_ = false;
  // Of the thread.
  std::vector<Exchange> exchanges_;
  std::map<std::string, OwnedDescriptor> streams_;
  OwnedDescriptor wake_;
  runtime::Thread thread_;  // the last: it ends before what it uses

  void wake() {
    const std::uint64_t one = 1;
    // Full is as good as woken.
    [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof(one));
  }

  void run() {
    while (take_arriving()) {
      wait();
      for (Exchange& exchange : exchanges_)
        if (!exchange.outcome && clock_.now() >= exchange.until) exchange.outcome = false;
      settle();
    }
  }

  bool take_arriving() {
    std::vector<Exchange> arriving;
    std::vector<std::string> ending;
    {
      const std::lock_guard lock(mutex_);
      if (is_stopping_) return false;
      arriving.swap(arriving_);
      ending.swap(ending_);
    }
    for (Exchange& exchange : arriving) {
      exchange.until = clock_.now() + exchange.message.patience;
      const auto kept = streams_.find(exchange.message.stream);
      if (kept != streams_.end()) {
        exchange.socket = std::move(kept->second);
        streams_.erase(kept);
      } else {
        exchange.socket = connect_to(exchange.message.port);
      }
      if (exchange.socket.get() < 0) exchange.outcome = false;
      exchanges_.push_back(std::move(exchange));
    }
    for (const std::string& stream : ending) end_now(stream);
    settle();
    return true;
  }

  /// What is on its way still goes, and then its connection ends with it.
  void end_now(const std::string& stream) {
    streams_.erase(stream);
    for (Exchange& exchange : exchanges_)
      if (exchange.message.stream == stream) exchange.message.stream.clear();
  }

  void wait() {
    std::vector<pollfd> watched{{.fd = wake_.get(), .events = POLLIN, .revents = 0}};
    int milliseconds = -1;
    for (const Exchange& exchange : exchanges_) {
      const bool sends = exchange.sent < exchange.message.bytes.size();
      watched.push_back({.fd = exchange.socket.get(),
                         .events = static_cast<short>(sends ? POLLOUT : POLLIN),
                         .revents = 0});
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(exchange.until - clock_.now());
      const int rest = static_cast<int>(std::max<std::int64_t>(left.count(), 0));
      milliseconds = milliseconds < 0 ? rest : std::min(milliseconds, rest);
    }
    if (::poll(watched.data(), watched.size(), milliseconds) < 0) return;
    if (watched.front().revents != 0) {
      std::uint64_t count = 0;
      [[maybe_unused]] const ssize_t taken = ::read(wake_.get(), &count, sizeof(count));
    }
    for (std::size_t i = 0; i < exchanges_.size(); ++i)
      if (watched[i + 1].revents != 0) go_on(exchanges_[i]);
  }

  static void go_on(Exchange& exchange) {
    const std::string& bytes = exchange.message.bytes;
    if (exchange.sent < bytes.size()) {
      const ssize_t sent = ::send(exchange.socket.get(), bytes.data() + exchange.sent,
                                  bytes.size() - exchange.sent, MSG_NOSIGNAL);
      if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return;
      if (sent <= 0) {
        exchange.outcome = false;
        return;
      }
      exchange.sent += static_cast<std::size_t>(sent);
      if (exchange.sent == bytes.size() && !exchange.message.is_http) exchange.outcome = true;
      return;
    }
    constexpr std::size_t enough = 512;
    std::array<char, enough> piece;
    const ssize_t got = ::recv(exchange.socket.get(), piece.data(), piece.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got > 0) exchange.answer.append(piece.data(), static_cast<std::size_t>(got));
    exchange.outcome = is_success(exchange.answer);
    if (got <= 0 && !exchange.outcome) exchange.outcome = false;
  }

  void settle() {
    for (Exchange& exchange : exchanges_) {
      if (!exchange.outcome) continue;
      if (*exchange.outcome && !exchange.message.stream.empty())
        streams_.insert_or_assign(exchange.message.stream, std::move(exchange.socket));
      report_(std::move(exchange.done), *exchange.outcome);
    }
    std::erase_if(exchanges_,
                  [](const Exchange& exchange) { return exchange.outcome.has_value(); });
  }
};

LocalSender::LocalSender(runtime::Loop& loop, runtime::Clock& clock) : loop_(loop), clock_(clock) {}

LocalSender::~LocalSender() {
  *lives_ = false;
}

void LocalSender::send(services::LocalMessage message, Done done) {
  if (!worker_)
    worker_ = std::make_unique<Worker>(
        clock_, [loop = &loop_, lives = lives_](Done told, bool has_arrived) {
          loop->post([lives, told = std::move(told), has_arrived]() mutable {
            if (*lives) told(has_arrived);
          });
        });
  worker_->add(std::move(message), std::move(done));
}

void LocalSender::end_stream(const std::string& stream) {
  if (worker_) worker_->end_stream(stream);
}

}  // namespace matinee::gateway
