// What the loop of an I/O thread waits for: sockets that are ready, its tick, and callbacks of
// other threads. Linux's epoll as it is: sockets are registered once, and told when their state
// changes, so that a request costs no call to ask for the next one.
#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "gateway/listener.h"
#include "gateway/request_handler.h"
#include "runtime/clock.h"

namespace matinee::gateway {

class Poller {
 public:
  /// Is told what its descriptor is ready for, in epoll's own words (EPOLLIN ...). It must outlive
  /// the round in which its descriptor is closed.
  class Watcher {
   public:
    virtual ~Watcher() = default;
    virtual void on_events(std::uint32_t events) = 0;
  };

  /// Throws std::system_error where the system has no more descriptors.
  Poller();

  /// Throws std::system_error. Closing a descriptor ends it.
  void add(int descriptor, std::uint32_t events, Watcher& watcher);
  /// Asks anew: what is ready already is told once more. For a descriptor that was added.
  void change(int descriptor, std::uint32_t events, Watcher& watcher);
  void remove(int descriptor);

  /// Waits until something is ready, unless `at_once`, and tells the watchers of a few of those
  /// that are.
  void wait(bool at_once);

 private:
  OwnedDescriptor epoll_;
};

/// Calls back again and again.
class Ticker final : public Poller::Watcher {
 public:
  Ticker(Poller& poller, runtime::Duration interval, runtime::Callback on_tick);
  void on_events(std::uint32_t events) override;

 private:
  OwnedDescriptor timer_;
  runtime::Callback on_tick_;
};

/// Callbacks for the loop, posted by any thread, also after the loop has ended: then for nothing.
class PollerQueue final : public IoQueue, public Poller::Watcher {
 public:
  explicit PollerQueue(Poller& poller);

  void post(runtime::Callback callback) override;

  // On the loop's thread.
  /// Whether there is nothing to run; if so, the next one posted wakes the poller.
  bool may_sleep();
  /// Runs what has been posted.
  void run();
  /// Takes no more.
  void close();
  void on_events(std::uint32_t events) override;

 private:
  OwnedDescriptor wake_;
  std::mutex mutex_;
  std::vector<runtime::Callback> posted_;
  bool is_asleep_ = false;
  bool is_closed_ = false;
  std::vector<runtime::Callback> running_;
};

}  // namespace matinee::gateway
