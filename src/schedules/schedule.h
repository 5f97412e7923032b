// Schedule expressions of EventBridge rules and of EventBridge Scheduler, and when they fall next.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "runtime/clock.h"
#include "schedules/cron.h"
#include "schedules/time_zone.h"

namespace matinee::schedules {

/// What may be scheduled.
enum class Grammar : std::uint8_t {
  rule,      // rate(1 hour), rate(5 minutes): the unit agrees with the number; cron(...)
  scheduler  // both forms of units with every number; and at(2026-12-24T18:00:00)
};

class Schedule {
 public:
  /// Empty where the expression is none: AWS has one message for whatever is wrong.
  static std::optional<Schedule> parse(std::string_view expression, Grammar grammar);

  bool is_rate() const { return std::holds_alternative<Rate>(when_); }
  bool is_cron() const { return std::holds_alternative<Cron>(when_); }
  /// Falls once.
  bool is_at() const { return std::holds_alternative<At>(when_); }

  /// The first time later than `after`. Rates count from `start`, which is a time of theirs; for
  /// others it does not matter. Empty where there is none any more.
  ///
  /// Cron expressions and `at` are read on the clocks of `zone`. As AWS documents it, a cron time
  /// that is skipped when the clocks are put forward is left out, and one that comes twice when
  /// they are put back falls the first time only. An `at` time that is skipped falls as much later.
  /// A rate in days is one in 24 hours.
  std::optional<runtime::Time> next_after(runtime::Time after, runtime::Time start,
                                          const TimeZone& zone = TimeZone()) const;

 private:
  struct Rate {
    std::chrono::minutes period;
  };
  struct At {
    std::chrono::local_seconds time;
  };
  using When = std::variant<Rate, Cron, At>;

  explicit Schedule(When when) : when_(std::move(when)) {}
  static std::optional<Rate> parse_rate(std::string_view text, Grammar grammar);
  static std::optional<At> parse_at(std::string_view text);

  When when_;
};

}  // namespace matinee::schedules
