// Worker threads of a real program.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <vector>

#include "runtime/thread.h"
#include "runtime/workers.h"

namespace matinee::runtime {

class WorkerPool final : public Workers {
 public:
  /// Up to `limit` threads, started as there is work for them.
  explicit WorkerPool(unsigned limit);
  /// Waits for what is running; drops what is waiting.
  ~WorkerPool() override;

  void post(Callback work) override;
  void post_after(Duration delay, Callback work) override;

 private:
  using Clock = std::chrono::steady_clock;

  void start_thread_if_needed();
  void work();
  std::optional<Callback> take_ready();

  unsigned limit_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Callback> ready_;
  std::multimap<Clock::time_point, Callback> later_;
  std::size_t idle_ = 0;
  bool ending_ = false;
  std::vector<Thread> threads_;
};

}  // namespace matinee::runtime
