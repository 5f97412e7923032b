// Operations on alarms, but for those that look for them.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "cloudwatch/errors.h"
#include "policy/wildcard.h"
#include "protocol/json_text.h"
#include "services/cloudwatch/alarm_requests.h"
#include "services/cloudwatch/service.h"

namespace matinee::cloudwatch {
namespace {

constexpr std::size_t most_tags = 50;

void require_few_tags(const AlarmRecord& alarm) {
  if (alarm.tags.size() > most_tags)
    throw LimitExceededFault("The maximum number of tags of an alarm is 50.");
}

[[noreturn]] void refuse_other_kind(const std::string& name, std::string_view kind) {
  throw ValidationException(fmt::format("The name {} is that of {} alarm already.", name, kind));
}

}  // namespace

PutMetricAlarmResponse Service::put_metric_alarm(const Context& context,
                                                 const PutMetricAlarmRequest& request) {
  require_alarm(request);
  const AlarmKey key = alarm_key(context, request.alarm_name);
  std::optional<AlarmRecord> before = alarms_.find(key);
  if (before && before->composite) refuse_other_kind(request.alarm_name, "a composite");
  AlarmRecord alarm = configure(request, std::move(before), now());
  alarm.arn = alarm_arn(context, request.alarm_name);
  require_few_tags(alarm);
  alarms_.put(key, alarm, now());
  watch_.wake(alarm.is_fast());
  schedule_aging();
  return {};
}

PutCompositeAlarmResponse Service::put_composite_alarm(const Context& context,
                                                       const PutCompositeAlarmRequest& request) {
  require_composite(request);
  const AlarmKey key = alarm_key(context, request.alarm_name);
  std::optional<AlarmRecord> before = alarms_.find(key);
  if (before && !before->composite) refuse_other_kind(request.alarm_name, "a metric");
  alarms_.composites().require_children(key, request.alarm_rule);
  if (request.actions_suppressor)
    alarms_.composites().require_suppressor(key, *request.actions_suppressor);
  const bool is_new = !before;
  AlarmRecord alarm = configure(request, std::move(before), now());
  alarm.arn = alarm_arn(context, request.alarm_name);
  require_few_tags(alarm);
  alarms_.put(key, alarm, now());
  alarms_.composites().begin(key, is_new, now());
  schedule_aging();
  return {};
}

/// There is nothing to say of an alarm that is not there, not even that.
SetAlarmStateResponse Service::set_alarm_state(const Context& context,
                                               const SetAlarmStateRequest& request) {
  const AlarmKey key = alarm_key(context, request.alarm_name);
  std::optional<AlarmRecord> alarm = alarms_.find(key);
  if (!alarm) throw ResourceNotFound("");
  if (request.state_reason_data && !request.state_reason_data->empty() &&
      !protocol::json::is_json(*request.state_reason_data))
    throw InvalidFormatFault("StateReasonData was not syntactically valid JSON");
  AlarmState state{
      .value = request.state_value, .reason = request.state_reason, .reason_data = std::nullopt};
  if (request.state_reason_data && !request.state_reason_data->empty())
    state.reason_data = request.state_reason_data;
  if (alarm->composite) alarm->composite->triggers.clear();
  alarms_.set_state(key, *std::move(alarm), std::move(state), now());
  return {};
}

/// What does not exist is left out without a word, as on AWS.
void Service::enable_actions(const Context& context, const std::vector<std::string>& names,
                             bool enabled) {
  for (const std::string& name : names) {
    const AlarmKey key = alarm_key(context, name);
    std::optional<AlarmRecord> alarm = alarms_.find(key);
    if (!alarm || alarm->actions_enabled == enabled) continue;
    alarm->actions_enabled = enabled;
    alarm->updated = now();
    alarms_.put(key, *alarm, now());
  }
}

EnableAlarmActionsResponse Service::enable_alarm_actions(const Context& context,
                                                         const EnableAlarmActionsRequest& request) {
  enable_actions(context, request.alarm_names, true);
  return {};
}

DisableAlarmActionsResponse Service::disable_alarm_actions(
    const Context& context, const DisableAlarmActionsRequest& request) {
  enable_actions(context, request.alarm_names, false);
  return {};
}

/// Nothing may be left that depends on what goes.
void Service::require_independent(const Context& context,
                                  const std::vector<std::string>& names) const {
  std::vector<std::string> needed;
  std::size_t composites = 0;
  for (const std::string& name : names) {
    const AlarmKey key = alarm_key(context, name);
    if (alarms_.find(key)->composite) ++composites;
    const std::vector<std::string> parents = alarms_.composites().parents_of(key);
    const bool stays = std::ranges::any_of(parents, [&](const std::string& parent) {
      return std::ranges::count(names, parent) == 0 || parent == name;
    });
    if (stays) needed.push_back(name);
  }
  if (composites > 1)
    throw ValidationException("No more than one composite alarm can be deleted in one operation.");
  if (!needed.empty())
    throw ValidationException(
        fmt::format("Cannot delete {} as there are composite alarm(s) depending on {}.",
                    fmt::join(needed, ","), needed.size() == 1 ? "it" : "them"));
}

/// All of them or none: one that is missing leaves the others.
DeleteAlarmsResponse Service::delete_alarms(const Context& context,
                                            const DeleteAlarmsRequest& request) {
  const std::set<std::string> given(request.alarm_names.begin(), request.alarm_names.end());
  std::vector<std::string> names(given.begin(), given.end());
  std::string missing;
  for (const std::string& name : request.alarm_names)
    if (!alarms_.find(alarm_key(context, name))) missing += (missing.empty() ? "" : ", ") + name;
  if (!missing.empty())
    throw ResourceNotFound(fmt::format("Alarms [{}] could not be found.", missing));
  require_independent(context, names);
  // What depends on others goes before them.
  for (const bool are_composite : {true, false})
    for (const std::string& name : names) {
      const AlarmKey key = alarm_key(context, name);
      const std::optional<AlarmRecord> alarm = alarms_.find(key);
      if (alarm && alarm->composite.has_value() == are_composite) alarms_.erase(key, now());
    }
  return {};
}

std::pair<AlarmKey, AlarmRecord> Service::require_tagged(const Context& context,
                                                         const std::string& arn) {
  const std::optional<AlarmKey> key = key_of_arn(arn);
  if (!key)
    throw InvalidParameterValueException(
        fmt::format("The value {} for parameter ResourceARN is invalid.", arn));
  std::optional<AlarmRecord> alarm;
  if (std::get<0>(*key) == context.account && std::get<1>(*key) == context.region)
    alarm = alarms_.find(*key);
  if (!alarm) throw ResourceNotFoundException("", {.resource_type = "alarm", .resource_id = arn});
  return {*key, *std::move(alarm)};
}

std::optional<std::vector<std::string>> Service::find_key(const services::Inquiry& inquiry,
                                                          std::string_view key) const {
  constexpr std::string_view tag = "aws:resourcetag/";
  if (!key.starts_with(tag)) return std::nullopt;
  const std::optional<AlarmKey> named = key_of_arn(std::string(inquiry.resource));
  const std::optional<AlarmRecord> alarm = named ? alarms_.find(*named) : std::nullopt;
  if (!alarm) return std::nullopt;
  for (const auto& [name, value] : alarm->tags)
    if (policy::equals_ignoring_case(name, key.substr(tag.size()))) return std::vector{value};
  return std::nullopt;
}

ListTagsForResourceResponse Service::list_tags_for_resource(
    const Context& context, const ListTagsForResourceRequest& request) {
  const std::optional<DashboardKey> dashboard = find_dashboard(context, request.resource_arn);
  const std::map<std::string, std::string> tags =
      dashboard ? dashboards_.find(*dashboard)->tags
                : require_tagged(context, request.resource_arn).second.tags;
  ListTagsForResourceResponse response;
  response.tags.emplace();
  for (const auto& [name, value] : tags) response.tags->push_back({.key = name, .value = value});
  return response;
}

TagResourceResponse Service::tag_resource(const Context& context,
                                          const TagResourceRequest& request) {
  if (const auto dashboard = find_dashboard(context, request.resource_arn)) {
    DashboardRecord record = *dashboards_.find(*dashboard);
    for (const Tag& tag : request.tags) record.tags[tag.key] = tag.value;
    dashboards_.put(*dashboard, record);
    return {};
  }
  auto [key, alarm] = require_tagged(context, request.resource_arn);
  for (const Tag& tag : request.tags) alarm.tags[tag.key] = tag.value;
  if (alarm.tags.size() > most_tags)
    throw InvalidParameterValueException("The maximum number of tags of a resource is 50.");
  alarms_.replace(key, alarm);
  return {};
}

UntagResourceResponse Service::untag_resource(const Context& context,
                                              const UntagResourceRequest& request) {
  if (const auto dashboard = find_dashboard(context, request.resource_arn)) {
    DashboardRecord record = *dashboards_.find(*dashboard);
    for (const std::string& name : request.tag_keys) record.tags.erase(name);
    dashboards_.put(*dashboard, record);
    return {};
  }
  auto [key, alarm] = require_tagged(context, request.resource_arn);
  for (const std::string& name : request.tag_keys) alarm.tags.erase(name);
  alarms_.replace(key, alarm);
  return {};
}

}  // namespace matinee::cloudwatch
