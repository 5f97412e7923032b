// Trying again what may succeed later: exponential backoff with full jitter, within a deadline.
#pragma once

#include <chrono>

namespace lambda {

using Deadline = std::chrono::system_clock::time_point;

struct RetryPolicy {
  int attempts = 4;
  std::chrono::milliseconds base{100};
  std::chrono::milliseconds cap{3000};
};

/// How long one wait of a call may take: `most`, or what is left until the deadline. Throws
/// FunctionError "OutOfTime" where that is nothing.
std::chrono::milliseconds patience_until(Deadline deadline, std::chrono::milliseconds most);

/// Waits between zero and base * 2^(attempt-1), at most the cap, before another attempt; the first
/// attempt is 1. False, at once, where that was the last one or the deadline would pass first.
bool wait_before_retry(const RetryPolicy& policy, int attempt, Deadline deadline);

}  // namespace lambda
