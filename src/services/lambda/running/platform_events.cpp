#include "services/lambda/running/platform_events.h"

#include <fmt/format.h>

#include <cctype>
#include <cmath>

#include "protocol/json_writer.h"
#include "services/lambda/running/log_lines.h"

namespace matinee::lambda {

namespace {

constexpr double bytes_per_megabyte = 1024.0 * 1024.0;
constexpr std::int64_t bytes_per_mebibyte = std::int64_t{1} << 20;

std::string quoted(std::string_view text) {
  std::string out;
  protocol::json::append_string(out, text);
  return out;
}

std::int64_t megabytes(std::uint64_t bytes) {
  return static_cast<std::int64_t>(std::ceil(static_cast<double>(bytes) / bytes_per_megabyte));
}

SystemLevel level_of(const Outcome& outcome, SystemLevel usual) {
  return outcome.status == "success" ? usual : SystemLevel::warn;
}

std::string quoted_list(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : ",") + quoted(item);
  return "[" + out + "]";
}

std::string plain_list(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : ", ") + item;
  return "[" + out + "]";
}

/// "Platform", as lines of text write types.
std::string capital(std::string text) {
  if (!text.empty())
    text.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(text.front())));
  return text;
}

std::string phase_members(InitPhase phase) {
  return fmt::format("\"initializationType\":\"{}\",\"phase\":\"{}\"", phase.initialization_type,
                     phase.name());
}

std::string outcome_members(const Outcome& outcome) {
  std::string out = fmt::format("\"status\":\"{}\"", outcome.status);
  if (!outcome.error_type.empty()) out += ",\"errorType\":" + quoted(outcome.error_type);
  return out;
}

/// A part of X-Amzn-Trace-Id: that of "Root".
std::string_view part_of_trace(std::string_view trace, std::string_view name) {
  while (!trace.empty()) {
    const std::size_t end = trace.find(';');
    const std::string_view part = trace.substr(0, end);
    if (part.starts_with(name) && part.substr(name.size()).starts_with('='))
      return part.substr(name.size() + 1);
    if (end == std::string_view::npos) break;
    trace.remove_prefix(end + 1);
  }
  return {};
}

std::string tracing_member(std::string_view trace) {
  if (trace.empty()) return {};
  std::string out = ",\"tracing\":{";
  if (const std::string_view parent = part_of_trace(trace, "Parent"); !parent.empty())
    out += "\"spanId\":" + quoted(parent) + ",";
  return out + "\"type\":\"X-Amzn-Trace-Id\",\"value\":" + quoted(trace) + "}";
}

/// Time of the initialization is billed too.
std::int64_t billed(const Report& report) {
  return static_cast<std::int64_t>(
      std::ceil(report.milliseconds + report.init_milliseconds.value_or(0)));
}

std::string report_text(const Report& report) {
  std::string line = fmt::format(
      "REPORT RequestId: {}\tDuration: {:.2f} ms\tBilled Duration: {} ms\tMemory Size: {} MB\t"
      "Max Memory Used: {} MB\t",
      report.id, report.milliseconds, billed(report), report.memory_mb,
      megabytes(report.peak_bytes));
  if (report.init_milliseconds)
    line += fmt::format("Init Duration: {:.2f} ms\t", *report.init_milliseconds);
  const bool is_sampled = part_of_trace(report.trace, "Sampled") == "1";
  if (is_sampled)
    line += fmt::format("\nXRAY TraceId: {}\tSegmentId: {}\tSampled: true\t",
                        part_of_trace(report.trace, "Root"), part_of_trace(report.trace, "Parent"));
  if (report.status == "timeout") line += "Status: timeout";
  if (report.status == "error" && !report.error_type.empty())
    line += fmt::format("Status: error\tError Type: {}", report.error_type);
  return line + "\n";
}

int rank(std::string_view level) {
  if (level == "DEBUG") return 0;
  return level == "WARN" ? 2 : 1;
}

}  // namespace

PlatformEvent init_start(InitPhase phase, const InitStart& start) {
  return {.type = "platform.initStart",
          .record =
              fmt::format("{{{},\"runtimeVersion\":{},\"runtimeVersionArn\":{},\"functionName\":{},"
                          "\"functionVersion\":{},\"instanceId\":{},\"instanceMaxMemory\":{}}}",
                          phase_members(phase), quoted(start.runtime), quoted(start.runtime_arn),
                          quoted(start.function), quoted(start.version), quoted(start.instance),
                          start.memory_mb * bytes_per_mebibyte),
          .text = fmt::format("INIT_START Runtime Version: {}\tRuntime Version ARN: {}\n",
                              start.runtime, start.runtime_arn),
          .is_in_logs = false};
}

PlatformEvent init_runtime_done(InitPhase phase, const Outcome& outcome) {
  return {.type = "platform.initRuntimeDone",
          .record = fmt::format("{{{},{}}}", phase_members(phase), outcome_members(outcome)),
          .level = level_of(outcome, SystemLevel::debug)};
}

PlatformEvent init_report(InitPhase phase, const Outcome& outcome, double milliseconds) {
  PlatformEvent event{
      .type = "platform.initReport",
      .record = fmt::format("{{{},{},\"metrics\":{{\"durationMs\":{:.3f}}}}}", phase_members(phase),
                            outcome_members(outcome), milliseconds),
      .level = level_of(outcome, SystemLevel::debug),
      .is_in_logs = false};
  if (outcome.status == "success") return event;
  event.text = fmt::format("INIT_REPORT Init Duration: {:.2f} ms\tPhase: {}\tStatus: {}",
                           milliseconds, phase.name(), outcome.status);
  if (!outcome.error_type.empty())
    event.text += fmt::format("\tError Type: {}", outcome.error_type);
  event.text += "\n";
  return event;
}

PlatformEvent call_start(std::string_view id, std::string_view version, std::string_view trace) {
  return {.type = "platform.start",
          .record = fmt::format("{{\"requestId\":{},\"version\":{}{}}}", quoted(id),
                                quoted(version), tracing_member(trace)),
          .text = fmt::format("START RequestId: {} Version: {}\n", id, version)};
}

PlatformEvent call_end(std::string_view id) {
  return {.type = "platform.end",
          .record = fmt::format("{{\"requestId\":{}}}", quoted(id)),
          .text = fmt::format("END RequestId: {}\n", id),
          .is_in_telemetry = false,
          .is_in_json = false};
}

PlatformEvent runtime_done(const Report& report, std::size_t produced_bytes) {
  const Outcome outcome{.status = report.status, .error_type = report.error_type};
  return {
      .type = "platform.runtimeDone",
      .record = fmt::format(
          "{{\"requestId\":{},{},\"metrics\":{{\"durationMs\":{:.3f},\"producedBytes\":{}}}{}}}",
          quoted(report.id), outcome_members(outcome), report.milliseconds, produced_bytes,
          tracing_member(report.trace)),
      .level = level_of(outcome, SystemLevel::debug)};
}

PlatformEvent call_report(const Report& report) {
  const Outcome outcome{.status = report.status, .error_type = report.error_type};
  std::string metrics = fmt::format(
      "\"durationMs\":{:.3f},\"billedDurationMs\":{},\"memorySizeMB\":{},\"maxMemoryUsedMB\":{}",
      report.milliseconds, billed(report), report.memory_mb, megabytes(report.peak_bytes));
  if (report.init_milliseconds)
    metrics += fmt::format(",\"initDurationMs\":{:.3f}", *report.init_milliseconds);
  return {.type = "platform.report",
          .record = fmt::format("{{\"requestId\":{},\"metrics\":{{{}}},{}{}}}", quoted(report.id),
                                metrics, outcome_members(outcome), tracing_member(report.trace)),
          .level = level_of(outcome, SystemLevel::info),
          .text = report_text(report)};
}

PlatformEvent fault(std::string_view message, std::string_view type) {
  std::string text = fmt::format("{}\n{}\n", message, type);
  return {.type = "platform.fault",
          .record = quoted(text),
          .level = SystemLevel::warn,
          .text = text,
          .is_in_telemetry = false,
          .is_in_json = false};
}

PlatformEvent extension_state(const ExtensionNote& note) {
  PlatformEvent event{
      .type = "platform.extension",
      .record = fmt::format("{{\"name\":{},\"state\":{},\"events\":{}", quoted(note.name),
                            quoted(note.state), quoted_list(note.events)),
      .level = note.state == "Ready" ? SystemLevel::info : SystemLevel::warn,
      .text = fmt::format("EXTENSION\tName: {}\tState: {}\tEvents: {}", note.name, note.state,
                          plain_list(note.events))};
  if (!note.error_type.empty()) {
    event.record += ",\"errorType\":" + quoted(note.error_type);
    event.text += "\tError Type: " + note.error_type;
  }
  event.record += "}";
  event.text += "\n";
  return event;
}

PlatformEvent subscribed(std::string_view api, std::string_view extension,
                         const std::vector<std::string>& types) {
  const bool is_telemetry = api == "telemetry";
  std::vector<std::string> names;
  names.reserve(types.size());
  for (const std::string& type : types) names.push_back(capital(type));
  return {.type = is_telemetry ? "platform.telemetrySubscription" : "platform.logsSubscription",
          .record = fmt::format("{{\"name\":{},\"state\":\"Subscribed\",\"types\":{}}}",
                                quoted(extension), quoted_list(types)),
          .text = fmt::format("{}\tName: {}\tState: Subscribed\tTypes: {}\n",
                              is_telemetry ? "TELEMETRY" : "LOGS", extension, plain_list(names)),
          .is_in_telemetry = is_telemetry,
          .is_in_logs = !is_telemetry};
}

PlatformEvent logs_dropped(std::size_t records, std::size_t bytes) {
  return {.type = "platform.logsDropped",
          .record = fmt::format(
              "{{\"reason\":\"Consumer seems to have fallen behind as it has not acknowledged "
              "receipt of logs.\",\"droppedRecords\":{},\"droppedBytes\":{}}}",
              records, bytes),
          .level = SystemLevel::warn};
}

std::string document_of(const PlatformEvent& event, runtime::Time now) {
  return fmt::format("{{\"time\":\"{}\",\"type\":\"{}\",\"record\":{}}}", time_text(now),
                     event.type, event.record);
}

std::string line_of(const PlatformEvent& event, const LoggingRecord& logging, runtime::Time now) {
  if (logging.format != "JSON") return event.text;
  // What is no record is told in words there too.
  if (!event.is_in_json) return event.type == "platform.fault" ? event.text : std::string();
  if (static_cast<int>(event.level) < rank(logging.system_level)) return {};
  return document_of(event, now) + "\n";
}

}  // namespace matinee::lambda
