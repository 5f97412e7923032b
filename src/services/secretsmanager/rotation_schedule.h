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

#include "runtime/clock.h"
#include "schedules/cron.h"

namespace matinee::secretsmanager {

class RotationSchedule {
 public:
  /// Nothing for what is no schedule of Secrets Manager, or never comes to pass.
  static std::optional<RotationSchedule> parse(std::string_view expression);
  static RotationSchedule every_days(std::int64_t days);

  /// Whether windows of that many hours neither overlap nor reach into the next day.
  bool takes(std::int64_t window_hours) const;

  /// The last second of the first window that begins after `time`: "on or before this date".
  /// Without hours a window has one where the schedule is in hours, else all that is left of the
  /// day. Nothing where there is none any more.
  std::optional<runtime::Time> next(runtime::Time time,
                                    std::optional<std::int64_t> window_hours) const;
  /// The first second of that window.
  std::optional<runtime::Time> next_start(runtime::Time time) const;

 private:
  enum class Kind : std::uint8_t { hours, days, cron };
  Kind kind_ = Kind::days;
  std::int64_t count_ = 0;
  std::bitset<24> hours_;
  std::optional<schedules::Cron> cron_;

  static std::optional<RotationSchedule> parse_rate(std::string_view text);
  static std::optional<RotationSchedule> parse_cron(std::string_view text);
  bool is_in_hours() const;
};

}  // namespace matinee::secretsmanager
