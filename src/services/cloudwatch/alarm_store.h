// Alarms and what has happened to them. Nothing is in memory. On the state thread only, inside a
// transaction.
#pragma once

#include <optional>
#include <string>

#include "services/alarm_actions.h"
#include "services/cloudwatch/composite_alarms.h"
#include "services/cloudwatch/evaluation.h"
#include "services/cloudwatch/records.h"
#include "services/reset.h"

namespace matinee::cloudwatch {

class AlarmStore {
 public:
  /// `actions` may be null.
  AlarmStore(storage::Store& store, runtime::Runtime& runtime, services::AlarmActions* actions);

  std::optional<AlarmRecord> find(const AlarmKey& key) const { return alarms_.find(key); }
  /// Notes in the history that it was made or changed.
  void put(const AlarmKey& key, const AlarmRecord& record, runtime::Time now);
  /// The same alarm with other tags, say: nothing is noted.
  void replace(const AlarmKey& key, const AlarmRecord& record) { alarms_.put(key, record); }
  void erase(const AlarmKey& key, runtime::Time now);
  /// Notes the change, and runs the actions where the state is another one. Composite alarms that
  /// depend on the alarm follow it.
  void set_state(const AlarmKey& key, AlarmRecord record, AlarmState state, runtime::Time now);

  /// The same for this alarm alone.
  void change_state(const AlarmKey& key, AlarmRecord record, AlarmState state, runtime::Time now);
  /// Those of the state in which an alarm is after `before`, if its actions are enabled.
  void run_actions(const AlarmKey& key, const AlarmRecord& before, const AlarmRecord& after);

  CompositeAlarms& composites() { return composites_; }
  const CompositeAlarms& composites() const { return composites_; }
  const AlarmsTable& alarms() const { return alarms_; }
  const FastAlarmsTable& fast_alarms() const { return fast_; }
  const HistoryTable& history() const { return history_; }
  const AlarmHistoryTable& history_of_alarms() const { return history_of_alarms_; }

  /// Removes what is older than AWS keeps it, `most` entries at a time: whether there is more.
  bool forget_history(runtime::Time now, std::size_t most);
  void reset(const services::ResetScope& scope);

 private:
  AlarmsTable alarms_;
  FastAlarmsTable fast_;
  HistoryTable history_;
  AlarmHistoryTable history_of_alarms_;
  CountersTable counters_;
  services::AlarmActions* actions_;
  CompositeAlarms composites_;

  void note(const AlarmKey& key, runtime::Time now, HistoryRecord record);
};

}  // namespace matinee::cloudwatch
