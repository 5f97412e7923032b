#include "runtime/real/real_loop.h"

#include "runtime/assertion.h"

namespace matinee::runtime {

Time RealTime::now() const {
  auto count = [](auto time_point) {
    return std::chrono::duration_cast<Duration>(time_point.time_since_epoch()).count();
  };
  std::int64_t monotonic = count(std::chrono::steady_clock::now());
  std::int64_t ahead = count(std::chrono::system_clock::now()) - monotonic;
  std::int64_t known = wall_minus_monotonic_.load(std::memory_order_relaxed);
  while (known < ahead && !wall_minus_monotonic_.compare_exchange_weak(known, ahead)) {
  }
  return Time(Duration(monotonic + std::max(known, ahead) + shift_.load()));
}

void RealTime::shift(Duration shift) {
  expect(shift >= Duration::zero(), "time is moved forward");
  shift_ += shift.count();
}

void RealLoop::post(Callback callback) {
  bool wake = false;
  {
    std::lock_guard lock(mutex_);
    posted_.push_back(std::move(callback));
    wake = std::exchange(sleeping_, false);
  }
  if (wake) wake_.notify_one();
}

void RealLoop::after_flush(Callback callback) {
  after_flush_.push_back(std::move(callback));
}

void RealLoop::set_flush(Callback flush) {
  flush_ = std::move(flush);
}

Duration RealLoop::elapsed() const {
  return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch());
}

TimerId RealLoop::call_at(Time when, Callback callback) {
  return timers_.add(when, std::move(callback));
}

void RealLoop::cancel(TimerId timer) {
  timers_.cancel(timer);
}

void RealLoop::shift(Duration shift) {
  time_.shift(shift);
  post([] {});
}

void RealLoop::start_no_earlier_than(Time time) {
  const Duration behind = time - now();
  if (behind <= Duration::zero()) return;
  behind_ = behind_.load() + behind;
  shift(behind);
}

void RealLoop::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    sleeping_ = false;
  }
  wake_.notify_one();
}

void RealLoop::run() {
  for (;;) {
    wait_for_work();
    run_round();
    std::lock_guard lock(mutex_);
    if (std::exchange(stopping_, false)) return;
  }
}

/// Takes what was posted into batch_, sleeping until there is something to do.
void RealLoop::wait_for_work() {
  std::unique_lock lock(mutex_);
  if (posted_.empty() && after_flush_.empty() && !stopping_) {
    sleeping_ = true;
    auto woken = [this] { return !sleeping_; };
    if (std::optional<Time> timer = timers_.next()) {
      // The bound keeps far timers from overflowing; waking once an hour for nothing is no harm.
      wake_.wait_for(lock, std::min<Duration>(*timer - now(), std::chrono::hours(1)), woken);
    } else {
      wake_.wait(lock, woken);
    }
    sleeping_ = false;
  }
  batch_.swap(posted_);
}

void RealLoop::run_round() {
  ++round_;
  std::uint64_t set_later = timers_.next_sequence();
  bool something_ran = !batch_.empty() || !after_flush_.empty();
  for (Callback& callback : batch_) callback();
  batch_.clear();
  if (std::optional<Time> next = timers_.next()) {
    Time now_in_round = now();
    while (std::optional<Callback> timer = timers_.take_due(now_in_round, set_later)) {
      something_ran = true;
      (*timer)();
    }
  }
  if (!something_ran) return;
  if (flush_) flush_();
  replies_.swap(after_flush_);
  for (Callback& callback : replies_) callback();
  replies_.clear();
}

}  // namespace matinee::runtime
