// What rules count for CloudWatch, AWS/Events.
#pragma once

#include "services/minute_counts.h"
#include "services/outbox.h"

namespace matinee::events {

/// Of a rule, in a minute; of a bus only what matched.
struct RuleCounts {
  std::uint64_t matched = 0;    // events that any rule of the bus has matched
  std::uint64_t triggered = 0;  // how often the rule has fired
  std::uint64_t created = 0;    // deliveries that came of it, one a target
  std::uint64_t attempts = 0;
  std::uint64_t successes = 0;
  std::uint64_t retries = 0;
  std::uint64_t failed = 0;  // for good
  std::uint64_t dead_letters = 0;
  std::uint64_t lost_letters = 0;

  /// Counts how a delivery of the rule, or a try of it, has ended.
  void add(const services::Delivery& delivery, const services::DeliveryResult& result);
};

using Measures = services::MinuteCounts<RuleCounts>;

/// Of a rule or a bus, as AWS names it: by rule, by bus where that is not the default one, and of
/// all together.
void put_counts(const std::string& arn, const RuleCounts& counts, runtime::Time minute,
                services::MetricSink& sink);

}  // namespace matinee::events
