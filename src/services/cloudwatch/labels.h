// Labels of the results of GetMetricData.
#pragma once

#include <string>
#include <vector>

#include "cloudwatch/shapes.h"
#include "services/context.h"

namespace matinee::cloudwatch {

/// Those that AWS gives queries without one: the metric's name, and, where queries of the same
/// metric differ in them, statistic and period. One for each query.
std::vector<std::string> default_labels(const std::vector<MetricDataQuery>& queries);

/// The label that a query asks for, with `${AVG}`, `${PROP('Stat')}` and the like replaced. What is
/// unknown stays as it is.
std::string fill_label(const MetricDataQuery& query, const std::string& default_label,
                       const std::vector<double>& values, const services::Context& context);

}  // namespace matinee::cloudwatch
