#include "runtime/real/worker_pool.h"

#include <cstdlib>
#include <system_error>

#include "runtime/assertion.h"
#include "runtime/log.h"

namespace matinee::runtime {

namespace {

/// Work does not throw, but the machine may have no thread or no memory for it. What it was part of
/// is unknown then, so that nothing can be promised any more.
void run(Callback& work) {
  try {
    work();
  } catch (const std::exception& error) {
    spdlog::critical("Stopping, because work in the background failed: {}.", error.what());
    std::_Exit(1);
  }
}

}  // namespace

WorkerPool::WorkerPool(unsigned limit) : limit_(limit) {
  expect(limit > 0, "a pool has a worker");
}

WorkerPool::~WorkerPool() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  threads_.clear();
}

void WorkerPool::post(Callback work) {
  if (held_) held_->hold();
  {
    std::lock_guard lock(mutex_);
    ready_.push_back(std::move(work));
    start_thread_if_needed();
  }
  changed_.notify_one();
}

void WorkerPool::post_after(Duration delay, Callback work) {
  {
    std::lock_guard lock(mutex_);
    later_.emplace(Clock::now() + delay, std::move(work));
    start_thread_if_needed();
  }
  changed_.notify_one();
}

void WorkerPool::start_thread_if_needed() {
  // Work that is running may still post some.
  if (ending_) return;
  if (idle_ >= ready_.size() && !threads_.empty()) return;
  if (threads_.size() >= limit_) return;
  try {
    threads_.emplace_back("worker", [this] { work(); });
  } catch (const std::system_error&) {
    // The others do it later.
    if (threads_.empty()) throw;
  }
}

void WorkerPool::work() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    if (std::optional<Ready> next = take_ready()) {
      lock.unlock();
      run(next->first);
      const bool holds = next->second;
      next.reset();
      if (holds && held_) held_->release();
      lock.lock();
      continue;
    }
    ++idle_;
    if (later_.empty()) {
      changed_.wait(lock);
    } else {
      changed_.wait_until(lock, later_.begin()->first);
    }
    --idle_;
  }
}

std::optional<WorkerPool::Ready> WorkerPool::take_ready() {
  if (!later_.empty() && later_.begin()->first <= Clock::now()) {
    Callback work = std::move(later_.begin()->second);
    later_.erase(later_.begin());
    return Ready(std::move(work), false);
  }
  if (ready_.empty()) return std::nullopt;
  Callback work = std::move(ready_.front());
  ready_.pop_front();
  return Ready(std::move(work), true);
}

}  // namespace matinee::runtime
