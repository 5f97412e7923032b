// What groups of schedules count for CloudWatch, AWS/Scheduler.
#pragma once

#include <map>

#include "services/minute_counts.h"
#include "services/outbox.h"

namespace matinee::scheduler {

/// Of a group, in a minute.
struct GroupCounts {
  std::uint64_t attempts = 0;
  std::uint64_t errors = 0;     // of targets
  std::uint64_t throttles = 0;  // errors that ask for fewer calls
  std::uint64_t dropped = 0;    // given up
  std::uint64_t dead_letters = 0;
  std::map<std::string, std::uint64_t> lost_letters;  // by the code of the queue's error

  /// Counts how a delivery of one of its schedules, or a try of it, has ended.
  void add(const services::Delivery& delivery, const services::DeliveryResult& result);
};

using Measures = services::MinuteCounts<GroupCounts>;

void put_counts(const std::string& group_arn, const GroupCounts& counts, runtime::Time minute,
                services::MetricSink& sink);

}  // namespace matinee::scheduler
