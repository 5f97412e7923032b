// PutMetricData.
#include <fmt/format.h>

#include <cmath>

#include "cloudwatch/errors.h"
#include "services/cloudwatch/numbers.h"
#include "services/cloudwatch/service.h"
#include "services/cloudwatch/units.h"

namespace matinee::cloudwatch {
namespace {

constexpr std::size_t most_metrics = 1000;
constexpr std::size_t most_values = 150;
constexpr auto longest_ago = std::chrono::days(14);
constexpr auto furthest_ahead = std::chrono::hours(2);
/// Beyond 2^360 values are refused.
constexpr int largest_exponent = 360;

void require_size(std::size_t size, std::size_t most, const std::string& place) {
  if (size > most)
    throw InvalidParameterValueException(
        fmt::format("The collection {} must not have a size greater than {}.", place, most));
}

void require_number(double value, const std::string& place) {
  if (!std::isfinite(value) || std::abs(value) > std::ldexp(1.0, largest_exponent))
    throw InvalidParameterValueException(
        fmt::format("The value {} for parameter {} is invalid.", format_number(value), place));
}

void exclude(bool one, bool other, const std::string& first, const std::string& second) {
  if (one && other)
    throw InvalidParameterCombinationException(
        fmt::format("The parameters {} and {} are mutually exclusive and you have specified both.",
                    first, second));
}

Statistics from_set(const StatisticSet& set, const std::string& place) {
  require_number(set.sample_count, place + ".StatisticValues.SampleCount");
  require_number(set.sum, place + ".StatisticValues.Sum");
  require_number(set.minimum, place + ".StatisticValues.Minimum");
  require_number(set.maximum, place + ".StatisticValues.Maximum");
  if (set.sample_count < 0)
    throw InvalidParameterValueException(fmt::format(
        "The parameter {}.StatisticValues.SampleCount must be greater than or equal to 0.", place));
  if (set.minimum > set.maximum)
    throw InvalidParameterValueException(
        fmt::format("The parameter {0}.StatisticValues.Maximum must be greater than "
                    "{0}.StatisticValues.Minimum.",
                    place));
  return {.count = set.sample_count,
          .sum = set.sum,
          .minimum = set.minimum,
          .maximum = set.maximum,
          .values = {}};
}

Statistics from_values(const MetricDatum& datum, const std::string& place) {
  const std::vector<double>& values = *datum.values;
  require_size(values.size(), most_values, place + ".Values");
  if (datum.counts && datum.counts->size() != values.size())
    throw InvalidParameterValueException(
        fmt::format("The parameters {0}.Values and {0}.Counts must be of the same size.", place));
  Statistics all;
  for (std::size_t i = 0; i < values.size(); ++i) {
    require_number(values[i], fmt::format("{}.Values.member.{}", place, i + 1));
    const double count = datum.counts ? (*datum.counts)[i] : 1;
    const std::string place_of_count = fmt::format("{}.Counts.member.{}", place, i + 1);
    require_number(count, place_of_count);
    if (count < 0)
      throw InvalidParameterValueException(
          fmt::format("The parameter {} must be greater than or equal to 0.", place_of_count));
    if (count > 0) all.add(Statistics::of_value(values[i], count));
  }
  return all;
}

Statistics statistics_of(const MetricDatum& datum, const std::string& place) {
  const bool has_values = datum.values && !datum.values->empty();
  exclude(datum.value.has_value(), has_values, place + ".Value", place + ".Values");
  exclude(datum.value.has_value(), datum.statistic_values.has_value(), place + ".Value",
          place + ".StatisticValues");
  exclude(datum.statistic_values.has_value(), has_values, place + ".StatisticValues",
          place + ".Values");
  if (datum.statistic_values) return from_set(*datum.statistic_values, place);
  if (has_values) return from_values(datum, place);
  if (!datum.value)
    throw MissingRequiredParameterException(fmt::format(
        "At least one of the parameters {0}.Value, {0}.StatisticValues and {0}.Values must be "
        "specified.",
        place));
  require_number(*datum.value, place + ".Value");
  return Statistics::of_value(*datum.value);
}

/// A point lies in its second, or in its minute.
runtime::Time time_of(const MetricDatum& datum, runtime::Time now, const std::string& place) {
  if (!datum.timestamp) return now;
  if (*datum.timestamp < now - longest_ago)
    throw InvalidParameterValueException(fmt::format(
        "The parameter {}.Timestamp must specify a time within the past two weeks.", place));
  if (*datum.timestamp > now + furthest_ahead)
    throw InvalidParameterValueException(
        fmt::format("The parameter {}.Timestamp must specify a time no more than two hours in the "
                    "future.",
                    place));
  return *datum.timestamp;
}

Sample sample_of(const MetricDatum& datum, runtime::Time now, const std::string& place) {
  const std::int32_t resolution = datum.storage_resolution.value_or(60);
  if (resolution != 1 && resolution != 60)
    throw InvalidParameterValueException(
        fmt::format("The parameter {}.StorageResolution must be 1 or 60.", place));
  return {.time = time_of(datum, now, place),
          .unit = find_unit(datum.unit.value_or("None")).value_or(no_unit),
          .is_fine = resolution == 1,
          .statistics = statistics_of(datum, place)};
}

Dimensions dimensions_of(const MetricDatum& datum) {
  Dimensions dimensions;
  if (datum.dimensions)
    for (const Dimension& each : *datum.dimensions) dimensions.emplace_back(each.name, each.value);
  return dimensions;
}

/// A datum of a request, and where in that it stands.
struct Placed {
  const MetricDatum* datum;
  std::string place;
};

void add_placed(std::vector<Placed>& all, const std::vector<MetricDatum>& data,
                const std::string& place) {
  for (std::size_t i = 0; i < data.size(); ++i)
    all.push_back({.datum = &data[i], .place = fmt::format("{}.member.{}", place, i + 1)});
}

/// What names entities is taken along: nothing is related to them here.
std::vector<Placed> data_of(const PutMetricDataRequest& request) {
  std::vector<Placed> all;
  if (request.metric_data) add_placed(all, *request.metric_data, "MetricData");
  if (request.entity_metric_data)
    for (std::size_t i = 0; i < request.entity_metric_data->size(); ++i)
      if (const auto& data = (*request.entity_metric_data)[i].metric_data)
        add_placed(all, *data, fmt::format("EntityMetricData.member.{}.MetricData", i + 1));
  return all;
}

}  // namespace

/// All data are checked before the first is stored.
runtime::Task<PutMetricDataResponse> Service::put_metric_data(const Context& context,
                                                              const PutMetricDataRequest& request) {
  if (request.namespace_.starts_with("AWS/"))
    throw InvalidParameterValueException(
        fmt::format("The value {} for parameter Namespace is invalid.", request.namespace_));
  const std::vector<Placed> data = data_of(request);
  if (data.empty())
    throw MissingRequiredParameterException("The parameter MetricData is required.");
  require_size(data.size(), most_metrics, "MetricData");

  const runtime::Time now = runtime_.clock.now();
  std::vector<Sample> samples;
  for (const Placed& each : data) samples.push_back(sample_of(*each.datum, now, each.place));
  runtime::Turns& turns = runtime_.loop.turns();
  for (std::size_t i = 0; i < data.size();) {
    {
      storage::Transaction transaction(store_);
      do {
        const MetricDatum& datum = *data[i].datum;
        const bool is_empty = samples[i].statistics.count == 0;
        if (!is_empty)
          metrics_.put({.account = context.account,
                        .region = context.region,
                        .name_space = request.namespace_,
                        .name = datum.metric_name,
                        .dimensions = dimensions_of(datum)},
                       samples[i], now);
      } while (++i < data.size() && !turns.is_over());
      transaction.commit();
    }
    if (i < data.size()) co_await turns.next();
  }
  schedule_aging();
  co_return PutMetricDataResponse();
}

}  // namespace matinee::cloudwatch
