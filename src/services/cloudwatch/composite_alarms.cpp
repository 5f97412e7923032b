#include "services/cloudwatch/composite_alarms.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "cloudwatch/errors.h"
#include "protocol/json_writer.h"
#include "runtime/log.h"
#include "runtime/timer_purpose.h"
#include "services/cloudwatch/alarm_requests.h"
#include "services/cloudwatch/alarm_rule.h"
#include "services/cloudwatch/alarm_store.h"
#include "services/cloudwatch/numbers.h"

namespace matinee::cloudwatch {
namespace {

/// Periods that one transaction ends.
constexpr std::size_t periods_at_once = 100;
constexpr auto pause_after_failure = std::chrono::minutes(1);

constexpr runtime::TimerPurpose ending_periods{.what = "an alarm that was held back is told"};

AlarmKey neighbour(const AlarmKey& key, std::string name) {
  return {std::get<0>(key), std::get<1>(key), std::move(name)};
}

std::string triggers_json(const std::vector<TriggerRecord>& triggers) {
  std::string out = R"({"triggeringAlarms":[)";
  for (const TriggerRecord& trigger : triggers) {
    if (out.back() == '}') out += ',';
    out += R"({"arn":)";
    protocol::json::append_string(out, trigger.arn);
    out += fmt::format(R"(,"state":{{"value":"{}","timestamp":"{}"}}}})", trigger.state,
                       format_long_time(trigger.updated));
  }
  return out + "]}";
}

TriggerRecord trigger_of(const AlarmRecord& alarm) {
  return {.arn = alarm.arn, .state = alarm.state, .updated = alarm.state_updated};
}

StateRecord state_record_of(const AlarmRecord& alarm) {
  return {.value = alarm.state,
          .reason = alarm.reason,
          .reason_data = alarm.reason_data,
          .updated = alarm.state_updated};
}

}  // namespace

std::optional<std::string> alarm_name_of(const AlarmKey& near, const std::string& text) {
  if (!text.starts_with("arn:")) return text;
  const std::optional<AlarmKey> key = key_of_arn(text);
  if (!key || neighbour(near, std::get<2>(*key)) != *key) return std::nullopt;
  return std::get<2>(*key);
}

namespace {

/// What an alarm depends on.
std::map<std::string, DependenceRecord> links_of(const AlarmKey& key,
                                                 const std::optional<AlarmRecord>& alarm) {
  std::map<std::string, DependenceRecord> links;
  if (!alarm || !alarm->composite) return links;
  for (const std::string& text : AlarmRule::parse(alarm->composite->rule).alarms())
    if (const auto name = alarm_name_of(key, text)) links[*name].is_child = true;
  if (alarm->composite->suppressor)
    if (const auto name = alarm_name_of(key, *alarm->composite->suppressor))
      links[*name].is_suppressor = true;
  return links;
}

}  // namespace

CompositeAlarms::CompositeAlarms(storage::Store& store, runtime::Runtime& runtime,
                                 AlarmStore& alarms)
    : store_(store),
      clock_(runtime.clock),
      alarms_(alarms),
      dependences_(store, dependences_table),
      periods_(store, periods_table) {
  schedule();
}

CompositeAlarms::~CompositeAlarms() {
  clock_.cancel(timer_);
}

std::vector<std::string> CompositeAlarms::require_children(const AlarmKey& key,
                                                           const std::string& rule) const {
  std::vector<std::string> names;
  std::string missing;
  try {
    for (const std::string& text : AlarmRule::parse(rule).alarms()) {
      const std::optional<std::string> name = alarm_name_of(key, text);
      if (!name || !alarms_.find(neighbour(key, *name)))
        missing.append(missing.empty() ? "" : ", ").append(text);
      else if (std::ranges::count(names, *name) == 0)
        names.push_back(*name);
    }
  } catch (const RuleFault& fault) {
    throw ValidationException(fault.message);
  }
  if (!missing.empty())
    throw ValidationException(fmt::format(
        "Could not save the composite alarm as alarms [{}] in the alarm rule do not exist",
        missing));
  for (const std::string& name : names) {
    std::vector<std::string> parents = parents_of(neighbour(key, name));
    std::erase(parents, std::get<2>(key));
    if (parents.size() >= most_parents)
      throw LimitExceededFault(fmt::format(
          "The alarm {} is in the rules of {} composite alarms already.", name, most_parents));
  }
  return names;
}

void CompositeAlarms::require_suppressor(const AlarmKey& key, const std::string& suppressor) const {
  const std::optional<std::string> name = alarm_name_of(key, suppressor);
  if (!name || !alarms_.find(neighbour(key, *name)))
    throw ValidationException(
        fmt::format("Could not save the composite alarm as its ActionsSuppressor {} does not exist",
                    suppressor));
}

void CompositeAlarms::link(const AlarmKey& key, const std::optional<AlarmRecord>& before,
                           const std::optional<AlarmRecord>& after) {
  const auto& [account, region, composite] = key;
  for (const auto& [name, link] : links_of(key, before))
    dependences_.erase({account, region, name, composite});
  for (const auto& [name, link] : links_of(key, after))
    dependences_.put({account, region, name, composite}, link);
  if (!after && before && before->composite)
    periods_.erase({before->composite->suppressed_until, account, region, composite});
}

std::vector<std::string> CompositeAlarms::parents_of(const AlarmKey& key) const {
  std::vector<std::string> names;
  const auto& [account, region, name] = key;
  dependences_.scan(dependences_.prefix(account, region, name),
                    [&](const DependenceKey& place, const DependenceRecord& link) {
                      if (link.is_child) names.push_back(std::get<3>(place));
                      return true;
                    });
  return names;
}

std::vector<std::string> CompositeAlarms::children_of(const AlarmKey& key) const {
  std::vector<std::string> names;
  for (const auto& [name, link] : links_of(key, alarms_.find(key)))
    if (link.is_child) names.push_back(name);
  return names;
}

std::vector<AlarmKey> CompositeAlarms::dependents_of(const AlarmKey& key) const {
  std::vector<AlarmKey> keys;
  const auto& [account, region, name] = key;
  dependences_.scan(dependences_.prefix(account, region, name),
                    [&](const DependenceKey& place, const DependenceRecord&) {
                      keys.push_back(neighbour(key, std::get<3>(place)));
                      return true;
                    });
  return keys;
}

/// All that depends on an alarm, also through others: each after what it depends on, but in cycles.
std::vector<AlarmKey> CompositeAlarms::in_order(const AlarmKey& key) const {
  struct Visit {
    AlarmKey key;
    std::vector<AlarmKey> dependents;
  };
  std::vector<AlarmKey> order;
  std::set<AlarmKey> seen = {key};
  std::vector<Visit> path = {{.key = key, .dependents = dependents_of(key)}};
  while (!path.empty()) {
    Visit& visit = path.back();
    if (visit.dependents.empty()) {
      order.push_back(visit.key);
      path.pop_back();
      continue;
    }
    const AlarmKey next = visit.dependents.back();
    visit.dependents.pop_back();
    if (seen.insert(next).second) path.push_back({.key = next, .dependents = dependents_of(next)});
  }
  order.pop_back();  // the alarm itself
  std::ranges::reverse(order);
  return order;
}

void CompositeAlarms::follow(const AlarmKey& key, runtime::Time now) {
  std::map<AlarmKey, AlarmKey> causes;
  std::set<AlarmKey> suppressed;
  const auto tell = [&](const AlarmKey& changed) {
    const auto& [account, region, name] = changed;
    dependences_.scan(dependences_.prefix(account, region, name),
                      [&](const DependenceKey& place, const DependenceRecord& link) {
                        const AlarmKey dependent = neighbour(changed, std::get<3>(place));
                        if (link.is_child) causes.try_emplace(dependent, changed);
                        if (link.is_suppressor) suppressed.insert(dependent);
                        return true;
                      });
  };
  tell(key);
  if (causes.empty() && suppressed.empty()) return;
  for (const AlarmKey& dependent : in_order(key)) {
    if (suppressed.contains(dependent)) update_suppression(dependent, now);
    const auto cause = causes.find(dependent);
    if (cause != causes.end() && evaluate(dependent, cause->second, now)) tell(dependent);
  }
}

void CompositeAlarms::forget(const AlarmKey& key, runtime::Time now) {
  for (const AlarmKey& dependent : dependents_of(key)) update_suppression(dependent, now);
}

bool CompositeAlarms::evaluate(const AlarmKey& key, const AlarmKey& cause, runtime::Time now) {
  std::optional<AlarmRecord> alarm = alarms_.find(key);
  const std::optional<AlarmRecord> child = alarms_.find(cause);
  if (!alarm || !child) return false;
  alarm->composite->triggers = {trigger_of(*child)};
  return set_by_rule(key, *std::move(alarm),
                     fmt::format("{} transitioned to {} at {}", child->arn, child->state,
                                 format_spoken_time(child->state_updated)),
                     now);
}

void CompositeAlarms::begin(const AlarmKey& key, bool is_new, runtime::Time now) {
  std::optional<AlarmRecord> alarm = alarms_.find(key);
  if (!alarm || !alarm->composite) return;
  update_suppression(key, now);
  alarm = alarms_.find(key);
  alarm->composite->triggers.clear();
  for (const std::string& text : AlarmRule::parse(alarm->composite->rule).alarms()) {
    const std::optional<std::string> name = alarm_name_of(key, text);
    const std::optional<AlarmRecord> child =
        name ? alarms_.find(neighbour(key, *name)) : std::nullopt;
    if (child) alarm->composite->triggers.push_back(trigger_of(*child));
  }
  const std::string reason = fmt::format("{} was {} and its alarm rule evaluates to ", alarm->arn,
                                         is_new ? "created" : "updated");
  if (set_by_rule(key, *std::move(alarm), reason, now)) follow(key, now);
}

/// A reason that ends with a space is completed by the state.
bool CompositeAlarms::set_by_rule(const AlarmKey& key, AlarmRecord alarm, std::string reason,
                                  runtime::Time now) {
  const bool is_alarm =
      AlarmRule::parse(alarm.composite->rule).evaluate([&](const std::string& text) {
        const std::optional<std::string> name = alarm_name_of(key, text);
        const std::optional<AlarmRecord> child =
            name ? alarms_.find(neighbour(key, *name)) : std::nullopt;
        return child ? child->state : std::string();
      });
  const std::string_view state = is_alarm ? "ALARM" : "OK";
  if (alarm.state == state) return false;
  if (reason.ends_with(' ')) reason += state;
  std::string data = triggers_json(alarm.composite->triggers);
  alarms_.change_state(
      key, std::move(alarm),
      {.value = std::string(state), .reason = std::move(reason), .reason_data = std::move(data)},
      now);
  return true;
}

bool CompositeAlarms::is_suppressing(const AlarmKey& key, const CompositeRecord& composite) const {
  if (!composite.suppressor) return false;
  const std::optional<std::string> name = alarm_name_of(key, *composite.suppressor);
  const std::optional<AlarmRecord> alarm =
      name ? alarms_.find(neighbour(key, *name)) : std::nullopt;
  return alarm && alarm->state == "ALARM";
}

/// Each change of the state begins the waiting anew, also in place of an extension.
bool CompositeAlarms::hold_back(const AlarmKey& key, const AlarmRecord& before, AlarmRecord& after,
                                runtime::Time now) {
  if (!after.composite || !after.composite->suppressor) return false;
  CompositeRecord& composite = *after.composite;
  if (is_suppressing(key, composite)) {
    suppress(key, composite, "Alarm");
  } else if (composite.wait_period > 0) {
    suppress(key, composite, "WaitPeriod", now + std::chrono::seconds(composite.wait_period));
  } else {
    suppress(key, composite, "");
    composite.held.reset();
    return false;
  }
  composite.held = state_record_of(before);
  return true;
}

/// The suppressor has changed, or is another one.
void CompositeAlarms::update_suppression(const AlarmKey& key, runtime::Time now) {
  std::optional<AlarmRecord> alarm = alarms_.find(key);
  if (!alarm || !alarm->composite) return;
  CompositeRecord& composite = *alarm->composite;
  if (is_suppressing(key, composite)) {
    suppress(key, composite, "Alarm");
  } else if (!composite.suppressor) {
    if (composite.suppressed_by.empty()) return;
    return release(key, *std::move(alarm));
  } else if (composite.suppressed_by != "Alarm") {
    return;
  } else if (composite.extension_period > 0) {
    suppress(key, composite, "ExtensionPeriod",
             now + std::chrono::seconds(composite.extension_period));
  } else {
    return release(key, *std::move(alarm));
  }
  alarms_.replace(key, *alarm);
}

/// `until` counts for periods.
void CompositeAlarms::suppress(const AlarmKey& key, CompositeRecord& composite, std::string_view by,
                               runtime::Time until) {
  const auto& [account, region, name] = key;
  periods_.erase({composite.suppressed_until, account, region, name});
  composite.suppressed_by = by;
  composite.suppressed_until = until;
  if (!by.ends_with("Period")) return;
  periods_.put({until, account, region, name}, true);
  schedule();
}

/// Nothing holds back what the alarm has to do any more.
void CompositeAlarms::release(const AlarmKey& key, AlarmRecord alarm) {
  suppress(key, *alarm.composite, "");
  const std::optional<StateRecord> held = std::exchange(alarm.composite->held, std::nullopt);
  alarms_.replace(key, alarm);
  if (!held) return;
  AlarmRecord before = alarm;
  before.state = held->value;
  before.reason = held->reason;
  before.reason_data = held->reason_data;
  before.state_updated = held->updated;
  alarms_.run_actions(key, before, alarm);
}

/// At the end of the first period.
void CompositeAlarms::schedule() {
  const auto cursor = periods_.cursor(periods_.all());
  if (!cursor.valid()) return;
  const runtime::Time end = std::get<0>(cursor.key());
  if (timer_ != runtime::TimerId::none && timer_at_ <= end) return;
  clock_.cancel(timer_);
  set_timer(end);
}

void CompositeAlarms::set_timer(runtime::Time at) {
  timer_at_ = at;
  timer_ = runtime::call_for(clock_, ending_periods, at, [this] {
    timer_ = runtime::TimerId::none;
    try {
      bool is_more = true;
      while (is_more) {
        storage::Transaction transaction(store_);
        is_more = end_periods(clock_.now());
        transaction.commit();
      }
    } catch (const std::exception& error) {
      spdlog::error("Actions that were held back could not be run, which is tried again: {}",
                    error.what());
      clock_.cancel(timer_);
      return set_timer(clock_.now() + pause_after_failure);
    }
    schedule();
  });
}

/// Some of them: whether there are more.
bool CompositeAlarms::end_periods(runtime::Time now) {
  for (std::size_t left = periods_at_once; left > 0; --left) {
    const auto cursor = periods_.cursor(periods_.all());
    if (!cursor.valid()) return false;
    const auto [end, account, region, name] = cursor.key();
    if (end > now) return false;
    std::optional<AlarmRecord> alarm = alarms_.find({account, region, name});
    if (alarm && alarm->composite)
      release({account, region, name}, *std::move(alarm));
    else
      periods_.erase({end, account, region, name});
  }
  return true;
}

void CompositeAlarms::reset(const services::ResetScope& scope) {
  dependences_.erase_range(scope.account ? dependences_.prefix(*scope.account)
                                         : dependences_.all());
  std::vector<PeriodKey> gone;
  periods_.scan(periods_.all(), [&](const PeriodKey& key, bool) {
    if (scope.covers(std::get<1>(key))) gone.push_back(key);
    return true;
  });
  for (const PeriodKey& key : gone) periods_.erase(key);
}

}  // namespace matinee::cloudwatch
