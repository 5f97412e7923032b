#include "runtime/real/sandbox/event_thread.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>

#include "runtime/assertion.h"

namespace matinee::runtime {
namespace {

constexpr unsigned token_bits = 8;

epoll_event event_of(EventThread::Key key, unsigned token) {
  return {.events = EPOLLIN | EPOLLONESHOT, .data = {.u64 = key << token_bits | token}};
}

}  // namespace

EventThread::EventThread()
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)), end_(::eventfd(0, EFD_CLOEXEC)) {
  expect(epoll_ && end_, "the system gives two descriptors");
  watch(end_.get(), 0, 0);
  thread_.emplace("sandboxes", [this] { work(); });
}

EventThread::~EventThread() {
  const std::uint64_t one = 1;
  expect(::write(end_.get(), &one, sizeof(one)) == sizeof(one), "an event can be written");
  thread_.reset();
}

EventThread::Key EventThread::add(std::shared_ptr<Watched> watched) {
  const std::lock_guard lock(mutex_);
  watched_.emplace(++last_key_, std::move(watched));
  return last_key_;
}

void EventThread::remove(Key key) {
  std::shared_ptr<Watched> removed;  // is destroyed without the lock
  const std::lock_guard lock(mutex_);
  const auto found = watched_.find(key);
  if (found == watched_.end()) return;
  removed = std::move(found->second);
  watched_.erase(found);
}

void EventThread::watch(int descriptor, Key key, unsigned token) {
  epoll_event event = event_of(key, token);
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event);
}

void EventThread::watch_again(int descriptor, Key key, unsigned token) {
  epoll_event event = event_of(key, token);
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, descriptor, &event);
}

void EventThread::work() {
  std::array<epoll_event, 16> events{};
  for (;;) {
    const int count = ::epoll_wait(epoll_.get(), events.data(), events.size(), -1);
    for (int i = 0; i < count; ++i) {
      const Key key = events[static_cast<std::size_t>(i)].data.u64 >> token_bits;
      if (key == 0) return;
      std::shared_ptr<Watched> watched;
      {
        const std::lock_guard lock(mutex_);
        const auto found = watched_.find(key);
        if (found != watched_.end()) watched = found->second;
      }
      constexpr unsigned token_mask = (1U << token_bits) - 1;
      if (watched)
        watched->on_ready(
            static_cast<unsigned>(events[static_cast<std::size_t>(i)].data.u64 & token_mask));
    }
  }
}

}  // namespace matinee::runtime
