// GetMetricData.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "cloudwatch/errors.h"
#include "services/cloudwatch/labels.h"
#include "services/cloudwatch/requests.h"
#include "services/cloudwatch/service.h"
#include "services/cloudwatch/units.h"

namespace matinee::cloudwatch {
namespace {

constexpr std::size_t most_queries = 500;
constexpr std::int32_t most_points = 100'800;

/// `^[a-z][a-zA-Z0-9_]*$`
bool is_id(std::string_view text) {
  const auto is_letter_of_id = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !text.empty() && text.front() >= 'a' && text.front() <= 'z' &&
         std::ranges::all_of(text, is_letter_of_id);
}

void require_metric(const MetricDataQuery& query, const std::string& place) {
  const MetricStat& stat = *query.metric_stat;
  if (!stat.metric.namespace_)
    throw ValidationException(
        fmt::format("The parameter {}.MetricStat.Metric.Namespace is required.", place));
  if (!stat.metric.metric_name)
    throw ValidationException(
        fmt::format("The parameter {}.MetricStat.Metric.MetricName is required.", place));
  if (!is_period(stat.period))
    throw ValidationException(fmt::format(
        "The parameter {}.MetricStat.Period must be a value of 1, 5, 10, 20, 30, or a multiple of "
        "60.",
        place));
}

/// All that are wrong are told at once.
void require_words(const std::vector<MetricDataQuery>& queries) {
  std::string message;
  const auto add = [&](const std::string& line) {
    message.append(message.empty() ? "" : "\n").append(line);
  };
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const MetricDataQuery& query = queries[i];
    const std::string place = fmt::format("MetricDataQueries.member.{}", i + 1);
    if (!is_id(query.id))
      add(
          fmt::format("The value {} for parameter {}.Id is not matching the expected pattern "
                      "^[a-z][a-zA-Z0-9_]*$.",
                      query.id, place));
    if (query.metric_stat && !Statistic::parse(query.metric_stat->stat))
      add(fmt::format("The value {} for parameter {}.MetricStat.Stat is not a valid statistic.",
                      query.metric_stat->stat, place));
  }
  if (!message.empty()) throw ValidationException(message);
}

void require_queries(const std::vector<MetricDataQuery>& queries) {
  if (queries.empty())
    throw ValidationException("The collection MetricDataQueries must not be empty.");
  if (queries.size() > most_queries)
    throw ValidationException(fmt::format(
        "The collection MetricDataQueries must not have a size greater than {}.", most_queries));
  require_words(queries);
  std::set<std::string> ids;
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const MetricDataQuery& query = queries[i];
    const std::string place = fmt::format("MetricDataQueries.member.{}", i + 1);
    if (!ids.insert(query.id).second)
      throw ValidationException("The values for parameter Id in MetricDataQueries are not unique.");
    if (query.metric_stat.has_value() == query.expression.has_value())
      throw ValidationException(fmt::format(
          "Exactly one of the parameters {0}.MetricStat and {0}.Expression must be specified.",
          place));
    if (query.metric_stat) require_metric(query, place);
  }
  const auto returns = [](const MetricDataQuery& query) {
    return query.return_data.value_or(true);
  };
  if (std::ranges::none_of(queries, returns))
    throw ValidationException(
        "At least one of the elements in MetricDataQueries must return data.");
  if (std::ranges::any_of(queries, [](const auto& query) { return query.expression.has_value(); }))
    throw protocol::ServiceError("NotImplemented", 501,
                                 "Matinee does not serve metric math: queries with Expression.");
}

/// How many points earlier pages had.
std::size_t read_position(const GetMetricDataRequest& request) {
  if (!request.next_token) return 0;
  const std::optional<std::string> text = read_token(*request.next_token);
  std::size_t position = 0;
  if (!text || std::from_chars(text->data(), text->data() + text->size(), position).ptr !=
                   text->data() + text->size())
    throw InvalidNextToken("The parameter NextToken is not valid.");
  return position;
}

struct Series {
  std::vector<protocol::Timestamp> times;
  std::vector<double> values;
};

/// What was put in several units counts together where no unit is asked for.
Series series_of(std::vector<Bucket> buckets, const Statistic& statistic, bool is_ascending) {
  std::vector<Bucket> merged;
  for (Bucket& bucket : buckets) {
    if (!merged.empty() && merged.back().begin == bucket.begin)
      merged.back().statistics.add(bucket.statistics);
    else
      merged.push_back(std::move(bucket));
  }
  if (!is_ascending) std::ranges::reverse(merged);
  Series series;
  for (const Bucket& bucket : merged) {
    const std::optional<double> value = statistic.of(bucket.statistics);
    if (!value) continue;
    series.times.push_back(to_timestamp(bucket.begin));
    series.values.push_back(*value);
  }
  return series;
}

/// The pages of one call: all its results one after the other, cut into pieces.
class Page {
 public:
  Page(std::size_t position, std::size_t size) : skip_(position), left_(size), end_(position) {}

  /// Leaves of a series what belongs to the page; whether that is its end.
  bool cut(Series& series) {
    const std::size_t skipped = std::min(skip_, series.times.size());
    skip_ -= skipped;
    const std::size_t taken = std::min(left_, series.times.size() - skipped);
    left_ -= taken;
    end_ += taken;
    const bool is_complete = skipped + taken == series.times.size();
    is_last_ = is_last_ && is_complete;
    keep(series.times, skipped, taken);
    keep(series.values, skipped, taken);
    return is_complete;
  }
  std::optional<std::string> next_token() const {
    if (is_last_) return std::nullopt;
    return make_token(std::to_string(end_));
  }

 private:
  std::size_t skip_;
  std::size_t left_;
  std::size_t end_;
  bool is_last_ = true;

  template <class T>
  static void keep(std::vector<T>& all, std::size_t from, std::size_t count) {
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(from + count), all.end());
    all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(from));
  }
};

}  // namespace

runtime::Task<GetMetricDataResponse> Service::get_metric_data(const Context& context,
                                                              const GetMetricDataRequest& request) {
  if (request.start_time >= request.end_time)
    throw ValidationException("The parameter StartTime must be less than the parameter EndTime.");
  require_queries(request.metric_data_queries);
  const std::int32_t most = request.max_datapoints.value_or(most_points);
  if (most < 1 || most > most_points)
    throw ValidationException(
        fmt::format("The parameter MaxDatapoints must be between 1 and {}.", most_points));
  Page page(read_position(request), static_cast<std::size_t>(most));
  const bool is_ascending = request.scan_by == "TimestampAscending";
  const std::vector<std::string> labels = default_labels(request.metric_data_queries);

  GetMetricDataResponse response;
  response.messages.emplace();
  response.metric_data_results.emplace();
  for (std::size_t i = 0; i < request.metric_data_queries.size(); ++i) {
    const MetricDataQuery& query = request.metric_data_queries[i];
    if (!query.return_data.value_or(true)) continue;
    const MetricStat& stat = *query.metric_stat;
    Series series;
    const std::optional<std::uint64_t> metric =
        metrics_.find({.account = context.account,
                       .region = context.region,
                       .name_space = *stat.metric.namespace_,
                       .name = *stat.metric.metric_name,
                       .dimensions = to_dimensions(stat.metric.dimensions)});
    if (metric) {
      SeriesQuery wanted{.account = context.account,
                         .metric = *metric,
                         .from = start_second(request.start_time, stat.period),
                         .to = end_second(request.end_time),
                         .period = stat.period,
                         .unit = std::nullopt};
      if (stat.unit) wanted.unit = find_unit(*stat.unit);
      std::vector<Bucket> buckets = co_await read(std::move(wanted));
      series = series_of(std::move(buckets), *Statistic::parse(stat.stat), is_ascending);
    }
    MetricDataResult& result = response.metric_data_results->emplace_back();
    result.id = query.id;
    result.label = fill_label(query, labels[i], series.values, context);
    result.status_code = page.cut(series) ? "Complete" : "PartialData";
    result.timestamps = std::move(series.times);
    result.values = std::move(series.values);
  }
  response.next_token = page.next_token();
  co_return response;
}

}  // namespace matinee::cloudwatch
