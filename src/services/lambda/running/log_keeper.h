// When what functions have written is kept in CloudWatch Logs: at once where that is seldom, and
// else all instances' lines of some time together. Each time a stream is written to costs as much
// as several lines do, and a busy function writes three lines a call.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "runtime/movable_clock.h"
#include "runtime/runtime.h"

namespace matinee::lambda {

class InstanceLog;

class LogKeeper {
 public:
  explicit LogKeeper(runtime::Runtime& runtime) : runtime_(runtime) {}
  ~LogKeeper();
  LogKeeper(const LogKeeper&) = delete;
  LogKeeper& operator=(const LogKeeper&) = delete;

  /// It has lines: they are kept in the loop's next round, or 20 ms of the machine's time after
  /// those before. Until then it may not end without `remove`, and nobody moves the clock, since
  /// lines carry their times.
  void add(InstanceLog& log);
  void remove(InstanceLog& log) { std::erase(logs_, &log); }
  /// Keeps now what all of them have.
  void keep_all();

 private:
  runtime::Runtime& runtime_;
  std::vector<InstanceLog*> logs_;
  std::optional<runtime::Duration> kept_at_;  // of the loop's elapsed time
  runtime::TimerId timer_ = runtime::TimerId::none;
  bool is_awaited_ = false;
  std::optional<runtime::ClockHold> hold_;
  std::shared_ptr<bool> lives_ = std::make_shared<bool>(true);
};

}  // namespace matinee::lambda
