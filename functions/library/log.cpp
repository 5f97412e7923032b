#include "library/log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>

#include "library/environment.h"

namespace lambda {

namespace {

constexpr std::array<std::string_view, 6> level_names = {"TRACE", "DEBUG", "INFO",
                                                         "WARN",  "ERROR", "FATAL"};

std::string& request() {
  static std::string id;
  return id;
}

std::string time_text(std::int64_t milliseconds) {
  const std::chrono::sys_seconds time{std::chrono::seconds(milliseconds / 1000)};
  return fmt::format("{:%FT%T}.{:03}Z", time, milliseconds % 1000);
}

std::string as_json(Level level, std::string_view message, LogFields fields,
                    std::int64_t milliseconds) {
  Json record = Json::object();
  record.set("timestamp", time_text(milliseconds))
      .set("level", level_names[static_cast<std::size_t>(level)]);
  if (!request().empty()) record.set("requestId", request());
  record.set("message", message);
  for (const auto& [name, value] : fields) record.set(name, value);
  return record.dump() + "\n";
}

std::string as_text(Level level, std::string_view message, LogFields fields,
                    std::int64_t milliseconds) {
  std::string line = fmt::format("{}\t{}\t{}\t", time_text(milliseconds), request(),
                                 level_names[static_cast<std::size_t>(level)]);
  for (const char c : message) line += c == '\n' ? std::string("\\n") : std::string(1, c);
  Json object = Json::object();
  for (const auto& [name, value] : fields) object.set(name, value);
  if (fields.size() > 0) line += " " + object.dump();
  return line + "\n";
}

}  // namespace

void set_log_request(std::string request_id) {
  request() = std::move(request_id);
}

bool is_logged(Level level) {
  const std::string least = variable("AWS_LAMBDA_LOG_LEVEL");
  for (std::size_t i = 0; i < level_names.size(); ++i)
    if (level_names[i] == least) return static_cast<std::size_t>(level) >= i;
  return level >= Level::info;
}

std::string log_record(Level level, std::string_view message, LogFields fields,
                       std::int64_t milliseconds) {
  return variable("AWS_LAMBDA_LOG_FORMAT") == "JSON"
             ? as_json(level, message, fields, milliseconds)
             : as_text(level, message, fields, milliseconds);
}

void log(Level level, std::string_view message, LogFields fields) {
  if (!is_logged(level)) return;
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const std::string record = log_record(level, message, fields, now.time_since_epoch().count());
  std::string_view rest = record;
  while (!rest.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return;  // Nobody reads the log any more: there is nowhere to say so.
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace lambda
