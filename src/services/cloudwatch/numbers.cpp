#include "services/cloudwatch/numbers.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

namespace matinee::cloudwatch {
namespace {

struct Civil {
  std::chrono::year_month_day date;
  std::chrono::hh_mm_ss<std::chrono::milliseconds> time;

  explicit Civil(runtime::Time point)
      : date(std::chrono::floor<std::chrono::days>(point)),
        time(std::chrono::floor<std::chrono::milliseconds>(
            point - std::chrono::floor<std::chrono::days>(point))) {}

  int year() const { return static_cast<int>(date.year()); }
  unsigned month() const { return static_cast<unsigned>(date.month()); }
  unsigned day() const { return static_cast<unsigned>(date.day()); }
};

}  // namespace

/// As Java's Double.toString does.
std::string format_number(double value) {
  if (!std::isfinite(value))
    return std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  const double size = std::abs(value);
  const bool is_plain = value == 0 || (size >= 1e-3 && size < 1e7);
  std::array<char, 40> buffer;
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                    is_plain ? std::chars_format::fixed : std::chars_format::scientific);
  std::string text(buffer.data(), end.ptr);
  if (is_plain) return text.contains('.') ? text : text + ".0";
  const std::size_t mark = text.find('e');
  std::string digits = text.substr(0, mark);
  if (!digits.contains('.')) digits += ".0";
  return fmt::format("{}E{}", digits, std::stoi(text.substr(mark + 1)));
}

std::string format_short_time(runtime::Time time) {
  const Civil civil(time);
  return fmt::format("{:02}/{:02}/{:02} {:02}:{:02}:{:02}", civil.day(), civil.month(),
                     civil.year() % 100, civil.time.hours().count(), civil.time.minutes().count(),
                     civil.time.seconds().count());
}

std::string format_long_time(runtime::Time time) {
  const Civil civil(time);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}+0000", civil.year(), civil.month(),
                     civil.day(), civil.time.hours().count(), civil.time.minutes().count(),
                     civil.time.seconds().count(), civil.time.subseconds().count());
}

std::string format_spoken_time(runtime::Time time) {
  static constexpr std::array<std::string_view, 7> days = {
      "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
  static constexpr std::array<std::string_view, 12> months = {
      "January", "February", "March",     "April",   "May",      "June",
      "July",    "August",   "September", "October", "November", "December"};
  const Civil civil(time);
  const std::chrono::weekday day(std::chrono::sys_days(civil.date));
  return fmt::format("{} {:02} {}, {:04} {:02}:{:02}:{:02} UTC", days[day.c_encoding()],
                     civil.day(), months[civil.month() - 1], civil.year(),
                     civil.time.hours().count(), civil.time.minutes().count(),
                     civil.time.seconds().count());
}

}  // namespace matinee::cloudwatch
