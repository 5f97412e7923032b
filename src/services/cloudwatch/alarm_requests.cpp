#include "services/cloudwatch/alarm_requests.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "cloudwatch/errors.h"
#include "services/arn.h"
#include "services/cloudwatch/alarm_texts.h"
#include "services/cloudwatch/requests.h"

namespace matinee::cloudwatch {
namespace {

constexpr std::int64_t day = 86'400;
constexpr std::int64_t hour = 3'600;

[[noreturn]] void not_served(std::string_view what) {
  throw protocol::ServiceError("NotImplemented", 501,
                               fmt::format("Matinee does not serve {}.", what));
}

void refuse_computations(const PutMetricAlarmRequest& request) {
  if (request.metrics && !request.metrics->empty()) not_served("alarms on metric math");
  if (request.evaluation_criteria || request.evaluation_interval)
    not_served("alarms on PromQL queries");
  if (request.evaluation_window && request.evaluation_window->wall_clock_window)
    not_served("alarms with wall clock windows");
  if (request.warm_up_configuration) not_served("alarms with a warm-up");
  if (request.threshold_metric_id) not_served("alarms on anomaly detection");
  const std::string comparison = request.comparison_operator.value_or("");
  if (comparison.contains("Lower") || comparison.contains("Upper"))
    not_served("alarms on anomaly detection");
}

template <class T>
void require(const std::optional<T>& value, std::string_view name) {
  if (!value) throw ValidationException(fmt::format("{} must not be null", name));
}

void require_statistic(const PutMetricAlarmRequest& request) {
  if (request.statistic.has_value() == request.extended_statistic.has_value())
    throw ValidationException(
        "Exactly one of the parameters Statistic and ExtendedStatistic must be specified.");
  if (!request.extended_statistic) return;
  const std::optional<Statistic> statistic = Statistic::parse(*request.extended_statistic);
  if (!statistic || statistic->is_basic())
    throw ValidationException(
        fmt::format("The value {} for parameter ExtendedStatistic is not supported.",
                    *request.extended_statistic));
}

void require_periods(const PutMetricAlarmRequest& request) {
  const std::int64_t period = *request.period;
  if (period != 10 && period != 20 && period != 30 && period % 60 != 0)
    throw ValidationException("Period must be 10, 20, 30 or a multiple of 60");
  const std::int64_t together = period * *request.evaluation_periods;
  if (period < hour && together > day)
    throw ValidationException(
        "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= "
        "86400).");
  if (together > 7 * day)
    throw ValidationException(
        "Metrics cannot be checked across more than a week (EvaluationPeriods * Period must be <= "
        "604800).");
  if (request.datapoints_to_alarm && *request.datapoints_to_alarm > *request.evaluation_periods)
    throw ValidationException("DatapointsToAlarm must be less than or equal to EvaluationPeriods");
}

void require_words(const PutMetricAlarmRequest& request) {
  static constexpr std::array<std::string_view, 4> missing = {"breaching", "notBreaching", "ignore",
                                                              "missing"};
  if (request.treat_missing_data && std::ranges::count(missing, *request.treat_missing_data) == 0)
    throw ValidationException(
        fmt::format("The value {} for parameter TreatMissingData is not supported. Valid values "
                    "are breaching, notBreaching, ignore and missing.",
                    *request.treat_missing_data));
  static constexpr std::array<std::string_view, 2> samples = {"evaluate", "ignore"};
  if (request.evaluate_low_sample_count_percentile &&
      std::ranges::count(samples, *request.evaluate_low_sample_count_percentile) == 0)
    throw ValidationException(fmt::format(
        "The value {} for parameter EvaluateLowSampleCountPercentile is not supported. Valid "
        "values are evaluate and ignore.",
        *request.evaluate_low_sample_count_percentile));
}

template <class Request>
void require_tags_propagation(const Request& request) {
  if (!request.action_configuration || !request.action_configuration->alarm_tags_propagation)
    return;
  const AlarmTagsPropagation& tags = *request.action_configuration->alarm_tags_propagation;
  if (tags.included_tag_keys && tags.excluded_tag_keys)
    throw ValidationException("You can't specify both IncludedTagKeys and ExcludedTagKeys.");
}

/// What alarms of both kinds have.
template <class Request>
void keep_settings(const Request& request, AlarmRecord& alarm) {
  const std::vector<std::string> no_actions;
  alarm.description = request.alarm_description;
  alarm.actions_enabled = request.actions_enabled.value_or(true);
  alarm.ok_actions = request.ok_actions.value_or(no_actions);
  alarm.alarm_actions = request.alarm_actions.value_or(no_actions);
  alarm.insufficient_data_actions = request.insufficient_data_actions.value_or(no_actions);
  if (!request.action_configuration) return;
  alarm.has_action_configuration = true;
  const auto& tags = request.action_configuration->alarm_tags_propagation;
  if (!tags) return;
  const std::vector<std::string> none;
  alarm.tags_propagation =
      TagsPropagationRecord{.enabled = tags->enabled,
                            .included = tags->included_tag_keys.value_or(none),
                            .excluded = tags->excluded_tag_keys.value_or(none)};
}

/// The state and the tags: of what was there before, or those of a new alarm.
template <class Request>
void keep_state(const Request& request, std::optional<AlarmRecord> before, runtime::Time now,
                AlarmRecord& alarm) {
  alarm.updated = now;
  if (before) {
    // An update keeps the state, and leaves tags to TagResource.
    alarm.arn = std::move(before->arn);
    alarm.state = std::move(before->state);
    alarm.reason = std::move(before->reason);
    alarm.reason_data = std::move(before->reason_data);
    alarm.state_updated = before->state_updated;
    alarm.transitioned = before->transitioned;
    alarm.tags = std::move(before->tags);
    return;
  }
  alarm.state = "INSUFFICIENT_DATA";
  alarm.reason = "Unchecked: Initial alarm creation";
  alarm.state_updated = now;
  alarm.transitioned = now;
  if (request.tags)
    for (const Tag& tag : *request.tags) alarm.tags[tag.key] = tag.value;
}

template <class Alarm>
void describe_settings(const AlarmKey& key, const AlarmRecord& record, Alarm& alarm) {
  alarm.alarm_name = std::get<2>(key);
  alarm.alarm_arn = record.arn;
  alarm.alarm_description = record.description;
  alarm.alarm_configuration_updated_timestamp = record.updated;
  alarm.actions_enabled = record.actions_enabled;
  alarm.ok_actions = record.ok_actions;
  alarm.alarm_actions = record.alarm_actions;
  alarm.insufficient_data_actions = record.insufficient_data_actions;
  alarm.state_value = record.state;
  alarm.state_reason = record.reason;
  alarm.state_reason_data = record.reason_data;
  alarm.state_updated_timestamp = record.state_updated;
  alarm.state_transitioned_timestamp = record.transitioned;
  if (!record.has_action_configuration) return;
  alarm.action_configuration = ActionConfiguration{};
  if (!record.tags_propagation) return;
  AlarmTagsPropagation tags{.enabled = record.tags_propagation->enabled};
  if (!record.tags_propagation->included.empty())
    tags.included_tag_keys = record.tags_propagation->included;
  if (!record.tags_propagation->excluded.empty())
    tags.excluded_tag_keys = record.tags_propagation->excluded;
  alarm.action_configuration->alarm_tags_propagation = std::move(tags);
}

}  // namespace

void require_alarm(const PutMetricAlarmRequest& request) {
  refuse_computations(request);
  require(request.metric_name, "MetricName");
  require(request.namespace_, "Namespace");
  require_statistic(request);
  require(request.period, "Period");
  require(request.evaluation_periods, "EvaluationPeriods");
  require(request.comparison_operator, "ComparisonOperator");
  require(request.threshold, "Threshold");
  if (!std::isfinite(*request.threshold))
    throw ValidationException("The value for parameter Threshold is not a finite number.");
  require_periods(request);
  require_words(request);
  require_tags_propagation(request);
}

AlarmRecord configure(const PutMetricAlarmRequest& request, std::optional<AlarmRecord> before,
                      runtime::Time now) {
  AlarmRecord alarm;
  keep_settings(request, alarm);
  alarm.name_space = *request.namespace_;
  alarm.metric_name = *request.metric_name;
  alarm.dimensions = to_dimensions(request.dimensions);
  alarm.statistic = request.statistic;
  alarm.extended_statistic = request.extended_statistic;
  alarm.period = *request.period;
  alarm.unit = request.unit;
  alarm.evaluation_periods = *request.evaluation_periods;
  alarm.datapoints_to_alarm = request.datapoints_to_alarm;
  alarm.threshold = *request.threshold;
  alarm.comparison = *request.comparison_operator;
  alarm.treat_missing_data = request.treat_missing_data;
  alarm.low_sample_count = request.evaluate_low_sample_count_percentile;
  alarm.has_sliding_window = request.evaluation_window && request.evaluation_window->sliding_window;
  keep_state(request, std::move(before), now, alarm);
  return alarm;
}

void require_composite(const PutCompositeAlarmRequest& request) {
  require_tags_propagation(request);
  const auto& wait = request.actions_suppressor_wait_period;
  const auto& extension = request.actions_suppressor_extension_period;
  if (request.actions_suppressor && !(wait && extension))
    throw ValidationException(
        "ActionsSuppressorWaitPeriod and ActionsSuppressorExtensionPeriod are required when "
        "ActionsSuppressor is specified");
  if (!request.actions_suppressor && (wait || extension))
    throw ValidationException(
        "ActionsSuppressor is required when ActionsSuppressorWaitPeriod or "
        "ActionsSuppressorExtensionPeriod is specified");
  if (wait.value_or(0) < 0 || extension.value_or(0) < 0)
    throw ValidationException(
        "ActionsSuppressorWaitPeriod and ActionsSuppressorExtensionPeriod must not be negative");
}

AlarmRecord configure(const PutCompositeAlarmRequest& request, std::optional<AlarmRecord> before,
                      runtime::Time now) {
  AlarmRecord alarm;
  keep_settings(request, alarm);
  CompositeRecord composite;
  if (before) composite = *before->composite;
  composite.rule = request.alarm_rule;
  composite.suppressor = request.actions_suppressor;
  composite.wait_period = request.actions_suppressor_wait_period.value_or(0);
  composite.extension_period = request.actions_suppressor_extension_period.value_or(0);
  alarm.composite = std::move(composite);
  keep_state(request, std::move(before), now, alarm);
  return alarm;
}

MetricAlarm describe(const AlarmKey& key, const AlarmRecord& record) {
  MetricAlarm alarm;
  describe_settings(key, record, alarm);
  alarm.metric_name = record.metric_name;
  alarm.namespace_ = record.name_space;
  alarm.statistic = record.statistic;
  alarm.extended_statistic = record.extended_statistic;
  alarm.dimensions = from_dimensions(record.dimensions);
  alarm.period = record.period;
  alarm.unit = record.unit;
  alarm.evaluation_periods = record.evaluation_periods;
  alarm.datapoints_to_alarm = record.datapoints_to_alarm;
  alarm.threshold = record.threshold;
  alarm.comparison_operator = record.comparison;
  alarm.treat_missing_data = record.treat_missing_data;
  alarm.evaluate_low_sample_count_percentile = record.low_sample_count;
  if (record.has_sliding_window)
    alarm.evaluation_window = EvaluationWindow{.sliding_window = SlidingWindow{}};
  return alarm;
}

CompositeAlarm describe_composite(const AlarmKey& key, const AlarmRecord& record) {
  CompositeAlarm alarm;
  describe_settings(key, record, alarm);
  const CompositeRecord& composite = *record.composite;
  alarm.alarm_rule = composite.rule;
  if (!composite.suppressor) return alarm;
  alarm.actions_suppressor = composite.suppressor;
  alarm.actions_suppressor_wait_period = composite.wait_period;
  alarm.actions_suppressor_extension_period = composite.extension_period;
  if (composite.suppressed_by.empty()) return alarm;
  alarm.actions_suppressed_by = composite.suppressed_by;
  alarm.actions_suppressed_reason = suppression_reason(composite);
  return alarm;
}

AlarmKey alarm_key(const services::Context& context, const std::string& name) {
  return {context.account, context.region, name};
}

std::string alarm_arn(const services::Context& context, const std::string& name) {
  return fmt::format("arn:aws:cloudwatch:{}:{}:alarm:{}", context.region, context.account, name);
}

std::optional<AlarmKey> key_of_arn(const std::string& arn) {
  constexpr std::string_view kind = "alarm:";
  const std::optional<services::Arn> parsed = services::parse_arn(arn);
  if (!parsed || parsed->service != "cloudwatch" || !parsed->resource.starts_with(kind))
    return std::nullopt;
  return AlarmKey{parsed->account, parsed->region, parsed->resource.substr(kind.size())};
}

}  // namespace matinee::cloudwatch
