// Metric filters: kept, listed, tried out. What they do is in metric_rules.h.
#include <fmt/format.h>

#include "services/logs/filters/values.h"
#include "services/logs/service.h"

namespace matinee::logs {

namespace {

constexpr std::int32_t most_filters = 100;
constexpr std::size_t most_dimensions = 3;
/// Patterns with regular expressions, in a group.
constexpr int most_regex_patterns = 5;
constexpr std::size_t default_page = 50;

void check_transformation(const MetricTransformation& transformation,
                          const filters::FilterPattern& pattern) {
  const std::string& value = transformation.metric_value;
  const bool is_selector = value.starts_with('$') && value.size() > 1;
  if (!is_selector && !filters::parse_number(value))
    throw InvalidParameterException(
        "Invalid metric transformation: metric value must be a number or a field of the pattern");
  if (is_selector && !pattern.has_fields())
    throw InvalidParameterException(fmt::format(
        "Invalid metric transformation: {} is not a field of the filter pattern", value));
  if (!transformation.dimensions || transformation.dimensions->empty()) return;
  if (!pattern.has_fields())
    throw InvalidParameterException("The specified filter pattern does not support dimensions");
  if (transformation.default_value)
    throw InvalidParameterException(
        "Invalid metric transformation: dimensions and default value are mutually exclusive "
        "properties");
  if (transformation.dimensions->size() > most_dimensions)
    throw InvalidParameterException(fmt::format(
        "Invalid metric transformation: no more than {} dimensions are allowed", most_dimensions));
}

MetricFilter describe(const std::string& group, const std::string& name,
                      const MetricFilterRecord& record) {
  MetricTransformation transformation{.metric_name = record.metric_name,
                                      .metric_namespace = record.metric_namespace,
                                      .metric_value = record.metric_value,
                                      .default_value = record.default_value,
                                      .unit = record.unit};
  if (!record.dimensions.empty()) transformation.dimensions = record.dimensions;
  MetricFilter filter{.filter_name = name,
                      .filter_pattern = record.pattern,
                      .metric_transformations = {{std::move(transformation)}},
                      .creation_time = record.created,
                      .log_group_name = group,
                      .apply_on_transformed_logs = record.apply_on_transformed.value_or(false),
                      .field_selection_criteria = record.selection};
  if (!record.system_fields.empty()) filter.emit_system_field_dimensions = record.system_fields;
  return filter;
}

}  // namespace

void Service::require_regexes_left(const Group& group, const std::string& name, int count) const {
  if (count == 0) return;
  int patterns = 1;
  const auto add = [&](const auto& key, const auto& record) {
    if (std::get<1>(key) != name && filters::FilterPattern(record.pattern).regex_count() > 0)
      ++patterns;
    return true;
  };
  const GroupNumber number = group.record.number;
  catalog_.metric_filters.scan(catalog_.metric_filters.prefix(number), add);
  catalog_.subscription_filters.scan(catalog_.subscription_filters.prefix(number), add);
  if (patterns > most_regex_patterns) throw LimitExceededException("Resource limit exceeded.");
}

PutMetricFilterResponse Service::put_metric_filter(const Context& context,
                                                   const PutMetricFilterRequest& request) {
  Group group = require_group(context, request.log_group_name);
  if (group.record.log_class != "STANDARD")
    throw InvalidOperationException("Metric filters are not supported for log groups of class " +
                                    group.record.log_class + ".");
  const filters::FilterPattern pattern = parse_pattern(request.filter_pattern);
  const MetricTransformation& transformation = request.metric_transformations.front();
  check_transformation(transformation, pattern);
  require_regexes_left(group, request.filter_name, pattern.regex_count());
  const std::tuple key(group.record.number, request.filter_name);
  const auto existing = catalog_.metric_filters.find(key);
  if (!existing) {
    if (group.record.metric_filters >= most_filters)
      throw LimitExceededException("Resource limit exceeded.");
    ++group.record.metric_filters;
    catalog_.change(group);
  }
  MetricFilterRecord record{.pattern = request.filter_pattern,
                            .created = now(),
                            .metric_name = transformation.metric_name,
                            .metric_namespace = transformation.metric_namespace,
                            .metric_value = transformation.metric_value,
                            .default_value = transformation.default_value,
                            .unit = transformation.unit,
                            .apply_on_transformed = request.apply_on_transformed_logs,
                            .selection = request.field_selection_criteria};
  if (transformation.dimensions) record.dimensions = *transformation.dimensions;
  if (request.emit_system_field_dimensions)
    record.system_fields = *request.emit_system_field_dimensions;
  for (const std::string& field : record.system_fields)
    if (field != "@aws.account" && field != "@aws.region")
      throw InvalidParameterException(fmt::format("Invalid system field: {}", field));
  catalog_.metric_filters.put(key, record);
  metric_rules_.forget(group.record.number);
  return {};
}

DeleteMetricFilterResponse Service::delete_metric_filter(const Context& context,
                                                         const DeleteMetricFilterRequest& request) {
  Group group = require_group(context, request.log_group_name);
  const std::tuple key(group.record.number, request.filter_name);
  if (!catalog_.metric_filters.contains(key))
    throw ResourceNotFoundException("The specified metric filter does not exist.");
  catalog_.metric_filters.erase(key);
  --group.record.metric_filters;
  catalog_.change(group);
  metric_rules_.forget(group.record.number);
  return {};
}

/// Of one group, or of all groups one after the other. A place is the name of a group and that of a
/// filter.
runtime::Task<DescribeMetricFiltersResponse> Service::describe_metric_filters(
    const Context& context, const DescribeMetricFiltersRequest& request) {
  if (request.metric_name.has_value() != request.metric_namespace.has_value())
    throw InvalidParameterException("Metric name and metric namespace must be specified together.");
  constexpr std::string_view kind = "metric filters";
  constexpr char between = '\n';
  std::string first_group = request.log_group_name.value_or("");
  std::optional<std::string> after;
  if (request.next_token) {
    const std::string place = read_page_token(kind, *request.next_token);
    const std::size_t split = std::min(place.find(between), place.size() - 1);
    first_group = place.substr(0, split);
    after = place.substr(split + 1);
  }
  if (request.log_group_name) require_group(context, *request.log_group_name);

  const auto limit = static_cast<std::size_t>(request.limit.value_or(std::int32_t{default_page}));
  DescribeMetricFiltersResponse response;
  std::vector<MetricFilter>& filters = response.metric_filters.emplace();
  auto place = catalog_.groups.cursor(catalog_.groups.prefix(context.account, context.region));
  for (place.seek(key_of(context, first_group)); place.valid(); place.next()) {
    if (runtime_.loop.turns().is_over()) co_await runtime_.loop.turns().next();
    const std::string name = std::get<2>(place.key());
    if (request.log_group_name && name != *request.log_group_name) break;
    const GroupRecord record = place.record();
    if (record.metric_filters == 0) continue;
    PageQuery page{.prefix = request.filter_name_prefix.value_or(""),
                   .after = name == first_group ? after : std::nullopt,
                   .limit = limit - filters.size()};
    const auto last = visit_page(catalog_.metric_filters, std::tuple(record.number), page,
                                 [&](const std::string& filter, const MetricFilterRecord& found) {
                                   const bool is_wanted =
                                       !request.metric_name ||
                                       (found.metric_name == *request.metric_name &&
                                        found.metric_namespace == *request.metric_namespace);
                                   if (is_wanted) filters.push_back(describe(name, filter, found));
                                   return is_wanted;
                                 });
    if (!last) continue;
    // With a full page the walk over this group took nothing: then it begins there.
    const std::string& from = last->empty() && page.after ? *page.after : *last;
    response.next_token = page_token(kind, name + between + from);
    break;
  }
  co_return response;
}

TestMetricFilterResponse Service::test_metric_filter(const Context&,
                                                     const TestMetricFilterRequest& request) {
  const filters::FilterPattern pattern = parse_pattern(request.filter_pattern);
  TestMetricFilterResponse response;
  std::vector<MetricFilterMatchRecord>& matches = response.matches.emplace();
  std::int64_t number = 0;
  for (const std::string& message : request.log_event_messages) {
    ++number;
    if (!pattern.matches(message)) continue;
    matches.push_back({.event_number = number,
                       .event_message = message,
                       .extracted_values = pattern.extract(message)});
  }
  return response;
}

}  // namespace matinee::logs
