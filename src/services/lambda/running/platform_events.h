// What the service itself tells of an instance: lines of its log in the function's format, and
// events for extensions that have subscribed to them. AWS's guide has their schema ("Telemetry API
// event schema reference") and their levels ("System log level event mapping").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/clock.h"
#include "services/lambda/catalog/records.h"

namespace matinee::lambda {

enum class SystemLevel : std::uint8_t { debug, info, warn };

struct PlatformEvent {
  std::string type;    // "platform.start"
  std::string record;  // JSON
  SystemLevel level = SystemLevel::info;
  /// Its line in the text format; empty where it has none there.
  std::string text = {};
  bool is_in_telemetry = true;
  bool is_in_logs = true;  // the older Logs API knows it
  bool is_in_json = true;  // a line of the log in the JSON format
};

/// The phase in which an environment is initialized: before its first call, or as a part of a call
/// after that has failed.
struct InitPhase {
  bool is_of_call = false;
  std::string_view initialization_type = "on-demand";
  std::string_view name() const { return is_of_call ? "invoke" : "init"; }
};

struct InitStart {
  std::string runtime;  // "python3.12"
  std::string runtime_arn;
  std::string function;
  std::string version;
  std::string instance;  // an id of the environment
  std::int32_t memory_mb = 0;
};

/// How something has come out.
struct Outcome {
  std::string status = "success";  // "error", "timeout", "failure"
  std::string error_type = {};
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
  std::string trace = {};  // X-Amzn-Trace-Id
};

/// What an extension has come to.
struct ExtensionNote {
  std::string name;
  std::string state;                // "Ready"
  std::vector<std::string> events;  // "INVOKE"
  std::string error_type = {};
};

PlatformEvent init_start(InitPhase phase, const InitStart& start);
PlatformEvent init_runtime_done(InitPhase phase, const Outcome& outcome);
/// In the text format one that was a success has no line.
PlatformEvent init_report(InitPhase phase, const Outcome& outcome, double milliseconds);
PlatformEvent call_start(std::string_view id, std::string_view version, std::string_view trace);
PlatformEvent call_end(std::string_view id);
PlatformEvent runtime_done(const Report& report, std::size_t produced_bytes);
PlatformEvent call_report(const Report& report);
/// Why a call has no answer: "RequestId: … Error: …", and the type in a line of its own.
PlatformEvent fault(std::string_view message, std::string_view type);
PlatformEvent extension_state(const ExtensionNote& note);
/// `api` is "telemetry" or "logs", `types` those of a subscription: "platform".
PlatformEvent subscribed(std::string_view api, std::string_view extension,
                         const std::vector<std::string>& types);
PlatformEvent logs_dropped(std::size_t records, std::size_t bytes);

/// The line of the log in the function's format; empty where its level leaves it out.
std::string line_of(const PlatformEvent& event, const LoggingRecord& logging, runtime::Time now);
/// `{"time","type","record"}`.
std::string document_of(const PlatformEvent& event, runtime::Time now);

}  // namespace matinee::lambda
