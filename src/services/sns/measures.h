// What topics count for CloudWatch: put together for a minute, so that it costs a message nothing.
#pragma once

#include <string>
#include <unordered_map>

#include "runtime/clock.h"
#include "services/metric_sink.h"
#include "storage/store.h"

namespace matinee::sns {

struct TopicCounts {
  std::uint64_t published = 0;
  std::uint64_t bytes = 0;
  std::uint64_t delivered = 0;
  std::uint64_t failed = 0;
  std::uint64_t redriven = 0;  // dead letters
  std::uint64_t not_redriven = 0;
  std::uint64_t filtered_out = 0;
};

class Measures {
 public:
  /// All must outlive it; without a sink nothing is counted.
  Measures(storage::Store& store, runtime::Clock& clock, services::MetricSink* sink)
      : store_(store), clock_(clock), sink_(sink) {}
  ~Measures() { clock_.cancel(timer_); }
  Measures(const Measures&) = delete;
  Measures& operator=(const Measures&) = delete;

  /// Of the topic with that ARN. What is added to it is stored when the minute is over.
  TopicCounts& of(const std::string& topic_arn);

 private:
  storage::Store& store_;
  runtime::Clock& clock_;
  services::MetricSink* sink_;
  std::unordered_map<std::string, TopicCounts> counts_;
  TopicCounts nothing_;
  runtime::TimerId timer_ = runtime::TimerId::none;
  runtime::Time minute_;

  void store_counts();
};

}  // namespace matinee::sns
