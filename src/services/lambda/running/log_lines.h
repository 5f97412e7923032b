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

/// What an invocation has cost.
struct Report {
  std::string id;
  double milliseconds = 0;
  std::optional<double> init_milliseconds;  // of a cold start
  std::int32_t memory_mb = 0;
  std::uint64_t peak_bytes = 0;
  std::string status = "success";  // "error", "timeout", "failure"
  std::string error_type;
};

/// The lines that the service itself writes, in the function's format; empty where its level leaves
/// them out.
class SystemLines {
 public:
  explicit SystemLines(const LoggingRecord& logging) : logging_(logging) {}

  std::string init_start(std::string_view runtime, std::string_view arn, runtime::Time now) const;
  std::string start(std::string_view id, std::string_view version, runtime::Time now) const;
  std::string end(std::string_view id) const;
  std::string report(const Report& report, runtime::Time now) const;

 private:
  const LoggingRecord& logging_;

  bool is_json() const { return logging_.format == "JSON"; }
  bool tells_information() const {
    return logging_.system_level.empty() || logging_.system_level == "INFO" ||
           logging_.system_level == "DEBUG";
  }
};

/// "2026-01-31T12:00:00.000Z".
std::string time_text(runtime::Time time);
/// "2026/01/31/[$LATEST]" and 32 hexadecimal digits; with a group that several functions share, the
/// function's name before the bracket.
std::string log_stream_name(const VersionKey& version, const Settings& settings, runtime::Time now,
                            std::string_view uuid);

}  // namespace matinee::lambda
