#include "schedules/time_zone.h"

#include <fmt/format.h>

#include <algorithm>

namespace matinee::schedules {
namespace {

using std::chrono::days;
using std::chrono::local_days;
using std::chrono::local_seconds;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::sys_seconds;
using std::chrono::year;

constexpr const char* kDirectory = "/usr/share/zoneinfo";

bool is_name(std::string_view name) {
  constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
  return !name.empty() && name.size() <= 64 && name.front() != '/' && name.back() != '/' &&
         name.find_first_not_of(kLetters) == std::string_view::npos &&
         // Other forms of the same zones, of which only the operating system knows.
         !name.starts_with("posix/") && !name.starts_with("right/") && name != "posixrules" &&
         name != "localtime" && name != "Factory";
}

}  // namespace

local_seconds TimeZone::YearlyChange::in(year in_year) const {
  const local_days first_day{in_year / 1 / 1};
  switch (form) {
    case Form::day:
      return first_day + days(day) + time;
    case Form::day_without_leap: {
      const bool after_february = day >= 60 && in_year.is_leap();
      return first_day + days(day - 1 + (after_february ? 1 : 0)) + time;
    }
    case Form::weekday:
      break;
  }
  const std::chrono::year_month of{in_year, std::chrono::month(static_cast<unsigned>(month))};
  const std::chrono::weekday weekday(static_cast<unsigned>(day));
  if (week == 5) return local_days(of / weekday[std::chrono::last]) + time;
  return local_days(of / weekday[static_cast<unsigned>(week)]) + time;
}

seconds TimeZone::Rule::offset_at(sys_seconds time) const {
  if (!begin) return standard;
  const local_seconds local(time.time_since_epoch() + standard);
  const year in_year = std::chrono::year_month_day(std::chrono::floor<days>(local)).year();
  const local_seconds from = begin->in(in_year);
  const local_seconds to = end.in(in_year) - (summer - standard);  // by standard time
  const bool is_summer = from < to ? local >= from && local < to : local >= from || local < to;
  return is_summer ? summer : standard;
}

seconds TimeZone::offset_at(sys_seconds time) const {
  if (rule_ && (changes_.empty() || time >= changes_.back().time)) return rule_->offset_at(time);
  const auto next = std::ranges::upper_bound(changes_, time, {}, &Change::time);
  return next == changes_.begin() ? first_offset_ : std::prev(next)->offset;
}

std::optional<sys_seconds> TimeZone::first_time(local_seconds local) const {
  // No zone is further than a day from UTC, and none changes twice within two days.
  const sys_seconds near(local.time_since_epoch());
  const seconds before = offset_at(near - days(1));
  const seconds after = offset_at(near + days(1));
  for (const seconds offset : {std::max(before, after), std::min(before, after)})
    if (offset_at(near - offset) == offset) return near - offset;
  return std::nullopt;
}

sys_seconds TimeZone::first_time_or_later(local_seconds local) const {
  if (const std::optional<sys_seconds> time = first_time(local)) return *time;
  const sys_seconds near(local.time_since_epoch());
  return near - offset_at(near - days(1));
}

ReadZone zone_files(const runtime::Disk& disk) {
  return [&disk](const std::string& name) -> std::optional<std::string> {
    auto file = disk.read(fmt::format("{}/{}", kDirectory, name));
    if (!file) return std::nullopt;
    return *std::move(file);
  };
}

std::expected<const TimeZone*, ZoneError> TimeZones::find(std::string_view name) {
  if (const auto known = zones_.find(name); known != zones_.end()) return &known->second;
  const auto keep = [&](TimeZone zone) {
    return &zones_.emplace(name, std::move(zone)).first->second;
  };
  if (name == "UTC") return keep(TimeZone());
  if (is_name(name)) {
    const std::optional<std::string> file = read_(std::string(name));
    std::optional<TimeZone> zone = file ? TimeZone::parse(*file) : std::nullopt;
    if (zone) return keep(*std::move(zone));
  }
  if (!read_("Etc/UTC"))
    return std::unexpected(ZoneError{
        .kind = ZoneError::Kind::no_database,
        .message = fmt::format("The time zone {} cannot be looked up: this machine has no time "
                               "zone database in {}. Install the package tzdata.",
                               name, kDirectory)});
  return std::unexpected(ZoneError{.kind = ZoneError::Kind::unknown,
                                   .message = fmt::format("There is no time zone {}.", name)});
}

}  // namespace matinee::schedules
