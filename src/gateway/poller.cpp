#include "gateway/poller.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace matinee::gateway {

namespace {

/// Before what they left for the state thread is passed on: with more of them the state thread has
/// nothing to do while they are read, with fewer it is woken too often.
constexpr int most_events_a_round = 16;

OwnedDescriptor checked(int descriptor, const char* what) {
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), what);
  return OwnedDescriptor(descriptor);
}

/// Of a counter that may have been read already.
void drain(int descriptor) {
  std::uint64_t count = 0;
  while (read(descriptor, &count, sizeof count) < 0 && errno == EINTR) {
  }
}

void control(int epoll, int action, int descriptor, epoll_event event) {
  if (epoll_ctl(epoll, action, descriptor, &event) != 0)
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

}  // namespace

Poller::Poller() : epoll_(checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")) {}

void Poller::add(int descriptor, std::uint32_t events, Watcher& watcher) {
  control(epoll_.get(), EPOLL_CTL_ADD, descriptor, {.events = events, .data = {.ptr = &watcher}});
}

void Poller::change(int descriptor, std::uint32_t events, Watcher& watcher) {
  control(epoll_.get(), EPOLL_CTL_MOD, descriptor, {.events = events, .data = {.ptr = &watcher}});
}

void Poller::remove(int descriptor) {
  control(epoll_.get(), EPOLL_CTL_DEL, descriptor, {});
}

void Poller::wait(bool at_once) {
  std::array<epoll_event, most_events_a_round> events;
  const int count =
      epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), at_once ? 0 : -1);
  if (count < 0 && errno != EINTR)
    throw std::system_error(errno, std::generic_category(), "epoll_wait");
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    static_cast<Watcher*>(event.data.ptr)->on_events(event.events);
  }
}

Ticker::Ticker(Poller& poller, runtime::Duration interval, runtime::Callback on_tick)
    : timer_(
          checked(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), "timerfd_create")),
      on_tick_(std::move(on_tick)) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(interval);
  const timespec time{
      .tv_sec = seconds.count(),
      .tv_nsec = std::chrono::duration_cast<std::chrono::nanoseconds>(interval - seconds).count()};
  const itimerspec setting{.it_interval = time, .it_value = time};
  if (timerfd_settime(timer_.get(), 0, &setting, nullptr) != 0)
    throw std::system_error(errno, std::generic_category(), "timerfd_settime");
  poller.add(timer_.get(), EPOLLIN, *this);
}

void Ticker::on_events(std::uint32_t) {
  drain(timer_.get());
  on_tick_();
}

PollerQueue::PollerQueue(Poller& poller)
    : wake_(checked(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd")) {
  poller.add(wake_.get(), EPOLLIN, *this);
}

void PollerQueue::post(runtime::Callback callback) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (is_closed_) return;
    posted_.push_back(std::move(callback));
    wake = std::exchange(is_asleep_, false);
  }
  const std::uint64_t one = 1;
  // Only a counter that is full refuses, and it is read before it could be.
  if (wake) static_cast<void>(!write(wake_.get(), &one, sizeof one));
}

bool PollerQueue::may_sleep() {
  const std::lock_guard lock(mutex_);
  is_asleep_ = posted_.empty();
  return is_asleep_;
}

void PollerQueue::run() {
  {
    const std::lock_guard lock(mutex_);
    is_asleep_ = false;
    running_.swap(posted_);
  }
  for (runtime::Callback& callback : running_) callback();
  running_.clear();
}

void PollerQueue::close() {
  std::vector<runtime::Callback> left;
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
  left.swap(posted_);
}

void PollerQueue::on_events(std::uint32_t) {
  drain(wake_.get());
}

}  // namespace matinee::gateway
