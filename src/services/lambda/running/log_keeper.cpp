#include "services/lambda/running/log_keeper.h"

#include <utility>

#include "services/lambda/running/instance_log.h"

namespace matinee::lambda {

namespace {

constexpr runtime::Duration between_keeps = std::chrono::milliseconds(20);

}  // namespace

LogKeeper::~LogKeeper() {
  *lives_ = false;
  runtime::real_clock(runtime_.clock).cancel(timer_);
}

void LogKeeper::add(InstanceLog& log) {
  logs_.push_back(&log);
  if (std::exchange(is_awaited_, true)) return;
  hold_.emplace(runtime_.clock);
  const runtime::Duration now = runtime_.loop.elapsed();
  if (!kept_at_ || now - *kept_at_ >= between_keeps) {
    runtime_.loop.post([this, lives = lives_] {
      if (*lives) keep_all();
    });
    return;
  }
  runtime::Clock& clock = runtime::real_clock(runtime_.clock);
  timer_ = clock.call_at(clock.now() + *kept_at_ + between_keeps - now, [this] { keep_all(); });
}

void LogKeeper::keep_all() {
  if (!std::exchange(is_awaited_, false)) return;
  runtime::real_clock(runtime_.clock).cancel(std::exchange(timer_, runtime::TimerId::none));
  kept_at_ = runtime_.loop.elapsed();
  for (InstanceLog* log : std::exchange(logs_, {})) log->keep();
  hold_.reset();
}

}  // namespace matinee::lambda
