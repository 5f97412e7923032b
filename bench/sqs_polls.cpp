// Thousands of connections that wait for a message each: what they cost while nothing comes, and
// how soon each is answered. A hundred waiters share a queue; a message to a queue must reach one
// of its own.
#include <fmt/format.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "figures.h"
#include "measuring.h"
#include "requests.h"
#include "sqs_load.h"
#include "wire.h"

namespace bench {
namespace {

constexpr int kQueues = 100;
constexpr int kWaitSeconds = 20;
constexpr int kSettleSeconds = 2;
constexpr int kMostMessages = 2'000;

void raise_file_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    throw std::system_error(errno, std::generic_category(), "getrlimit");
  }
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) {
    throw std::system_error(errno, std::generic_category(), "setrlimit");
  }
}

/// All waiters of all queues; waiter i waits at queue i % kQueues.
class Waiters {
 public:
  Waiters(std::uint16_t port, int count)
      : port_(port), sender_(port), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
    for (int i = 0; i < kQueues; ++i) {
      queues_.push_back(create_queue(port, fmt::format("polls-{}", i)));
    }
    wires_.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) add(i);
  }

  ~Waiters() { ::close(epoll_); }
  Waiters(const Waiters&) = delete;
  Waiters& operator=(const Waiters&) = delete;

  /// Sends a message to the queue; returns seconds until one of its waiters has it.
  double wake(int queue) {
    const std::string body =
        fmt::format(R"({{"QueueUrl":"{}","MessageBody":"to {}."}})", queue_at(queue).url, queue);
    const std::string request =
        json_request(port_, {.service = "sqs", .target = "AmazonSQS.SendMessage", .body = body});
    const double started = now_seconds();
    sender_.send(request);
    epoll_event event{};
    int ready = 0;
    while ((ready = ::epoll_wait(epoll_, &event, 1, 5000)) < 0 && errno == EINTR) {
    }
    if (ready != 1) throw std::runtime_error("a message woke no waiter within five seconds");
    const int waiter = static_cast<int>(event.data.u32);
    Wire& wire = wires_[event.data.u32];
    const std::string received = wire.receive();
    const double seconds = now_seconds() - started;
    if (waiter % kQueues != queue || !received.contains(fmt::format("to {}.", queue))) {
      throw std::runtime_error("the wrong waiter was woken: " + received);
    }
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, wire.fd(), nullptr);
    sender_.receive();
    return seconds;
  }

 private:
  const Queue& queue_at(int queue) const { return queues_[static_cast<std::size_t>(queue)]; }

  void add(int index) {
    Wire& wire = wires_.emplace_back(port_);
    wire.send(receive_request(queue_at(index % kQueues), kWaitSeconds));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u32 = static_cast<std::uint32_t>(index);
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, wire.fd(), &event) != 0) {
      throw std::system_error(errno, std::generic_category(), "epoll_ctl");
    }
  }

  std::uint16_t port_;
  Wire sender_;
  int epoll_;
  std::vector<Queue> queues_;
  std::vector<Wire> wires_;
};

}  // namespace

std::vector<Figure> measure_sqs_polls(const Settings& settings) {
  raise_file_limit();
  const ServerProcess server(settings.binary);
  const double began = now_seconds();
  Waiters waiters(server.port(), settings.polls);
  const double connected = now_seconds() - began;
  std::this_thread::sleep_for(std::chrono::seconds(kSettleSeconds));
  const double resident = server.resident_megabytes();
  std::vector<double> seconds;
  const int messages = std::min(settings.polls / 2, kMostMessages);
  for (int i = 0; i < messages; ++i) seconds.push_back(waiters.wake(i % kQueues));
  std::ranges::sort(seconds);
  return {{.name = fmt::format("SQS {} idle long polls, resident", settings.polls),
           .unit = "MB",
           .measured = resident,
           .target = 150,
           .better = Better::lower,
           .note = fmt::format("connected in {:.1f} s", connected),
           .failure = {}},
          {.name = "  from send to its waiter, p99",
           .unit = "ms",
           .measured = seconds[seconds.size() * 99 / 100] * 1000,
           .target = 5,
           .better = Better::lower,
           .note = fmt::format("median {:.2f}, slowest {:.2f} of {} messages",
                               seconds[seconds.size() / 2] * 1000, seconds.back() * 1000, messages),
           .failure = {}}};
}

}  // namespace bench
