// When something expires whose time is a number of seconds that anybody may write.
#pragma once

#include <algorithm>

#include "runtime/clock.h"

namespace matinee::dynamodb {

/// No later than what a clock reaches.
inline runtime::Time expiry_time(std::int64_t seconds) {
  constexpr std::int64_t end_of_9999 = 253'402'300'799;
  return runtime::Time(std::chrono::seconds(std::min(seconds, end_of_9999)));
}

}  // namespace matinee::dynamodb
