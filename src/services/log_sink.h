// Where services write their logs: CloudWatch Logs. On the state thread, inside a transaction.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "runtime/clock.h"

namespace matinee::services {

/// Where lines go. A group or stream that is not there is made.
struct LogTarget {
  std::string account;
  std::string region;
  std::string group;   // "/aws/lambda/NAME"
  std::string stream;  // "2026/01/31/[$LATEST]0123456789abcdef0123456789abcdef"
  /// X-Amzn-Trace-Id of the call that wrote the lines, for those who subscribe to them.
  std::string trace = {};
};

struct LogLine {
  runtime::Time time;
  std::string_view text;  // an empty one is left out, as AWS takes none
};

class LogSink {
 public:
  virtual ~LogSink() = default;

  /// In order of their times they are events like those of PutLogEvents: metric filters see them,
  /// and what is too old or too new is left out.
  virtual void put(const LogTarget& target, std::span<const LogLine> lines) = 0;

  /// Who gathers lines for a while hands them over in `bring`, outside of a transaction: it is
  /// called before events or streams are read.
  virtual void before_reading(std::move_only_function<void()> bring) = 0;
};

}  // namespace matinee::services
