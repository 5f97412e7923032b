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

/// Many values of a metric in one minute, put together.
struct MetricSummary {
  double count = 0;
  double sum = 0;
  double minimum = 0;
  double maximum = 0;
  /// Values, ascending, and how often each was measured; values near to each other may have become
  /// one.
  std::vector<std::pair<double, double>> values;
};

class MetricSink {
 public:
  virtual ~MetricSink() = default;

  virtual void put_metric(const MetricValue& value) = 0;
  /// What `metric` says but for its value.
  virtual void put_summary(const MetricValue& metric, const MetricSummary& summary) = 0;
};

}  // namespace matinee::services
