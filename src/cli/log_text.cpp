#include "cli/log_text.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace matinee::cli {
namespace {

constexpr std::string_view plain = "\x1b[0m";
constexpr std::string_view dim = "\x1b[2m";
constexpr std::string_view red = "\x1b[31m";
constexpr std::string_view yellow = "\x1b[33m";
constexpr std::array<std::string_view, 6> stream_colours = {"\x1b[36m", "\x1b[32m", "\x1b[35m",
                                                            "\x1b[34m", "\x1b[96m", "\x1b[92m"};

constexpr std::size_t instance_letters = 32;  // at the end of a function's stream
constexpr std::size_t shown_letters = 8;

std::string time_text(std::int64_t milliseconds) {
  const std::chrono::sys_time<std::chrono::milliseconds> time{
      std::chrono::milliseconds(milliseconds)};
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return fmt::format("{:%FT%T}.{:03}Z", seconds, (time - seconds).count());
}

std::string_view colour_of_stream(std::string_view stream) {
  std::size_t sum = 0;
  for (const char letter : stream) sum = sum * 31 + static_cast<unsigned char>(letter);
  return stream_colours[sum % stream_colours.size()];
}

/// Empty where it is like any other.
std::string_view colour_of_message(std::string_view message) {
  for (const std::string_view start : {"INIT_START ", "START RequestId: ", "END RequestId: ",
                                       "REPORT RequestId: ", "INIT_REPORT ", "EXTENSION\t"})
    if (message.starts_with(start)) return dim;
  const auto has = [&](std::string_view word) { return message.contains(word); };
  if (has("[ERROR]") || has("\tERROR\t") || has("\"level\":\"ERROR\"") ||
      has("\"level\": \"ERROR\"") || has("Task timed out after ") || has("[CRITICAL]"))
    return red;
  if (has("[WARNING]") || has("\tWARN\t") || has("\"level\":\"WARN") || has("\"level\": \"WARN"))
    return yellow;
  return {};
}

}  // namespace

std::string short_stream(std::string_view stream) {
  const std::size_t bracket = stream.rfind(']');
  if (bracket == std::string_view::npos || stream.size() - bracket - 1 != instance_letters)
    return std::string(stream);
  return std::string(stream.substr(bracket + 1, shown_letters));
}

std::string log_line(const logs::FilteredLogEvent& event, bool in_colours) {
  const std::string stream_name = event.log_stream_name.value_or("");
  const std::string time = time_text(event.timestamp.value_or(0));
  std::string message = event.message.value_or("");
  while (message.ends_with('\n') || message.ends_with('\r')) message.pop_back();
  const std::string stream = short_stream(stream_name);
  if (!in_colours) return fmt::format("{} {} {}\n", time, stream, message);
  const std::string_view colour = colour_of_message(message);
  return fmt::format("{}{}{} {}{}{} {}{}{}\n", dim, time, plain, colour_of_stream(stream_name),
                     stream, plain, colour, message, colour.empty() ? "" : plain);
}

}  // namespace matinee::cli
