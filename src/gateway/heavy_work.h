// What would hold up an I/O thread, and with it all of its connections, is done by a worker:
// decoding and encoding what is large.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

#include "gateway/request_handler.h"
#include "runtime/workers.h"

namespace matinee::gateway {

class HeavyWork {
 public:
  /// What is larger, in bytes, takes a millisecond or so.
  static constexpr std::size_t threshold = 128 * 1024;

  explicit HeavyWork(runtime::Workers& workers) : workers_(workers) {}
  /// Waits for what has been posted: it uses what will end next.
  ~HeavyWork();
  HeavyWork(const HeavyWork&) = delete;
  HeavyWork& operator=(const HeavyWork&) = delete;

  /// Does `work` on a worker, and then `rest` on the I/O thread of the queue. Both must not throw.
  /// After the end of the thread the rest is dropped, by whatever thread that is.
  void post(std::shared_ptr<IoQueue> queue, runtime::Callback work, runtime::Callback rest);

 private:
  class Counted;

  runtime::Workers& workers_;
  std::mutex mutex_;
  std::condition_variable done_;
  std::size_t in_hand_ = 0;
};

}  // namespace matinee::gateway
