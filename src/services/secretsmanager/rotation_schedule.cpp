#include "services/secretsmanager/rotation_schedule.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <string>

namespace matinee::secretsmanager {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::sys_days;

constexpr unsigned hours_a_day = 24;
constexpr unsigned days_a_week = 7;
constexpr unsigned closest_hours = 4;
constexpr std::int64_t most_days = 999;

constexpr std::array<std::string_view, 12> month_names = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                          "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> weekday_names = {"SUN", "MON", "TUE", "WED",
                                                           "THU", "FRI", "SAT"};

/// What a field of cron() may hold, and the names of its numbers.
struct Field {
  unsigned lowest;
  unsigned highest;
  std::span<const std::string_view> names;
};

constexpr Field hour_field{.lowest = 0, .highest = 23, .names = {}};
constexpr Field month_field{.lowest = 1, .highest = 12, .names = month_names};
constexpr Field day_field{.lowest = 1, .highest = 31, .names = {}};
constexpr Field weekday_field{.lowest = 1, .highest = 7, .names = weekday_names};

std::optional<unsigned> read_number(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<unsigned> read_value(std::string_view text, const Field& field) {
  const auto name = std::ranges::find(field.names, text);
  if (name != field.names.end())
    return field.lowest + static_cast<unsigned>(name - field.names.begin());
  const auto value = read_number(text);
  if (!value || *value < field.lowest || *value > field.highest) return std::nullopt;
  return value;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

struct Range {
  unsigned from;
  unsigned to;
  unsigned step = 1;
};

/// "*", "5", "2-6", "4/12", "*/6" or "2-20/6".
std::optional<Range> read_range(std::string_view text, const Field& field) {
  const std::size_t slash = text.find('/');
  const std::string_view base = text.substr(0, slash);
  const std::size_t dash = base.find('-');
  Range range{.from = field.lowest, .to = field.highest};
  if (base != "*") {
    const auto from = read_value(base.substr(0, dash), field);
    const auto to =
        dash == std::string_view::npos ? from : read_value(base.substr(dash + 1), field);
    if (!from || !to || *to < *from) return std::nullopt;
    range.from = *from;
    const bool is_open = slash != std::string_view::npos && dash == std::string_view::npos;
    range.to = is_open ? field.highest : *to;
  }
  if (slash == std::string_view::npos) return range;
  const auto step = read_number(text.substr(slash + 1));
  if (!step || *step == 0 || *step > field.highest) return std::nullopt;
  range.step = *step;
  return range;
}

template <std::size_t size>
bool read_set(std::string_view text, const Field& field, std::bitset<size>& set) {
  for (const std::string_view part : split(text, ',')) {
    const auto range = read_range(part, field);
    if (!range) return false;
    for (unsigned value = range->from; value <= range->to; value += range->step) set.set(value);
  }
  return true;
}

std::optional<CronDay> read_day_of_month(std::string_view text) {
  if (text == "L") return CronDay{.kind = CronDay::Kind::last};
  if (text.ends_with('W')) {
    const auto day = read_value(text.substr(0, text.size() - 1), day_field);
    if (!day) return std::nullopt;
    return CronDay{.kind = CronDay::Kind::nearest_weekday, .from = *day};
  }
  const auto range = read_range(text, day_field);
  if (!range) return std::nullopt;
  return CronDay{
      .kind = CronDay::Kind::range, .from = range->from, .to = range->to, .step = range->step};
}

std::optional<CronDay> read_weekday(std::string_view text) {
  constexpr unsigned most_in_month = 5;
  if (text == "L") return CronDay{.kind = CronDay::Kind::weekdays, .from = 6, .to = 6};
  if (const std::size_t mark = text.find('#'); mark != std::string_view::npos) {
    const auto day = read_value(text.substr(0, mark), weekday_field);
    const auto which = read_number(text.substr(mark + 1));
    if (!day || !which || *which == 0 || *which > most_in_month) return std::nullopt;
    return CronDay{.kind = CronDay::Kind::nth, .from = *day - 1, .step = *which};
  }
  if (text.ends_with('L')) {
    const auto day = read_value(text.substr(0, text.size() - 1), weekday_field);
    if (!day) return std::nullopt;
    return CronDay{.kind = CronDay::Kind::last_of_kind, .from = *day - 1};
  }
  const auto range = read_range(text, weekday_field);
  if (!range || text.contains('/')) return std::nullopt;
  return CronDay{.kind = CronDay::Kind::weekdays, .from = range->from - 1, .to = range->to - 1};
}

template <class Read>
bool read_days(std::string_view text, Read read, std::vector<CronDay>& days) {
  for (const std::string_view part : split(text, ',')) {
    const auto day = read(part);
    if (!day) return false;
    days.push_back(*day);
  }
  return true;
}

unsigned days_in(std::chrono::year_month month) {
  return static_cast<unsigned>((month / std::chrono::last).day());
}

/// The day from Monday to Friday of the same month that is nearest to a day of it.
unsigned nearest_weekday(std::chrono::year_month month, unsigned wanted) {
  const unsigned length = days_in(month);
  const unsigned day = std::min(wanted, length);
  const std::chrono::weekday weekday(sys_days(month / std::chrono::day(day)));
  if (weekday == std::chrono::Saturday) return day == 1 ? 3 : day - 1;
  if (weekday == std::chrono::Sunday) return day == length ? day - 2 : day + 1;
  return day;
}

}  // namespace

bool CronDay::fits(std::chrono::year_month_day date) const {
  const auto day = static_cast<unsigned>(date.day());
  const std::chrono::year_month month(date.year(), date.month());
  const unsigned weekday = std::chrono::weekday(sys_days(date)).c_encoding();
  switch (kind) {
    case Kind::any:
      return true;
    case Kind::range:
      return day >= from && day <= to && (day - from) % step == 0;
    case Kind::last:
      return day == days_in(month);
    case Kind::nearest_weekday:
      return day == nearest_weekday(month, from);
    case Kind::weekdays:
      return weekday >= from && weekday <= to;
    case Kind::nth:
      return weekday == from && (day + days_a_week - 1) / days_a_week == step;
    case Kind::last_of_kind:
      return weekday == from && day + days_a_week > days_in(month);
  }
  return false;
}

RotationSchedule RotationSchedule::every_days(std::int64_t count) {
  RotationSchedule schedule;
  schedule.count_ = count;
  return schedule;
}

std::optional<RotationSchedule> RotationSchedule::parse(std::string_view expression) {
  const auto inside = [&](std::string_view name) -> std::optional<std::string_view> {
    if (!expression.starts_with(name) || !expression.ends_with(')')) return std::nullopt;
    return expression.substr(name.size(), expression.size() - name.size() - 1);
  };
  if (const auto rate = inside("rate(")) return parse_rate(*rate);
  if (const auto cron = inside("cron(")) return parse_cron(*cron);
  return std::nullopt;
}

std::optional<RotationSchedule> RotationSchedule::parse_rate(std::string_view text) {
  const std::size_t space = text.find(' ');
  const auto count = read_number(text.substr(0, space));
  if (!count || space == std::string_view::npos) return std::nullopt;
  const std::string_view unit = text.substr(space + 1);
  RotationSchedule schedule = every_days(*count);
  if (unit == "hour" || unit == "hours") {
    schedule.kind_ = Kind::hours;
    if (*count < closest_hours || *count > most_days * hours_a_day) return std::nullopt;
    return schedule;
  }
  if ((unit != "day" && unit != "days") || *count == 0 || *count > most_days) return std::nullopt;
  return schedule;
}

std::optional<RotationSchedule> RotationSchedule::parse_cron(std::string_view text) {
  constexpr std::size_t fields = 6;
  const std::vector<std::string_view> parts = split(text, ' ');
  if (parts.size() != fields || parts[0] != "0" || parts[5] != "*") return std::nullopt;
  const std::string_view day = parts[2];
  const std::string_view weekday = parts[4];
  // One of the two says which days, the other one that it says nothing.
  if ((day == "?") == (weekday == "?")) return std::nullopt;
  RotationSchedule schedule;
  schedule.kind_ = Kind::cron;
  const bool is_read = read_set(parts[1], hour_field, schedule.hours_) &&
                       read_set(parts[3], month_field, schedule.months_) &&
                       (day == "?" ? read_days(weekday, read_weekday, schedule.days_)
                                   : read_days(day, read_day_of_month, schedule.days_));
  if (!is_read || !schedule.takes(1) || !schedule.next_start({})) return std::nullopt;
  unsigned last = hours_a_day;
  for (unsigned hour = 0; hour < hours_a_day; ++hour) {
    if (!schedule.hours_[hour]) continue;
    if (last < hours_a_day && hour - last < closest_hours) return std::nullopt;
    last = hour;
  }
  return schedule;
}

bool RotationSchedule::is_in_hours() const {
  return kind_ == Kind::hours || (kind_ == Kind::cron && hours_.count() > 1);
}

bool RotationSchedule::takes(std::int64_t window) const {
  if (window < 1) return false;
  if (kind_ == Kind::hours) return window <= count_;
  if (kind_ == Kind::days) return window <= hours_a_day;
  // Up to the next hour that begins a window, or the end of the day.
  std::int64_t end = hours_a_day;
  for (std::int64_t hour = hours_a_day - 1; hour >= 0; --hour) {
    if (!hours_[static_cast<std::size_t>(hour)]) continue;
    if (hour + window > end) return false;
    end = hour;
  }
  return true;
}

bool RotationSchedule::has_day(sys_days day) const {
  const std::chrono::year_month_day date(day);
  return months_[static_cast<unsigned>(date.month())] &&
         std::ranges::any_of(days_, [&](const CronDay& wanted) { return wanted.fits(date); });
}

std::optional<runtime::Time> RotationSchedule::next_start(runtime::Time time) const {
  const sys_days today = std::chrono::floor<days>(time);
  if (kind_ == Kind::days) return today + days(count_);
  if (kind_ == Kind::hours) {
    const auto passed = std::chrono::floor<hours>(time - runtime::Time(today)).count();
    return today + hours((passed / count_ + 1) * count_);
  }
  // The calendar's weekdays come again after 28 years, leap days of all weekdays within forty.
  constexpr days horizon(366 * 40);
  for (sys_days day = today; day < today + horizon; day += days(1)) {
    if (!has_day(day)) continue;
    for (unsigned hour = 0; hour < hours_a_day; ++hour)
      if (hours_[hour] && day + hours(hour) > time) return day + hours(hour);
  }
  return std::nullopt;
}

std::optional<runtime::Time> RotationSchedule::next(runtime::Time time,
                                                    std::optional<std::int64_t> window) const {
  const auto start = next_start(time);
  if (!start) return std::nullopt;
  const auto end = [&]() -> runtime::Time {
    if (window) return *start + hours(*window);
    if (is_in_hours()) return *start + hours(1);
    return std::chrono::floor<days>(*start) + days(1);
  }();
  return end - std::chrono::seconds(1);
}

}  // namespace matinee::secretsmanager
