// What state an alarm is in by the latest points of its metric, and the words that AWS has for it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/clock.h"
#include "services/cloudwatch/records.h"

namespace matinee::cloudwatch {

struct AlarmState {
  std::string value;
  std::string reason;
  std::optional<std::string> reason_data;  // JSON
};

struct AlarmPoint {
  std::int64_t begin = 0;  // seconds since 1970
  double value = 0;
  double sample_count = 0;
};

/// The periods that are looked at: more than EvaluationPeriods, as points may be late. Seconds
/// since 1970; the last one has ended.
struct AlarmRange {
  std::int64_t from = 0;
  std::int64_t to = 0;
};
AlarmRange range_of(const AlarmRecord& alarm, runtime::Time now);

/// `points` of that range, in the order of time. Nothing where the alarm stays as it is.
std::optional<AlarmState> evaluate(const AlarmRecord& alarm, const std::vector<AlarmPoint>& points,
                                   runtime::Time now);

}  // namespace matinee::cloudwatch
