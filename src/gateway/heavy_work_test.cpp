#include "gateway/heavy_work.h"

#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "runtime/real/worker_pool.h"

namespace matinee::gateway {
namespace {

/// An I/O thread that runs what was posted when the test says so.
class CollectingQueue final : public IoQueue {
 public:
  void post(runtime::Callback callback) override {
    const std::lock_guard lock(mutex_);
    if (is_closed_) return;
    callbacks_.push_back(std::move(callback));
    posted_.notify_all();
  }
  void close() {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
  }
  /// Waits for something to run, and runs it.
  void run_one() {
    std::unique_lock lock(mutex_);
    posted_.wait(lock, [this] { return !callbacks_.empty(); });
    runtime::Callback callback = std::move(callbacks_.front());
    callbacks_.erase(callbacks_.begin());
    lock.unlock();
    callback();
  }

 private:
  std::mutex mutex_;
  std::condition_variable posted_;
  std::vector<runtime::Callback> callbacks_;
  bool is_closed_ = false;
};

class HeavyWorkTest : public testing::Test {
 protected:
  runtime::WorkerPool workers{1};
  std::shared_ptr<CollectingQueue> queue = std::make_shared<CollectingQueue>();
  std::optional<HeavyWork> heavy{std::in_place, workers};
};

TEST_F(HeavyWorkTest, a_worker_does_the_work_and_the_io_thread_the_rest) {
  std::thread::id worked_on;
  std::thread::id ended_on;
  heavy->post(
      queue, [&] { worked_on = std::this_thread::get_id(); },
      [&] { ended_on = std::this_thread::get_id(); });
  queue->run_one();
  EXPECT_NE(worked_on, std::thread::id());
  EXPECT_NE(worked_on, std::this_thread::get_id());
  EXPECT_EQ(ended_on, std::this_thread::get_id());
}

TEST_F(HeavyWorkTest, its_end_waits_for_work_in_hand) {
  std::promise<void> begun;
  std::promise<void> may_end;
  std::atomic<bool> ended = false;
  heavy->post(
      queue,
      [&] {
        begun.set_value();
        may_end.get_future().wait();
        ended = true;
      },
      [] {});
  begun.get_future().wait();
  std::jthread releases([&] { may_end.set_value(); });
  heavy.reset();
  EXPECT_TRUE(ended);
}

TEST_F(HeavyWorkTest, after_the_end_of_the_io_thread_the_rest_is_dropped) {
  queue->close();
  const auto held = std::make_shared<int>(1);
  std::promise<void> worked;
  heavy->post(
      queue, [&] { worked.set_value(); }, [held] { FAIL() << "nobody is there to run it"; });
  worked.get_future().wait();
  heavy.reset();
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace matinee::gateway
