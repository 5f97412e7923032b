#include "services/lambda/running/log_lines.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cmath>

#include "protocol/json_writer.h"
#include "protocol/timestamps.h"
#include "services/lambda/catalog/names.h"

namespace matinee::lambda {

namespace {

constexpr std::size_t longest_line = std::size_t{256} << 10;
constexpr double bytes_per_megabyte = 1024.0 * 1024.0;

std::string quoted(std::string_view text) {
  std::string out;
  protocol::json::append_string(out, text);
  return out;
}

std::string record(std::string_view type, std::string_view content, runtime::Time now) {
  return fmt::format("{{\"time\":\"{}\",\"type\":\"{}\",\"record\":{{{}}}}}\n", time_text(now),
                     type, content);
}

std::int64_t megabytes(std::uint64_t bytes) {
  return static_cast<std::int64_t>(std::ceil(static_cast<double>(bytes) / bytes_per_megabyte));
}

}  // namespace

void LineCutter::add(std::string_view bytes, runtime::Time time, std::vector<LogText>& out) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    if (end == std::string_view::npos) {
      rest_ += bytes;
      break;
    }
    if (end > 0 || !rest_.empty())
      out.push_back({.time = time, .text = rest_ + std::string(bytes.substr(0, end + 1))});
    rest_.clear();
    bytes.remove_prefix(end + 1);
  }
  while (rest_.size() > longest_line) {
    out.push_back({.time = time, .text = rest_.substr(0, longest_line)});
    rest_.erase(0, longest_line);
  }
}

void LineCutter::finish(runtime::Time time, std::vector<LogText>& out) {
  if (!rest_.empty()) out.push_back({.time = time, .text = std::exchange(rest_, {})});
}

std::string time_text(runtime::Time time) {
  std::string text;
  protocol::append_iso8601_milliseconds(text, time);
  return text;
}

std::string SystemLines::init_start(std::string_view runtime, std::string_view arn,
                                    runtime::Time now) const {
  if (!is_json())
    return fmt::format("INIT_START Runtime Version: {}\tRuntime Version ARN: {}\n", runtime, arn);
  if (!tells_information()) return {};
  return record("platform.initStart",
                fmt::format("\"initializationType\":\"on-demand\",\"phase\":\"init\","
                            "\"runtimeVersion\":{},\"runtimeVersionArn\":{}",
                            quoted(runtime), quoted(arn)),
                now);
}

std::string SystemLines::start(std::string_view id, std::string_view version,
                               runtime::Time now) const {
  if (!is_json()) return fmt::format("START RequestId: {} Version: {}\n", id, version);
  if (!tells_information()) return {};
  return record("platform.start",
                fmt::format("\"requestId\":{},\"version\":{}", quoted(id), quoted(version)), now);
}

std::string SystemLines::end(std::string_view id) const {
  return is_json() ? std::string() : fmt::format("END RequestId: {}\n", id);
}

std::string SystemLines::report(const Report& report, runtime::Time now) const {
  // Time of the initialization is billed too.
  const auto billed = static_cast<std::int64_t>(
      std::ceil(report.milliseconds + report.init_milliseconds.value_or(0)));
  if (!is_json()) {
    std::string line = fmt::format(
        "REPORT RequestId: {}\tDuration: {:.2f} ms\tBilled Duration: {} ms\tMemory Size: {} MB\t"
        "Max Memory Used: {} MB\t",
        report.id, report.milliseconds, billed, report.memory_mb, megabytes(report.peak_bytes));
    if (report.init_milliseconds)
      line += fmt::format("Init Duration: {:.2f} ms\t", *report.init_milliseconds);
    if (report.status == "timeout") line += "Status: timeout";
    if (report.status == "error" && !report.error_type.empty())
      line += fmt::format("Status: error\tError Type: {}", report.error_type);
    return line + "\n";
  }
  if (!tells_information()) return {};
  std::string metrics = fmt::format(
      "\"durationMs\":{:.3f},\"billedDurationMs\":{},\"memorySizeMB\":{},\"maxMemoryUsedMB\":{}",
      report.milliseconds, billed, report.memory_mb, megabytes(report.peak_bytes));
  if (report.init_milliseconds)
    metrics += fmt::format(",\"initDurationMs\":{:.3f}", *report.init_milliseconds);
  std::string content = fmt::format("\"requestId\":{},\"metrics\":{{{}}},\"status\":\"{}\"",
                                    quoted(report.id), metrics, report.status);
  if (!report.error_type.empty()) content += ",\"errorType\":" + quoted(report.error_type);
  return record("platform.report", content, now);
}

std::string log_stream_name(const VersionKey& version, const Settings& settings, runtime::Time now,
                            std::string_view uuid) {
  std::string digits;
  for (const char c : uuid)
    if (c != '-') digits += c;
  const std::string& name = std::get<2>(version);
  const bool is_shared = settings.logging.group != "/aws/lambda/" + name;
  return fmt::format("{:%Y/%m/%d}/{}[{}]{}", std::chrono::floor<std::chrono::seconds>(now),
                     is_shared ? name : "", text_of_version(std::get<3>(version)), digits);
}

}  // namespace matinee::lambda
