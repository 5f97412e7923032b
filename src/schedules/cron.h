// cron(MINUTES HOURS DAY-OF-MONTH MONTH DAY-OF-WEEK YEAR) of EventBridge, and the next time that
// fits, in local time.
#pragma once

#include <array>
#include <bitset>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace matinee::schedules {

class Cron {
 public:
  /// What stands within the brackets. Six fields with blanks between them: of lists (1,15), ranges
  /// (MON-FRI, also around the end: 22-2), steps (0/15, */5, 8-18/2), and in days L, W and #; one
  /// of the two days is a question mark, the other is not. Names of months and days in any case; 1
  /// is Sunday. Years from 1970 to 2199. Empty where it is none.
  static std::optional<Cron> parse(std::string_view fields);

  /// The first minute that fits and is not before `from`; empty where none does up to 2199. Looks
  /// at each month once, not at each minute.
  std::optional<std::chrono::local_seconds> find(std::chrono::local_seconds from) const;

  /// A bit for each hour that it names, the lowest for midnight.
  std::uint32_t hours() const { return hours_; }

 private:
  static constexpr int kFirstYear = 1970;
  static constexpr int kLastYear = 2199;

  bool parse_days(std::string_view days);
  bool parse_weekdays(std::string_view weekdays);
  /// A bit for each day of the month that fits, the lowest for the first.
  std::uint32_t days_of(std::chrono::year_month month) const;
  std::optional<std::chrono::minutes> find_minute(std::chrono::minutes from) const;

  std::uint64_t minutes_ = 0;
  std::uint32_t hours_ = 0;
  std::uint32_t months_ = 0;  // by number
  std::bitset<kLastYear - kFirstYear + 1> years_;
  bool by_weekday_ = false;
  std::uint32_t days_ = 0;      // by number
  std::uint32_t weekdays_ = 0;  // from 1 for Sunday
  bool last_day_ = false;       // L
  int near_day_ = 0;            // 15W
  int last_weekday_ = 0;        // 6L
  int numbered_weekday_ = 0;    // 6#3
  int number_ = 0;
};

}  // namespace matinee::schedules
