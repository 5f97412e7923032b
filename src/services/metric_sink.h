// Where services put what they measure: CloudWatch. On the state thread, inside a transaction.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "runtime/clock.h"

namespace matinee::services {

/// One value of a metric.
struct MetricValue {
  std::string account;
  std::string region;
  std::string name_space;  // "AWS/Lambda"
  std::string name;
  std::vector<std::pair<std::string, std::string>> dimensions;
  double value = 0;
  std::string unit = "None";  // as PutMetricData takes it
  runtime::Time time;
};

class MetricSink {
 public:
  virtual ~MetricSink() = default;

  virtual void put_metric(const MetricValue& value) = 0;
};

}  // namespace matinee::services
