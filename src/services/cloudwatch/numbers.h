// Numbers and times as CloudWatch writes them into texts.
#pragma once

#include <string>

#include "runtime/clock.h"

namespace matinee::cloudwatch {

/// "21.0", "0.05", "1.0E10": always with a decimal, with as few digits as read back the same.
std::string format_number(double value);

/// "14/11/25 18:40:00", UTC.
std::string format_short_time(runtime::Time time);

/// "2025-11-14T18:40:26.838+0000"
std::string format_long_time(runtime::Time time);

/// "Friday 14 November, 2025 18:40:26 UTC"
std::string format_spoken_time(runtime::Time time);

}  // namespace matinee::cloudwatch
