#include "services/cloudwatch/alarm_store.h"

#include <fmt/format.h>

#include "services/cloudwatch/alarm_texts.h"

namespace matinee::cloudwatch {
namespace {

/// What a counter counts, beside metrics.
constexpr std::uint64_t next_history = 1;
/// AWS keeps the history of alarms for 30 days.
constexpr auto history_kept = std::chrono::days(30);

const std::vector<std::string>& actions_of(const AlarmRecord& alarm) {
  if (alarm.state == "OK") return alarm.ok_actions;
  if (alarm.state == "ALARM") return alarm.alarm_actions;
  return alarm.insufficient_data_actions;
}

}  // namespace

AlarmStore::AlarmStore(storage::Store& store, runtime::Runtime& runtime,
                       services::AlarmActions* actions)
    : alarms_(store, alarms_table),
      fast_(store, fast_alarms_table),
      history_(store, history_table),
      history_of_alarms_(store, alarm_history_table),
      counters_(store, counters_table),
      actions_(actions),
      composites_(store, runtime, *this) {}

void AlarmStore::put(const AlarmKey& key, const AlarmRecord& record, runtime::Time now) {
  const std::string& name = std::get<2>(key);
  const std::optional<AlarmRecord> before = alarms_.find(key);
  const bool is_new = !before;
  composites_.link(key, before, record);
  alarms_.put(key, record);
  if (record.is_fast())
    fast_.put(key, true);
  else
    fast_.erase(key);
  note(key, now,
       {.alarm = name,
        .kind = "ConfigurationUpdate",
        .summary = fmt::format("Alarm \"{}\" {}", name, is_new ? "created" : "updated"),
        .data = configuration_history(is_new ? "Create" : "Update", key, record),
        .is_composite = record.composite.has_value()});
}

void AlarmStore::erase(const AlarmKey& key, runtime::Time now) {
  const std::optional<AlarmRecord> record = alarms_.find(key);
  if (!record) return;
  const std::string& name = std::get<2>(key);
  composites_.link(key, record, std::nullopt);
  alarms_.erase(key);
  fast_.erase(key);
  note(key, now,
       {.alarm = name,
        .kind = "ConfigurationUpdate",
        .summary = fmt::format("Alarm \"{}\" deleted", name),
        .data = configuration_history("Delete", key, *record),
        .is_composite = record->composite.has_value()});
  composites_.forget(key, now);
}

void AlarmStore::set_state(const AlarmKey& key, AlarmRecord record, AlarmState state,
                           runtime::Time now) {
  const bool is_change = state.value != record.state;
  change_state(key, std::move(record), std::move(state), now);
  if (is_change) composites_.follow(key, now);
}

void AlarmStore::change_state(const AlarmKey& key, AlarmRecord record, AlarmState state,
                              runtime::Time now) {
  const AlarmRecord before = record;
  record.state = std::move(state.value);
  record.reason = std::move(state.reason);
  record.reason_data = std::move(state.reason_data);
  record.state_updated = now;
  const bool is_change = record.state != before.state;
  if (is_change) record.transitioned = now;
  const bool is_held = is_change && composites_.hold_back(key, before, record, now);
  alarms_.put(key, record);
  if (!is_change) return;
  note(key, now,
       {.alarm = std::get<2>(key),
        .kind = "StateUpdate",
        .summary = fmt::format("Alarm updated from {} to {}", before.state, record.state),
        .data = state_history({key, before, record}),
        .is_composite = record.composite.has_value()});
  if (actions_)
    actions_->state_changed({.account = std::get<0>(key),
                             .region = std::get<1>(key),
                             .alarm_arn = record.arn,
                             .detail = alarm_data({key, before, record})});
  if (!is_held) run_actions(key, before, record);
}

void AlarmStore::run_actions(const AlarmKey& key, const AlarmRecord& before,
                             const AlarmRecord& after) {
  const std::vector<std::string>& targets = actions_of(after);
  if (!actions_ || !after.actions_enabled || targets.empty()) return;
  const AlarmChange change{key, before, after};
  services::AlarmAction action{.account = std::get<0>(key),
                               .region = std::get<1>(key),
                               .alarm_arn = after.arn,
                               .target = {},
                               .subject = topic_subject(change),
                               .message = topic_message(change),
                               .event = function_event(change)};
  for (const std::string& target : targets) {
    action.target = target;
    actions_->run(action);
  }
}

void AlarmStore::note(const AlarmKey& key, runtime::Time now, HistoryRecord record) {
  const auto& [account, region, alarm] = key;
  const std::uint64_t number = counters_.find(next_history).value_or(1);
  counters_.put(next_history, number + 1);
  history_.put({account, region, now, number}, record);
  history_of_alarms_.put({account, region, alarm, now, number}, true);
}

/// Of each account and region the oldest entries, which come first.
bool AlarmStore::forget_history(runtime::Time now, std::size_t most) {
  const runtime::Time oldest = now - history_kept;
  auto cursor = history_.cursor();
  while (cursor.valid()) {
    const HistoryKey key = cursor.key();
    const auto& [account, region, time, number] = key;
    if (time >= oldest) {
      cursor.seek(std::tuple{account, region, runtime::Time::max()});
      continue;
    }
    if (most-- == 0) return true;
    history_of_alarms_.erase({account, region, cursor.record().alarm, time, number});
    history_.erase(key);
    cursor.next();
  }
  return false;
}

void AlarmStore::reset(const services::ResetScope& scope) {
  const auto clear = [&](auto& table) {
    table.erase_range(scope.account ? table.prefix(*scope.account) : table.all());
  };
  clear(alarms_);
  clear(fast_);
  clear(history_);
  clear(history_of_alarms_);
  composites_.reset(scope);
}

}  // namespace matinee::cloudwatch
