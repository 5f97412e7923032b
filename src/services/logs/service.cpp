// What the operations share: finding groups and streams, words for broken rules, the beginning and
// the end.
#include "services/logs/service.h"

#include <fmt/format.h>

#include "logs/operations.h"

namespace matinee::logs {

namespace {

constexpr std::int64_t milliseconds_a_day = 86'400'000;
constexpr std::string_view transformations_path = "metricTransformations";

/// As AWS prints a list of transformations.
std::string show(const std::vector<MetricTransformation>& transformations) {
  std::string text = "[";
  for (const MetricTransformation& one : transformations) {
    if (text.size() > 1) text += ", ";
    text += fmt::format(
        "MetricTransformation(metricName={}, metricNamespace={}, metricValue={}, defaultValue={}, "
        "unit={}, dimensions=",
        one.metric_name, one.metric_namespace, one.metric_value,
        one.default_value ? fmt::format("{}", *one.default_value) : "null",
        one.unit.value_or("null"));
    if (!one.dimensions) {
      text += "null)";
      continue;
    }
    std::string dimensions;
    for (const auto& [name, value] : *one.dimensions)
      dimensions += fmt::format("{}{}={}", dimensions.empty() ? "" : ", ", name, value);
    text += fmt::format("{{{}}})", dimensions);
  }
  return text + "]";
}

}  // namespace

Service::Service(storage::Store& store, runtime::Runtime& runtime, Neighbours neighbours)
    : ServiceBase(logs::model),
      store_(store),
      runtime_(runtime),
      neighbours_(neighbours),
      catalog_(store),
      housekeeping_(catalog_, retention_, runtime.loop),
      metric_rules_(catalog_),
      subscription_rules_(catalog_),
      live_tails_(runtime) {
  resume_exports();
}

Service::~Service() = default;

/// Says in AWS's form what several transformations are: `invalid` puts it in.
void Service::check(const protocol::Operation& operation, const void* request,
                    protocol::Violations& violations) const {
  if (&operation != &operations::PutMetricFilter) return;
  const auto& transformations =
      static_cast<const PutMetricFilterRequest*>(request)->metric_transformations;
  if (transformations.size() > 1)
    violations.push_back({.rule = protocol::Rule::maximum,
                          .path = std::string(transformations_path),
                          .value = show(transformations)});
}

protocol::ServiceError Service::invalid(const protocol::Operation& operation,
                                        const protocol::Violations& violations) const {
  const protocol::Violation& first = violations.front();
  const bool of_metric_filter = operation.name.contains("MetricFilter");
  if (of_metric_filter && first.path == "logGroupName" && first.rule == protocol::Rule::maximum)
    return InvalidParameterException(
        "Invalid LogGroup or LogStream, both must have length less than or equal to 512.");
  std::string shown;
  for (const protocol::Violation& violation : violations)
    if (violation.type == nullptr && violation.path == transformations_path)
      shown = violation.value;
  if (shown.empty()) return InvalidParameterException(protocol::describe(violations));
  protocol::Violations told;
  for (protocol::Violation violation : violations) {
    if (violation.type == nullptr) continue;
    if (violation.path == transformations_path) violation.value = shown;
    told.push_back(std::move(violation));
  }
  return InvalidParameterException(protocol::describe(told));
}

void Service::reset(const services::ResetScope& scope) {
  catalog_.reset(scope);
  metric_rules_.forget();
  subscription_rules_.forget();
  live_tails_.reset(scope);
  store_.on_commit([this] { retention_.forget(); });
}

Milliseconds Service::now() const {
  return runtime::to_milliseconds(runtime_.clock.now());
}

Group Service::require_group(const Context& context, const std::string& name) const {
  if (std::optional<Group> group = catalog_.find_group(key_of(context, name)))
    return std::move(*group);
  throw ResourceNotFoundException("The specified log group does not exist.");
}

Group Service::require_group_of(const Context& context, const std::string& identifier) const {
  const std::optional<NameKey> key = read_group_identifier(context, identifier);
  if (key)
    if (std::optional<Group> group = catalog_.find_group(*key)) return std::move(*group);
  throw ResourceNotFoundException("The specified log group does not exist.");
}

Group Service::require_group(const Context& context, const std::optional<std::string>& name,
                             const std::optional<std::string>& identifier) const {
  if (name.has_value() == identifier.has_value())
    throw InvalidParameterException(
        name ? "LogGroup name and LogGroup identifier are mutually exclusive parameters."
             : "Either LogGroup name or LogGroup identifier must be specified.");
  return name ? require_group(context, *name) : require_group_of(context, *identifier);
}

Stream Service::require_stream(const Group& group, const std::string& name) const {
  if (std::optional<Stream> stream = catalog_.find_stream(group.record.number, name))
    return std::move(*stream);
  throw ResourceNotFoundException("The specified log stream does not exist.");
}

Milliseconds Service::horizon_of(const Group& group) const {
  const std::optional<std::int32_t> days = retention_.of(group, now()).days;
  return days ? now() - *days * milliseconds_a_day : 0;
}

Position Service::read_position(std::string_view digits, const Group& group) const {
  const std::optional<ReadDigits> read = from_digits(digits);
  if (!read || read->group != group.record.number)
    throw InvalidParameterException("The specified nextToken is invalid.");
  return read->position;
}

filters::FilterPattern parse_pattern(const std::string& pattern) {
  try {
    return filters::FilterPattern(pattern);
  } catch (const filters::PatternFault& fault) {
    throw InvalidParameterException(fault.what());
  }
}

}  // namespace matinee::logs
