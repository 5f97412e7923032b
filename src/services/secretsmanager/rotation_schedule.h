// When a secret is to be rotated: AutomaticallyAfterDays, rate() or cron(), all in UTC, with the
// window in which it may happen. Pure functions of what a request says.
//
// AWS's rules: a window begins on the hour; rates are in hours or days, from four hours to 999
// days; in cron() the minutes are 0, the year is "*", and hours lie at least four apart; a window
// reaches neither into the next one nor into the next day.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "runtime/clock.h"

namespace matinee::secretsmanager {

/// Days of a month as a cron() names them: in the month, or by weekday.
struct CronDay {
  enum class Kind : std::uint8_t { any, range, last, nearest_weekday, weekdays, nth, last_of_kind };
  Kind kind = Kind::any;
  unsigned from = 0;  // a day of the month; or a weekday, Sunday being 0
  unsigned to = 0;
  unsigned step = 1;  // of a range; of `nth`, which one of the month

  bool fits(std::chrono::year_month_day day) const;
};

class RotationSchedule {
 public:
  /// Nothing for what is no schedule of Secrets Manager, or never comes to pass.
  static std::optional<RotationSchedule> parse(std::string_view expression);
  static RotationSchedule every_days(std::int64_t days);

  /// Whether windows of that many hours neither overlap nor reach into the next day.
  bool takes(std::int64_t window_hours) const;

  /// The last second of the first window that begins after `time`: "on or before this date".
  /// Without hours a window has one where the schedule is in hours, else all that is left of the
  /// day. Nothing where there is none within forty years.
  std::optional<runtime::Time> next(runtime::Time time,
                                    std::optional<std::int64_t> window_hours) const;

 private:
  enum class Kind : std::uint8_t { hours, days, cron };
  Kind kind_ = Kind::days;
  std::int64_t count_ = 0;
  std::bitset<24> hours_;
  std::bitset<13> months_;
  std::vector<CronDay> days_;

  static std::optional<RotationSchedule> parse_rate(std::string_view text);
  static std::optional<RotationSchedule> parse_cron(std::string_view text);
  bool is_in_hours() const;
  bool has_day(std::chrono::sys_days day) const;
  std::optional<runtime::Time> next_start(runtime::Time time) const;
};

}  // namespace matinee::secretsmanager
