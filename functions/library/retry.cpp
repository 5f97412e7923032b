#include "library/retry.h"

#include <algorithm>
#include <random>
#include <thread>

#include "library/errors.h"

namespace lambda {

std::chrono::milliseconds patience_until(Deadline deadline, std::chrono::milliseconds most) {
  const auto now = std::chrono::system_clock::now();
  if (deadline <= now)
    throw FunctionError("OutOfTime", "The time of the function is over before this was done.");
  // Rounded up, for zero means no limit.
  if (deadline - now >= most) return most;
  return std::chrono::ceil<std::chrono::milliseconds>(deadline - now);
}

bool wait_before_retry(const RetryPolicy& policy, int attempt, Deadline deadline) {
  if (attempt >= policy.attempts) return false;
  static std::minstd_rand random(std::random_device{}());
  const std::int64_t longest = std::min<std::int64_t>(
      policy.cap.count(), policy.base.count() << std::clamp(attempt - 1, 0, 30));
  const std::chrono::milliseconds wait(
      std::uniform_int_distribution<std::int64_t>(0, longest)(random));
  const auto left = deadline - std::chrono::system_clock::now();
  if (left <= wait) return false;
  std::this_thread::sleep_for(wait);
  return true;
}

}  // namespace lambda
