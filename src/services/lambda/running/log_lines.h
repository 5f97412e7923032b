// What an instance writes, as lines of CloudWatch Logs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/clock.h"
#include "services/lambda/catalog/records.h"

namespace matinee::lambda {

struct LogText {
  runtime::Time time;
  std::string text;
};

/// Cuts output into lines: each is an event with its newline, empty ones are none, and what has no
/// end yet waits. A line is cut at 256 KiB, as CloudWatch's limit asks.
class LineCutter {
 public:
  void add(std::string_view bytes, runtime::Time time, std::vector<LogText>& out);
  /// What has no end yet.
  void finish(runtime::Time time, std::vector<LogText>& out);

 private:
  std::string rest_;
};

/// "2026-01-31T12:00:00.000Z".
std::string time_text(runtime::Time time);
/// "2026/01/31/[$LATEST]" and 32 hexadecimal digits; with a group that several functions share, the
/// function's name before the bracket.
std::string log_stream_name(const VersionKey& version, const Settings& settings, runtime::Time now,
                            std::string_view uuid);

}  // namespace matinee::lambda
