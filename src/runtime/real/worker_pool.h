// Worker threads of a real program.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <vector>

#include "runtime/movable_clock.h"
#include "runtime/thread.h"
#include "runtime/workers.h"

namespace matinee::runtime {

class WorkerPool final : public Workers {
 public:
  /// Up to `limit` threads, started as there is work for them.
  explicit WorkerPool(unsigned limit);
  /// Waits for what is running; drops what is waiting.
  ~WorkerPool() override;

  /// A clock that stands still while work that was posted without a delay is not done. Before any
  /// is; must outlive the pool.
  void hold_while_busy(MovableClock& clock) { held_ = &clock; }

  void post(Callback work) override;
  void post_after(Duration delay, Callback work) override;

 private:
  using Clock = std::chrono::steady_clock;

  void start_thread_if_needed();
  /// Work, and whether it holds the clock.
  using Ready = std::pair<Callback, bool>;

  void work();
  std::optional<Ready> take_ready();

  unsigned limit_;
  MovableClock* held_ = nullptr;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Callback> ready_;
  std::multimap<Clock::time_point, Callback> later_;
  std::size_t idle_ = 0;
  bool ending_ = false;
  std::vector<Thread> threads_;
};

}  // namespace matinee::runtime
