// What topics count for CloudWatch, AWS/SNS.
#pragma once

#include "services/minute_counts.h"

namespace matinee::sns {

/// Of a topic, in a minute.
struct TopicCounts {
  std::uint64_t published = 0;
  std::uint64_t bytes = 0;
  std::uint64_t delivered = 0;
  std::uint64_t failed = 0;
  std::uint64_t redriven = 0;  // dead letters
  std::uint64_t not_redriven = 0;
  std::uint64_t filtered_out = 0;
};

using Measures = services::MinuteCounts<TopicCounts>;

void put_counts(const std::string& topic_arn, const TopicCounts& counts, runtime::Time minute,
                services::MetricSink& sink);

}  // namespace matinee::sns
