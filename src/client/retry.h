// When to try again, and how long to wait before: exponential backoff with full jitter.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "protocol/error.h"
#include "runtime/clock.h"
#include "runtime/random.h"
#include "runtime/task.h"

namespace matinee::client {

struct RetryPolicy {
  int max_attempts = 8;
  runtime::Duration base = std::chrono::milliseconds(50);
  runtime::Duration cap = std::chrono::seconds(20);
};

/// What waiting needs. Copies are cheap.
class Backoff {
 public:
  /// Both must outlive it.
  Backoff(runtime::Clock& clock, runtime::Random& random, RetryPolicy policy = {})
      : clock_(&clock), random_(&random), policy_(policy) {}

  const RetryPolicy& policy() const { return policy_; }
  runtime::Clock& clock() const { return *clock_; }

  /// Uniform between zero and base * 2^(attempt-1), at most the cap. The first attempt is 1.
  runtime::Duration delay(int attempt) const;
  /// Waits that long, or `at_least` if that is longer.
  runtime::Task<> pause(int attempt, runtime::Duration at_least = {}) const;

 private:
  runtime::Clock* clock_;
  runtime::Random* random_;
  RetryPolicy policy_;
};

/// Whether a service asks to be called less often.
bool is_throttling(const protocol::ServiceError& error);
/// Whether the same call may succeed later: throttling, faults of the service, broken connections.
bool is_retryable(const protocol::ServiceError& error);

/// What a batch call did not take, and the reason it gave for one of the entries.
template <class Entry>
struct Leftover {
  std::vector<Entry> entries;
  std::string code;
  std::string message;
};

/// Sends a batch, and then only what was left over, until nothing is. `send` takes a vector of
/// entries and gives a Task<Leftover<Entry>>; it throws for entries that no repetition can help.
/// Gives up, with the last reason, when max_attempts calls in a row took nothing.
template <class Entry, class Send>
runtime::Task<> send_all(Backoff backoff, std::vector<Entry> entries, Send send) {
  int attempt = 0;
  while (!entries.empty()) {
    const std::size_t before = entries.size();
    Leftover<Entry> left = co_await send(std::move(entries));
    entries = std::move(left.entries);
    if (entries.empty()) break;
    attempt = entries.size() < before ? 1 : attempt + 1;
    if (attempt >= backoff.policy().max_attempts)
      throw protocol::ServiceError(left.code, 503, left.message);
    co_await backoff.pause(attempt);
  }
}

}  // namespace matinee::client
