#include "services/logs/metric_rules.h"

#include "services/logs/filters/values.h"

namespace matinee::logs {

namespace {

runtime::Time to_time(Milliseconds time) {
  return runtime::Time(std::chrono::milliseconds(time));
}

}  // namespace

std::optional<services::MetricValue> MetricRule::value_of(const Group& group, Milliseconds time,
                                                          std::string_view text) const {
  services::MetricValue value{.account = group.account(),
                              .region = group.region(),
                              .name_space = filter.metric_namespace,
                              .name = filter.metric_name,
                              .dimensions = {},
                              .value = filter.default_value.value_or(0),
                              .unit = filter.unit.value_or("None"),
                              .time = to_time(time)};
  if (!pattern.matches(text)) {
    // Documented: the default is for what does not match; without one nothing is published.
    if (!filter.default_value) return std::nullopt;
    return value;
  }
  const std::optional<std::string> found = filter.metric_value.starts_with('$')
                                               ? pattern.find(filter.metric_value, text)
                                               : filter.metric_value;
  const std::optional<double> number = found ? filters::parse_number(*found) : std::nullopt;
  if (!number) return std::nullopt;
  value.value = *number;
  for (const auto& [name, selector] : filter.dimensions) {
    // Documented: an event that lacks a dimension's field gives no value.
    std::optional<std::string> field = pattern.find(selector, text);
    if (!field || field->empty()) return std::nullopt;
    value.dimensions.emplace_back(name, std::move(*field));
  }
  for (const std::string& field : filter.system_fields)
    value.dimensions.emplace_back(field, field == "@aws.region" ? group.region() : group.account());
  return value;
}

MetricRules::Rules MetricRules::of(const Group& group) {
  const GroupNumber number = group.record.number;
  if (const auto found = rules_.find(number); found != rules_.end()) return found->second;
  auto rules = std::make_shared<std::vector<MetricRule>>();
  catalog_.metric_filters.scan(
      catalog_.metric_filters.prefix(number), [&](const auto&, MetricFilterRecord filter) {
        filters::FilterPattern pattern(filter.pattern);
        rules->push_back({.filter = std::move(filter), .pattern = std::move(pattern)});
        return true;
      });
  if (rules_.size() >= most_groups) rules_.clear();
  return rules_[number] = std::move(rules);
}

}  // namespace matinee::logs
