#include "runtime/simulated/simulated_loop.h"

namespace matinee::runtime {

void SimulatedLoop::post(Callback callback) {
  std::lock_guard guard(mutex_);
  posted_.push_back(std::move(callback));
}

void SimulatedLoop::after_flush(Callback callback) {
  after_flush_.push_back(std::move(callback));
}

void SimulatedLoop::set_flush(Callback flush) {
  flush_ = std::move(flush);
}

void SimulatedLoop::stop() {
  std::lock_guard guard(mutex_);
  stopping_ = true;
}

Time SimulatedLoop::now() const {
  std::lock_guard guard(mutex_);
  return now_;
}

Duration SimulatedLoop::elapsed() const {
  std::lock_guard guard(mutex_);
  return elapsed_ += looking_takes_;
}

void SimulatedLoop::let_looking_take(Duration duration) {
  std::lock_guard guard(mutex_);
  looking_takes_ = duration;
}

void SimulatedLoop::set_now(Time now) {
  std::lock_guard guard(mutex_);
  now_ = std::max(now_, now);
}

TimerId SimulatedLoop::call_at(Time when, Callback callback) {
  return timers_.add(when, std::move(callback));
}

void SimulatedLoop::cancel(TimerId timer) {
  timers_.cancel(timer);
}

void SimulatedLoop::run() {
  for (;;) {
    bool something_ran = run_round();
    {
      std::lock_guard guard(mutex_);
      if (std::exchange(stopping_, false)) return;
    }
    if (something_ran) continue;
    std::optional<Time> next = timers_.next();
    if (!next) return;
    set_now(*next);
  }
}

void SimulatedLoop::run_until_idle() {
  while (run_round()) {
  }
}

void SimulatedLoop::advance(Duration duration) {
  Time end = now() + duration;
  run_until_idle();
  for (std::optional<Time> next = timers_.next(); next && *next <= end; next = timers_.next()) {
    advance_to_next_timer();
  }
  set_now(end);
}

bool SimulatedLoop::advance_to_next_timer() {
  run_until_idle();
  std::optional<Time> next = timers_.next();
  if (!next) return false;
  set_now(*next);
  run_until_idle();
  return true;
}

void SimulatedLoop::forget_everything() {
  {
    std::lock_guard guard(mutex_);
    posted_.clear();
  }
  timers_ = TimerQueue();
  turns().forget();
  after_flush_.clear();
  flush_ = nullptr;
}

/// False if there was nothing to do at the present time.
bool SimulatedLoop::run_round() {
  ++round_;
  std::vector<Callback> batch;
  {
    std::lock_guard guard(mutex_);
    batch.swap(posted_);
  }
  std::uint64_t set_later = timers_.next_sequence();
  bool something_ran = !batch.empty() || !after_flush_.empty();
  for (Callback& callback : batch) callback();
  while (std::optional<Callback> timer = timers_.take_due(now(), set_later)) {
    something_ran = true;
    (*timer)();
  }
  if (!something_ran) return false;
  if (flush_) flush_();
  std::vector<Callback> replies = std::exchange(after_flush_, {});
  for (Callback& callback : replies) callback();
  return true;
}

}  // namespace matinee::runtime
