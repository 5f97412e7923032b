// GetMetricStatistics.
#include <fmt/format.h>

#include "cloudwatch/errors.h"
#include "services/cloudwatch/requests.h"
#include "services/cloudwatch/service.h"
#include "services/cloudwatch/units.h"

namespace matinee::cloudwatch {
namespace {

constexpr std::int64_t most_points = 1440;

void require_statistics(const GetMetricStatisticsRequest& request) {
  const bool has_basic = request.statistics && !request.statistics->empty();
  const bool has_extended = request.extended_statistics && !request.extended_statistics->empty();
  if (has_basic && has_extended)
    throw InvalidParameterCombinationException(
        "The parameters Statistics and ExtendedStatistics are mutually exclusive and you have "
        "specified both.");
  if (!has_basic && !has_extended)
    throw InvalidParameterCombinationException(
        "At least one of the parameters Statistics and ExtendedStatistics must be specified.");
  if (!has_extended) return;
  for (const std::string& text : *request.extended_statistics) {
    const std::optional<Statistic> statistic = Statistic::parse(text);
    if (!statistic || statistic->is_basic())
      throw InvalidParameterValueException(
          fmt::format("The value {} for parameter ExtendedStatistics is not supported.", text));
  }
}

void require_range(const GetMetricStatisticsRequest& request) {
  if (request.start_time >= request.end_time)
    throw InvalidParameterValueException(
        "The parameter StartTime must be less than the parameter EndTime.");
  if (!is_period(request.period))
    throw InvalidParameterValueException(
        "The parameter Period must be a value of 1, 5, 10, 20, 30, or a multiple of 60.");
  const std::int64_t range = end_second(request.end_time) - runtime::to_seconds(request.start_time);
  const std::int64_t points = (range + request.period - 1) / request.period;
  if (points > most_points)
    throw InvalidParameterCombinationException(fmt::format(
        "You have requested up to {} datapoints, which exceeds the limit of {}. You may reduce the "
        "datapoints requested by increasing Period, or decreasing the time range.",
        points, most_points));
}

Datapoint describe(const Bucket& bucket, const GetMetricStatisticsRequest& request) {
  Datapoint point;
  point.timestamp = to_timestamp(bucket.begin);
  point.unit = unit_name(bucket.unit);
  if (request.statistics) {
    for (const std::string& name : *request.statistics) {
      const std::optional<double> value = Statistic::parse(name)->of(bucket.statistics);
      if (name == "SampleCount") point.sample_count = value;
      if (name == "Average") point.average = value;
      if (name == "Sum") point.sum = value;
      if (name == "Minimum") point.minimum = value;
      if (name == "Maximum") point.maximum = value;
    }
  }
  if (request.extended_statistics)
    for (const std::string& name : *request.extended_statistics)
      if (const auto value = Statistic::parse(name)->of(bucket.statistics)) {
        if (!point.extended_statistics) point.extended_statistics.emplace();
        (*point.extended_statistics)[name] = *value;
      }
  return point;
}

/// Of sets of statistics percentiles cannot be told, and there is no point then.
bool tells_something(const Datapoint& point) {
  return point.sample_count || point.average || point.sum || point.minimum || point.maximum ||
         point.extended_statistics;
}

}  // namespace

runtime::Task<GetMetricStatisticsResponse> Service::get_metric_statistics(
    const Context& context, const GetMetricStatisticsRequest& request) {
  require_statistics(request);
  require_range(request);
  GetMetricStatisticsResponse response{.label = request.metric_name};
  response.datapoints.emplace();
  const std::optional<std::uint64_t> metric =
      metrics_.find({.account = context.account,
                     .region = context.region,
                     .name_space = request.namespace_,
                     .name = request.metric_name,
                     .dimensions = to_dimensions(request.dimensions)});
  if (!metric) co_return response;
  SeriesQuery query{.account = context.account,
                    .metric = *metric,
                    .from = start_second(request.start_time, request.period),
                    .to = end_second(request.end_time),
                    .period = request.period,
                    .unit = std::nullopt};
  if (request.unit) query.unit = find_unit(*request.unit);
  const std::vector<Bucket> buckets = co_await read(std::move(query));
  for (const Bucket& bucket : buckets) {
    Datapoint point = describe(bucket, request);
    if (tells_something(point)) response.datapoints->push_back(std::move(point));
  }
  co_return response;
}

}  // namespace matinee::cloudwatch
