// One thread that waits for the pipes and sockets of all sandboxes.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "runtime/real/sandbox/packets.h"
#include "runtime/thread.h"

namespace matinee::runtime {

class Watched {
 public:
  virtual ~Watched() = default;
  /// Something can be read, or the other end is closed. `token` is what it was watched with. On the
  /// thread; it is not watched any more.
  virtual void on_ready(unsigned token) = 0;
};

/// All functions may be called from any thread.
class EventThread {
 public:
  using Key = std::uint64_t;

  EventThread();
  ~EventThread();
  EventThread(const EventThread&) = delete;
  EventThread& operator=(const EventThread&) = delete;

  /// Keeps it until `remove`.
  Key add(std::shared_ptr<Watched> watched);
  /// It may be within `on_ready` at the moment.
  void remove(Key key);

  /// Tells once that something can be read; to be told of it again, watch again. `token` is below
  /// 256. Closing the descriptor ends it.
  void watch(int descriptor, Key key, unsigned token);
  void watch_again(int descriptor, Key key, unsigned token);

 private:
  OwnedDescriptor epoll_;
  OwnedDescriptor end_;
  std::mutex mutex_;
  std::unordered_map<Key, std::shared_ptr<Watched>> watched_;
  Key last_key_ = 0;
  std::optional<Thread> thread_;

  void work();
};

}  // namespace matinee::runtime
