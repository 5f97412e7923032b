#include "services/cloudwatch/labels.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>

namespace matinee::cloudwatch {
namespace {

bool is_of_same_metric(const Metric& one, const Metric& other) {
  return one.namespace_ == other.namespace_ && one.metric_name == other.metric_name;
}

std::string plain_number(double value) {
  return fmt::format("{}", value);
}

/// "PROP('Dim.InstanceId')" without what is around the name.
std::optional<std::string> property_of(std::string_view name, const MetricDataQuery& query,
                                       const services::Context& context) {
  const MetricStat& stat = *query.metric_stat;
  if (name == "AccountId") return context.account;
  if (name == "Region") return context.region;
  if (name == "MetricName") return stat.metric.metric_name;
  if (name == "Namespace") return stat.metric.namespace_;
  if (name == "Period") return std::to_string(stat.period);
  if (name == "Stat") return stat.stat;
  constexpr std::string_view dimension = "Dim.";
  if (!name.starts_with(dimension) || !stat.metric.dimensions) return std::nullopt;
  for (const Dimension& each : *stat.metric.dimensions)
    if (each.name == name.substr(dimension.size())) return each.value;
  return std::nullopt;
}

std::optional<std::string> value_of(std::string_view name, const std::vector<double>& values) {
  if (name == "DATAPOINT_COUNT") return std::to_string(values.size());
  if (values.empty()) return std::nullopt;
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  if (name == "SUM") return plain_number(sum);
  if (name == "AVG") return plain_number(sum / static_cast<double>(values.size()));
  if (name == "MIN") return plain_number(*std::ranges::min_element(values));
  if (name == "MAX") return plain_number(*std::ranges::max_element(values));
  if (name == "FIRST") return plain_number(values.front());
  if (name == "LAST") return plain_number(values.back());
  return std::nullopt;
}

}  // namespace

std::vector<std::string> default_labels(const std::vector<MetricDataQuery>& queries) {
  std::vector<std::string> labels;
  for (const MetricDataQuery& query : queries) {
    std::string& label = labels.emplace_back();
    if (!query.metric_stat) continue;
    const MetricStat& stat = *query.metric_stat;
    label = stat.metric.metric_name.value_or("");
    const auto differs = [&](auto member) {
      return std::ranges::any_of(queries, [&](const MetricDataQuery& other) {
        return other.metric_stat && is_of_same_metric(other.metric_stat->metric, stat.metric) &&
               (*other.metric_stat).*member != stat.*member;
      });
    };
    if (differs(&MetricStat::stat)) label += " " + stat.stat;
    if (differs(&MetricStat::period)) label += " " + std::to_string(stat.period);
  }
  return labels;
}

std::string fill_label(const MetricDataQuery& query, const std::string& default_label,
                       const std::vector<double>& values, const services::Context& context) {
  if (!query.label) return default_label;
  constexpr std::string_view property_start = "PROP('";
  constexpr std::string_view property_end = "')";
  std::string out;
  std::string_view rest = *query.label;
  for (;;) {
    const std::size_t start = rest.find("${");
    const std::size_t end = start == std::string_view::npos ? start : rest.find('}', start);
    if (end == std::string_view::npos) return out.append(rest);
    out += rest.substr(0, start);
    std::string_view name = rest.substr(start + 2, end - start - 2);
    std::optional<std::string> filled;
    if (name == "LABEL") {
      filled = default_label;
    } else if (name.starts_with(property_start) && name.ends_with(property_end)) {
      name.remove_prefix(property_start.size());
      name.remove_suffix(std::min(name.size(), property_end.size()));
      filled = property_of(name, query, context);
    } else {
      filled = value_of(name, values);
    }
    out += filled ? *filled : std::string(rest.substr(start, end + 1 - start));
    rest.remove_prefix(end + 1);
  }
}

}  // namespace matinee::cloudwatch
