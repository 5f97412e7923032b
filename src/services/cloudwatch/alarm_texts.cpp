#include "services/cloudwatch/alarm_texts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "protocol/json_writer.h"
#include "services/cloudwatch/numbers.h"

namespace matinee::cloudwatch {
namespace {

/// An object of JSON that is put together member by member.
class JsonObject {
 public:
  JsonObject& text(std::string_view name, std::string_view value) {
    protocol::json::append_string(member(name), value);
    return *this;
  }
  JsonObject& optional(std::string_view name, const std::optional<std::string>& value) {
    if (value) return text(name, *value);
    return raw(name, "null");
  }
  JsonObject& raw(std::string_view name, std::string_view json) {
    member(name) += json;
    return *this;
  }
  JsonObject& texts(std::string_view name, const std::vector<std::string>& values) {
    std::string& out = member(name);
    out += '[';
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i > 0) out += ',';
      protocol::json::append_string(out, values[i]);
    }
    out += ']';
    return *this;
  }
  std::string end() const { return out_ + "}"; }

 private:
  std::string out_ = "{";

  std::string& member(std::string_view name) {
    if (out_.size() > 1) out_ += ',';
    protocol::json::append_member(out_, name);
    return out_;
  }
};

std::string dimensions_by_name(const Dimensions& dimensions) {
  JsonObject object;
  for (const auto& [name, value] : dimensions) {
    // Names are a client's, and may have to be escaped.
    std::string escaped;
    protocol::json::append_string(escaped, name);
    object.text(std::string_view(escaped).substr(1, escaped.size() - 2), value);
  }
  return object.end();
}

std::string dimensions_list(const Dimensions& dimensions) {
  std::string out = "[";
  for (const auto& [name, value] : dimensions) {
    if (out.size() > 1) out += ',';
    out += JsonObject().text("value", value).text("name", name).end();
  }
  return out + "]";
}

std::string_view region_name(std::string_view region) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 18> names = {
      {{"us-east-1", "US East (N. Virginia)"},
       {"us-east-2", "US East (Ohio)"},
       {"us-west-1", "US West (N. California)"},
       {"us-west-2", "US West (Oregon)"},
       {"ca-central-1", "Canada (Central)"},
       {"eu-central-1", "EU (Frankfurt)"},
       {"eu-west-1", "EU (Ireland)"},
       {"eu-west-2", "EU (London)"},
       {"eu-west-3", "EU (Paris)"},
       {"eu-north-1", "EU (Stockholm)"},
       {"eu-south-1", "EU (Milan)"},
       {"ap-northeast-1", "Asia Pacific (Tokyo)"},
       {"ap-northeast-2", "Asia Pacific (Seoul)"},
       {"ap-northeast-3", "Asia Pacific (Osaka)"},
       {"ap-south-1", "Asia Pacific (Mumbai)"},
       {"ap-southeast-1", "Asia Pacific (Singapore)"},
       {"ap-southeast-2", "Asia Pacific (Sydney)"},
       {"sa-east-1", "South America (Sao Paulo)"}}};
  const auto found = std::ranges::find(names, region, &decltype(names)::value_type::first);
  return found == names.end() ? region : found->second;
}

/// "SAMPLE_COUNT" of "SampleCount".
std::string upper_statistic(std::string_view statistic) {
  std::string out;
  for (const char c : statistic) {
    const bool is_upper = c >= 'A' && c <= 'Z';
    if (is_upper && !out.empty()) out += '_';
    out += is_upper ? c : static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  }
  return out;
}

std::string history_state(const AlarmRecord& alarm) {
  JsonObject state;
  state.text("stateValue", alarm.state).text("stateReason", alarm.reason);
  if (alarm.reason_data) state.raw("stateReasonData", *alarm.reason_data);
  return state.end();
}

std::string trigger_of(const AlarmRecord& alarm) {
  JsonObject trigger;
  trigger.text("MetricName", alarm.metric_name).text("Namespace", alarm.name_space);
  if (alarm.statistic)
    trigger.text("StatisticType", "Statistic").text("Statistic", upper_statistic(*alarm.statistic));
  else
    trigger.text("StatisticType", "ExtendedStatistic")
        .text("ExtendedStatistic", *alarm.extended_statistic);
  return trigger.optional("Unit", alarm.unit)
      .raw("Dimensions", dimensions_list(alarm.dimensions))
      .raw("Period", std::to_string(alarm.period))
      .raw("EvaluationPeriods", std::to_string(alarm.evaluation_periods))
      .text("ComparisonOperator", alarm.comparison)
      .raw("Threshold", format_number(alarm.threshold))
      .text("TreatMissingData", alarm.treat_missing_data.value_or(""))
      .text("EvaluateLowSampleCountPercentile", alarm.low_sample_count.value_or(""))
      .end();
}

std::string triggering_children(const CompositeRecord& composite) {
  std::string out = "[";
  for (const TriggerRecord& trigger : composite.triggers) {
    if (out.size() > 1) out += ',';
    const std::string state = JsonObject()
                                  .text("Value", trigger.state)
                                  .text("Timestamp", format_long_time(trigger.updated))
                                  .end();
    out += JsonObject().text("Arn", trigger.arn).raw("State", state).end();
  }
  return out + "]";
}

std::string composite_configuration(const AlarmRecord& alarm) {
  const CompositeRecord& composite = *alarm.composite;
  JsonObject configuration;
  if (alarm.description) configuration.text("description", *alarm.description);
  configuration.text("alarmRule", composite.rule);
  if (composite.suppressor)
    configuration.text("actionsSuppressor", *composite.suppressor)
        .raw("actionsSuppressorWaitPeriod", std::to_string(composite.wait_period))
        .raw("actionsSuppressorExtensionPeriod", std::to_string(composite.extension_period));
  return configuration.end();
}

std::string event_state(const AlarmRecord& alarm) {
  JsonObject state;
  if (alarm.composite && !alarm.composite->suppressed_by.empty())
    state.text("actionsSuppressedBy", alarm.composite->suppressed_by)
        .text("actionsSuppressedReason", suppression_reason(*alarm.composite));
  state.text("value", alarm.state).text("reason", alarm.reason);
  if (alarm.reason_data) state.text("reasonData", *alarm.reason_data);
  return state.text("timestamp", format_long_time(alarm.state_updated)).end();
}

}  // namespace

std::string suppression_reason(const CompositeRecord& composite) {
  return fmt::format("Actions suppressed by {}", composite.suppressed_by);
}

std::string state_history(const AlarmChange& change) {
  return JsonObject()
      .text("version", "1.0")
      .raw("oldState", history_state(change.before))
      .raw("newState", history_state(change.after))
      .end();
}

std::string configuration_history(std::string_view type, const AlarmKey& key,
                                  const AlarmRecord& record) {
  JsonObject alarm;
  alarm.text("alarmName", std::get<2>(key))
      .text("alarmArn", record.arn)
      .optional("alarmDescription", record.description);
  if (record.composite) {
    const CompositeRecord& composite = *record.composite;
    alarm.text("alarmRule", composite.rule);
    if (composite.suppressor)
      alarm.text("actionsSuppressor", *composite.suppressor)
          .raw("actionsSuppressorWaitPeriod", std::to_string(composite.wait_period))
          .raw("actionsSuppressorExtensionPeriod", std::to_string(composite.extension_period));
  } else {
    alarm.text("namespace", record.name_space)
        .text("metricName", record.metric_name)
        .raw("dimensions", dimensions_list(record.dimensions))
        .text("statistic", record.stat())
        .raw("period", std::to_string(record.period))
        .raw("evaluationPeriods", std::to_string(record.evaluation_periods))
        .raw("threshold", format_number(record.threshold))
        .text("comparisonOperator", record.comparison);
  }
  alarm.raw("actionsEnabled", record.actions_enabled ? "true" : "false")
      .texts("okActions", record.ok_actions)
      .texts("alarmActions", record.alarm_actions)
      .texts("insufficientDataActions", record.insufficient_data_actions);
  const std::string_view member = type == "Create"   ? "createdAlarm"
                                  : type == "Update" ? "updatedAlarm"
                                                     : "deletedAlarm";
  return JsonObject().text("version", "1.0").text("type", type).raw(member, alarm.end()).end();
}

std::string topic_subject(const AlarmChange& change) {
  return fmt::format("{}: \"{}\" in {}", change.after.state, std::get<2>(change.key),
                     region_name(std::get<1>(change.key)));
}

namespace {

std::string composite_message(const AlarmChange& change) {
  const AlarmRecord& alarm = change.after;
  return JsonObject()
      .text("AlarmName", std::get<2>(change.key))
      .optional("AlarmDescription", alarm.description)
      .text("AWSAccountId", std::get<0>(change.key))
      .text("NewStateValue", alarm.state)
      .text("NewStateReason", alarm.reason)
      .text("StateChangeTime", format_long_time(alarm.state_updated))
      .text("Region", region_name(std::get<1>(change.key)))
      .text("AlarmArn", alarm.arn)
      .texts("OKActions", alarm.ok_actions)
      .texts("AlarmActions", alarm.alarm_actions)
      .texts("InsufficientDataActions", alarm.insufficient_data_actions)
      .text("OldStateValue", change.before.state)
      .text("AlarmRule", alarm.composite->rule)
      .raw("TriggeringChildren", triggering_children(*alarm.composite))
      .end();
}

}  // namespace

std::string topic_message(const AlarmChange& change) {
  const AlarmRecord& alarm = change.after;
  if (alarm.composite) return composite_message(change);
  return JsonObject()
      .text("AlarmName", std::get<2>(change.key))
      .optional("AlarmDescription", alarm.description)
      .text("AWSAccountId", std::get<0>(change.key))
      .text("AlarmConfigurationUpdatedTimestamp", format_long_time(alarm.updated))
      .text("NewStateValue", alarm.state)
      .text("NewStateReason", alarm.reason)
      .text("StateChangeTime", format_long_time(alarm.state_updated))
      .text("Region", region_name(std::get<1>(change.key)))
      .text("AlarmArn", alarm.arn)
      .text("OldStateValue", change.before.state)
      .texts("OKActions", alarm.ok_actions)
      .texts("AlarmActions", alarm.alarm_actions)
      .texts("InsufficientDataActions", alarm.insufficient_data_actions)
      .raw("ActionExecutedAfterMuteWindow", "false")
      .raw("Trigger", trigger_of(alarm))
      .end();
}

namespace {

std::string metric_configuration(const AlarmRecord& alarm) {
  const std::string metric = JsonObject()
                                 .text("namespace", alarm.name_space)
                                 .text("name", alarm.metric_name)
                                 .raw("dimensions", dimensions_by_name(alarm.dimensions))
                                 .end();
  const std::string stat = JsonObject()
                               .raw("metric", metric)
                               .raw("period", std::to_string(alarm.period))
                               .text("stat", alarm.stat())
                               .end();
  // AWS makes up an id for the one metric; this one is the same each time.
  const std::string query = JsonObject()
                                .text("id", "00000000-0000-4000-8000-000000000001")
                                .raw("metricStat", stat)
                                .raw("returnData", "true")
                                .end();
  JsonObject configuration;
  if (alarm.description) configuration.text("description", *alarm.description);
  return configuration.raw("metrics", "[" + query + "]").end();
}

}  // namespace

std::string alarm_data(const AlarmChange& change) {
  const AlarmRecord& alarm = change.after;
  return JsonObject()
      .text("alarmName", std::get<2>(change.key))
      .raw("state", event_state(alarm))
      .raw("previousState", event_state(change.before))
      .raw("configuration",
           alarm.composite ? composite_configuration(alarm) : metric_configuration(alarm))
      .end();
}

std::string function_event(const AlarmChange& change) {
  const AlarmRecord& alarm = change.after;
  return JsonObject()
      .text("source", "aws.cloudwatch")
      .text("alarmArn", alarm.arn)
      .text("accountId", std::get<0>(change.key))
      .text("time", format_long_time(alarm.state_updated))
      .text("region", std::get<1>(change.key))
      .raw("alarmData", alarm_data(change))
      .end();
}

}  // namespace matinee::cloudwatch
