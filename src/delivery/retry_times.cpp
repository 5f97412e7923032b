#include "delivery/retry_times.h"

#include <array>
#include <cmath>

namespace matinee::delivery {

namespace {

using services::RetryPhase;
using services::RetryPolicy;
using Growth = RetryPhase::Growth;
using std::chrono::hours;
using std::chrono::seconds;

constexpr runtime::Duration longest_wait_of_notifications = seconds(60);
/// 185 tries of EventBridge take about a day.
constexpr runtime::Duration longest_wait_of_events = seconds(480);
constexpr std::uint32_t most_retries_of_events = 185;
constexpr runtime::Duration longest_way = hours(24);

const std::array topic_phases = {
    RetryPhase{.count = 3}, RetryPhase{.count = 2, .first = seconds(1), .last = seconds(1)},
    RetryPhase{
        .count = 10, .first = seconds(1), .last = seconds(20), .growth = Growth::exponential},
    RetryPhase{.count = 100'000, .first = seconds(20), .last = seconds(20)}};

const std::array people_phases = {
    RetryPhase{.count = 2, .first = seconds(10), .last = seconds(10)},
    RetryPhase{
        .count = 10, .first = seconds(10), .last = seconds(600), .growth = Growth::exponential},
    RetryPhase{.count = 38, .first = seconds(600), .last = seconds(600)}};

/// Where between the first (0) and the last wait (1) of a phase one is that is `share` of its way.
double grown(const RetryPhase& phase, double share) {
  const double ratio = static_cast<double>(phase.last.count()) /
                       static_cast<double>(std::max<std::int64_t>(phase.first.count(), 1'000'000));
  switch (phase.growth) {
    case Growth::linear:
      return share;
    case Growth::arithmetic:
      return share * (share + 1) / 2;
    case Growth::geometric:
      return ratio > 1 ? (std::pow(ratio, share) - 1) / (ratio - 1) : share;
    case Growth::exponential:
      // Doubles from try to try, so that most of the way lies in the last ones.
      return (std::pow(2.0, share * (phase.count - 1)) - 1) / (std::pow(2.0, phase.count - 1) - 1);
  }
  return share;
}

runtime::Duration wait_in(const RetryPhase& phase, std::uint32_t index) {
  if (phase.count <= 1 || phase.first == phase.last) return phase.last;
  const double share = static_cast<double>(index) / (phase.count - 1);
  const auto way = static_cast<double>((phase.last - phase.first).count());
  return phase.first + runtime::Duration(std::llround(way * grown(phase, share)));
}

template <class Phases>
std::optional<runtime::Duration> wait_of(const Phases& phases, std::uint32_t retry) {
  for (const RetryPhase& phase : phases) {
    if (retry < phase.count) return wait_in(phase, retry);
    retry -= phase.count;
  }
  return std::nullopt;
}

runtime::Duration doubled(std::uint32_t times, runtime::Duration longest) {
  runtime::Duration wait = seconds(1);
  for (std::uint32_t time = 0; time < times && wait < longest; ++time) wait *= 2;
  return std::min(wait, longest);
}

}  // namespace

std::optional<runtime::Duration> wait_after(const RetryPolicy& policy, std::uint32_t tries,
                                            runtime::Random& random) {
  const std::uint32_t retry = tries - 1;
  if (policy.most_retries && retry >= *policy.most_retries) return std::nullopt;
  switch (policy.kind) {
    case RetryPolicy::Kind::notification:
      return doubled(retry, longest_wait_of_notifications);
    case RetryPolicy::Kind::topic:
      return wait_of(topic_phases, retry);
    case RetryPolicy::Kind::topic_people:
      return wait_of(people_phases, retry);
    case RetryPolicy::Kind::phases:
      return wait_of(policy.phases, retry);
    case RetryPolicy::Kind::event: {
      if (retry >= most_retries_of_events) return std::nullopt;
      const runtime::Duration wait = doubled(retry, longest_wait_of_events);
      // Up to a tenth sooner, so that what failed together does not come back together.
      return wait - runtime::Duration(static_cast<std::int64_t>(
                        random.below(static_cast<std::uint64_t>(wait.count() / 10))));
    }
    case RetryPolicy::Kind::never:
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<runtime::Duration> patience_of(const RetryPolicy& policy) {
  const bool is_a_day =
      policy.kind == RetryPolicy::Kind::notification || policy.kind == RetryPolicy::Kind::event;
  if (!is_a_day) return policy.oldest;
  return std::min(longest_way, policy.oldest.value_or(longest_way));
}

}  // namespace matinee::delivery
