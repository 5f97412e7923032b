#include "services/secretsmanager/rotation_schedule.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace matinee::secretsmanager {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::sys_days;

constexpr unsigned hours_a_day = 24;
constexpr unsigned closest_hours = 4;
constexpr std::int64_t most_days = 999;

std::optional<unsigned> read_number(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
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

}  // namespace

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
  RotationSchedule schedule;
  schedule.kind_ = Kind::cron;
  schedule.cron_ = schedules::Cron::parse(text);
  if (!schedule.cron_) return std::nullopt;
  schedule.hours_ = schedule.cron_->hours();
  if (!schedule.takes(1) || !schedule.next_start({})) return std::nullopt;
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

std::optional<runtime::Time> RotationSchedule::next_start(runtime::Time time) const {
  const sys_days today = std::chrono::floor<days>(time);
  if (kind_ == Kind::days) return today + days(count_);
  if (kind_ == Kind::hours) {
    const auto passed = std::chrono::floor<hours>(time - runtime::Time(today)).count();
    return today + hours((passed / count_ + 1) * count_);
  }
  const auto after = std::chrono::floor<minutes>(time.time_since_epoch()) + minutes(1);
  const auto start = cron_->find(std::chrono::local_seconds(after));
  if (!start) return std::nullopt;
  return runtime::Time(start->time_since_epoch());
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
