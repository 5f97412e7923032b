#include "runtime/real/real_loop.h"

namespace matinee::runtime {

Time RealTime::now() const {
  if (simulated_) return simulated_->now();
  auto count = [](auto time_point) {
    return std::chrono::duration_cast<Duration>(time_point.time_since_epoch()).count();
  };
  std::int64_t monotonic = count(std::chrono::steady_clock::now());
  std::int64_t ahead = count(std::chrono::system_clock::now()) - monotonic;
  std::int64_t known = wall_minus_monotonic_.load(std::memory_order_relaxed);
  while (known < ahead && !wall_minus_monotonic_.compare_exchange_weak(known, ahead)) {
  }
  return Time(Duration(monotonic + std::max(known, ahead)));
}

Time ShiftedTime::now() const {
  const std::int64_t standing = standing_.load();
  if (standing != running) return Time(Duration(standing));
  return real_.now() + Duration(shift_.load());
}

void ShiftedTime::stand_at(Time time) {
  standing_ = std::max(time, now()).time_since_epoch().count();
}

void ShiftedTime::run() {
  if (stands()) run_from(now());
}

/// The shift comes first: who reads between the two sees the time at which the clock stood.
void ShiftedTime::run_from(Time time) {
  stand_at(time);
  const Duration shift = now() - real_.now();
  shift_ = shift.count();
  standing_ = running;
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
  if (simulated_) return simulated_->now().time_since_epoch();
  return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch());
}

TimerId RealLoop::call_at(Time when, Callback callback) {
  return timers_.add(when, std::move(callback));
}

TimerId RealLoop::call_on_the_way(Time when, Callback callback) {
  return timers_.add(when, std::move(callback), nameless_timer_on_the_way);
}

TimerId RealLoop::call_for(const TimerPurpose& purpose, Time when, Callback callback) {
  return timers_.add(when, std::move(callback), purpose);
}

std::vector<SetTimer> RealLoop::timers_after(const SetTimer& last, std::size_t most) const {
  return timers_.after(last, most);
}

void RealLoop::cancel(TimerId timer) {
  timers_.cancel(timer);
}

void RealLoop::start_no_earlier_than(Time time) {
  if (time <= now()) return;
  if (is_paused_)
    time_.stand_at(time);
  else
    time_.run_from(time);
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
  if (!at_rest_.empty()) take_rest();
  if (has_nothing_to_do() && !step()) sleep(lock);
  batch_.swap(posted_);
}

void RealLoop::at_rest(Callback callback) {
  if (!waits_for_rest_) return post(std::move(callback));
  if (at_rest_.empty()) unrest_since_ = elapsed();
  at_rest_.push_back(std::move(callback));
}

/// Posts what waits for rest if there is rest, or has been none for too long. Called with the lock.
void RealLoop::take_rest() {
  const std::optional<Time> timer = timers_.next();
  const bool rests = stopping_ || (has_nothing_to_do() && !(timer && *timer <= now()));
  if (!rests && elapsed() - unrest_since_ < longest_unrest) return;
  posted_.insert(posted_.end(), std::move_iterator(at_rest_.begin()),
                 std::move_iterator(at_rest_.end()));
  at_rest_.clear();
}

void RealLoop::sleep(std::unique_lock<std::mutex>& lock) {
  sleeping_ = true;
  const auto woken = [this] { return !sleeping_; };
  std::optional<Duration> wait;
  if (const auto timer = timers_.next(); timer && (!time_.stands() || *timer <= now()))
    wait = *timer - now();
  if (const auto timer = wall_.timers.next())
    wait = std::min(wait.value_or(Duration::max()), *timer - time_.real());
  if (simulated_) {
    sleeping_ = false;
    lock.unlock();
    simulated_->wait(wait);
    lock.lock();
    return;
  }
  // The bound keeps far timers from overflowing; waking once an hour for nothing is no harm.
  if (wait)
    wake_.wait_for(lock, std::min<Duration>(*wait, std::chrono::hours(1)), woken);
  else
    wake_.wait(lock, woken);
  sleeping_ = false;
}

void RealLoop::run_round() {
  ++round_;
  const std::uint64_t set_later = timers_.next_sequence();
  const std::uint64_t wall_set_later = wall_.timers.next_sequence();
  bool something_ran = !batch_.empty() || !after_flush_.empty();
  if (std::exchange(has_stepped_, false) && on_step_) on_step_();
  for (Callback& callback : batch_) callback();
  batch_.clear();
  if (!wall_.timers.empty() && run_due(wall_.timers, time_.real(), wall_set_later) > 0)
    something_ran = true;
  if (!timers_.empty()) {
    const std::uint64_t fired = run_due(timers_, now(), set_later);
    if (fired > 0) something_ran = true;
    if (!moves_.empty()) moves_.front().fired += fired;
  }
  if (something_ran) end_round();
}

std::uint64_t RealLoop::run_due(TimerQueue& timers, Time now, std::uint64_t set_later) {
  std::uint64_t fired = 0;
  while (std::optional<Callback> timer = timers.take_due(now, set_later)) {
    ++fired;
    (*timer)();
  }
  return fired;
}

/// Rounds of a clock that is moved may share a flush: nobody was promised anything by them.
void RealLoop::end_round() {
  if (is_moving_ && after_flush_.empty() && ++unflushed_rounds_ < rounds_per_flush) return;
  unflushed_rounds_ = 0;
  if (flush_) flush_();
  replies_.swap(after_flush_);
  for (Callback& callback : replies_) callback();
  replies_.clear();
}

ClockState RealLoop::state() const {
  return {.now = now(),
          .real = time_.real(),
          .paused = is_paused_,
          .next = timers_.next(),
          .timers = timers_.size()};
}

void RealLoop::pause() {
  is_paused_ = true;
  time_.stand_at(now());
}

void RealLoop::resume() {
  is_paused_ = false;
  if (!is_moving_) time_.run();
}

std::uint64_t RealLoop::move(ClockGoal goal, Done done) {
  moves_.push_back({.number = ++last_move_, .goal = goal, .done = std::move(done)});
  is_moving_ = true;
  time_.stand_at(now());
  return last_move_;
}

void RealLoop::give_up(std::uint64_t number) {
  for (Move& move : moves_)
    if (move.number == number) move.given_up = true;
}

void RealLoop::release() {
  if (--holds_ == 0 && is_moving_) post([] {});
}

/// Moves the clock to the next timer, or ends a move that has reached its goal: true where there is
/// something to do then. Called with the lock, once everything has come to rest.
bool RealLoop::step() {
  if (!is_moving_) return false;
  Move& move = moves_.front();
  if (move.given_up || (holds_ == 0 && !wants_next_timer(move))) {
    end_move();
    return true;
  }
  if (holds_ > 0) return false;
  move.has_stepped = true;
  has_stepped_ = true;
  time_.stand_at(std::max(*timers_.next(), now()));
  return true;
}

bool RealLoop::wants_next_timer(const Move& move) const {
  const std::optional<Time> next = timers_.next();
  if (!next) return false;
  switch (move.goal.kind) {
    case ClockGoal::Kind::time:
      return *next <= move.goal.time;
    case ClockGoal::Kind::timer:
      return !move.has_stepped || *next <= now();
    case ClockGoal::Kind::idle:
      // What is due now is not waited for: it may go on to set something on its way.
      return timers_.on_the_way() > 0 || *next <= now();
  }
  return false;
}

void RealLoop::end_move() {
  Move move = std::move(moves_.front());
  moves_.pop_front();
  if (!move.given_up && move.goal.kind == ClockGoal::Kind::time)
    time_.stand_at(std::max(move.goal.time, now()));
  const ClockMoved moved{.now = now(), .fired = move.fired, .given_up = move.given_up};
  posted_.push_back([done = std::move(move.done), moved]() mutable { done(moved); });
  is_moving_ = !moves_.empty();
  if (!is_moving_ && !is_paused_) time_.run();
}

}  // namespace matinee::runtime
