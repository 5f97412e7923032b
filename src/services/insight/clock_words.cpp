#include "services/insight/clock_words.h"

#include <array>
#include <charconv>

#include "protocol/timestamps.h"

namespace matinee::insight {

std::optional<runtime::Duration> find_span(std::string_view text) {
  constexpr std::string_view units = "wdhms";
  constexpr std::array<std::int64_t, 5> seconds = {604'800, 86'400, 3600, 60, 1};
  runtime::Duration span{};
  std::size_t next_unit = 0;
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end == text.data() + text.size()) return std::nullopt;
    const std::size_t unit = units.find(*end, next_unit);
    if (unit == std::string_view::npos) return std::nullopt;
    const std::int64_t most =
        std::chrono::duration_cast<std::chrono::seconds>(longest_span).count();
    const std::int64_t added = number * seconds.at(unit);
    if (added > most) return std::nullopt;
    span += std::chrono::seconds(added);
    if (span > longest_span) return std::nullopt;
    next_unit = unit + 1;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  }
  return span;
}

std::optional<runtime::Time> find_moment(std::string text) {
  constexpr std::size_t date = std::string_view("2026-12-01").size();
  constexpr std::size_t minutes = std::string_view("2026-12-01T12:00").size();
  if (text.ends_with('Z')) text.pop_back();
  if (text.size() == date) text += "T00:00";
  if (text.size() == minutes) text += ":00";
  return protocol::parse_iso8601(text + "Z");
}

std::string to_text(runtime::Time time) {
  std::string text;
  protocol::append_iso8601(text, std::chrono::floor<std::chrono::seconds>(time));
  return text;
}

}  // namespace matinee::insight
