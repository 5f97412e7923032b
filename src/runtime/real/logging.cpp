#include "runtime/real/logging.h"

#include <fmt/format.h>
#include <spdlog/formatter.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include "runtime/log.h"

namespace matinee::runtime {

namespace {

/// One JSON object a line: time (UTC), level, message.
class JsonFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    out.append(std::string_view("{\"time\":\""));
    time_.format(message, out);
    out.append(std::string_view("\",\"level\":\""));
    auto level = spdlog::level::to_string_view(message.level);
    out.append(std::string_view(level.data(), level.size()));
    out.append(std::string_view("\",\"message\":\""));
    for (char c : std::string_view(message.payload.data(), message.payload.size())) {
      append_escaped(c, out);
    }
    out.append(std::string_view("\"}\n"));
  }

  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<JsonFormatter>();
  }

 private:
  static void append_escaped(char c, spdlog::memory_buf_t& out) {
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out.push_back(c);
    }
  }

  spdlog::pattern_formatter time_{"%Y-%m-%dT%H:%M:%S.%eZ", spdlog::pattern_time_type::utc, ""};
};

}  // namespace

void set_up_logging(LogFormat format, const std::string& level) {
  auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
  auto logger = std::make_shared<spdlog::logger>("matinee", sink);
  if (format == LogFormat::json) {
    logger->set_formatter(std::make_unique<JsonFormatter>());
  } else {
    logger->set_pattern("%H:%M:%S.%e %^%l%$ %v");
  }
  logger->flush_on(spdlog::level::warn);
  spdlog::level::level_enum known = spdlog::level::from_str(level);
  logger->set_level(known == spdlog::level::off && level != "off" ? spdlog::level::info : known);
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace matinee::runtime
