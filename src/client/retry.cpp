// When to try again. The list of codes is that of AWS's own SDKs in their standard retry mode.
#include "client/retry.h"

namespace matinee::client {

namespace {

constexpr std::array<std::string_view, 16> throttling_codes = {
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "TransactionInProgressException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "LimitExceededException",
    "SlowDown",
    "PriorRequestNotComplete",
    "EC2ThrottledException",
    "KMS.ThrottlingException",
    "KmsThrottled"};

constexpr std::array<std::string_view, 5> transient_codes = {
    "RequestTimeout", "RequestTimeoutException", "ConnectionFailed", "InternalError",
    "InternalFailure"};

template <std::size_t Size>
bool contains(const std::array<std::string_view, Size>& codes, std::string_view code) {
  return std::ranges::find(codes, code) != codes.end();
}

}  // namespace

runtime::Duration Backoff::delay(int attempt) const {
  const int doublings = std::clamp(attempt - 1, 0, 30);
  const std::int64_t longest =
      std::min<std::int64_t>(policy_.cap.count(), policy_.base.count() << doublings);
  return runtime::Duration(random_->below(static_cast<std::uint64_t>(longest) + 1));
}

runtime::Task<> Backoff::pause(int attempt, runtime::Duration at_least) const {
  const runtime::Time until = clock_->now() + std::max(delay(attempt), at_least);
  co_await runtime::sleep_until(*clock_, until);
}

bool is_throttling(const protocol::ServiceError& error) {
  return error.status() == 429 || contains(throttling_codes, error.code());
}

bool is_retryable(const protocol::ServiceError& error) {
  // 501 is not a passing weakness: the operation is not served there.
  if (error.status() == 501) return false;
  return error.status() >= 500 || is_throttling(error) || contains(transient_codes, error.code());
}

}  // namespace matinee::client
