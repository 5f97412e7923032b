// Composite alarms: they follow the alarms of their rules, and hold back their actions while
// another alarm, the suppressor, says so. On the state thread only, inside a transaction.
//
// All that depends on an alarm which changes its state is brought up to date in the same
// transaction, what others depend on first, each once. A cycle ends there for the same reason.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/runtime.h"
#include "services/cloudwatch/records.h"
#include "services/reset.h"

namespace matinee::cloudwatch {

class AlarmStore;

class CompositeAlarms {
 public:
  /// Composite alarms that may depend on one alarm.
  static constexpr std::size_t most_parents = 150;

  /// All must outlive it.
  CompositeAlarms(storage::Store& store, runtime::Runtime& runtime, AlarmStore& alarms);
  ~CompositeAlarms();
  CompositeAlarms(const CompositeAlarms&) = delete;
  CompositeAlarms& operator=(const CompositeAlarms&) = delete;

  /// The names of the alarms of a rule. Throws ValidationException where the text is no rule, or
  /// names what does not exist in the account and region.
  std::vector<std::string> require_children(const AlarmKey& key, const std::string& rule) const;
  /// Throws ValidationException where it does not exist.
  void require_suppressor(const AlarmKey& key, const std::string& suppressor) const;

  /// Notes what depends on what, before the alarm is written.
  void link(const AlarmKey& key, const std::optional<AlarmRecord>& before,
            const std::optional<AlarmRecord>& after);
  /// The alarm was made or changed, which its reason says: sets its state by its rule.
  void begin(const AlarmKey& key, bool is_new, runtime::Time now);
  /// Another alarm has changed its state.
  void follow(const AlarmKey& key, runtime::Time now);
  /// Another alarm is gone: it does not suppress actions any more.
  void forget(const AlarmKey& key, runtime::Time now);
  /// Whether the actions of a change of state wait; notes in `after` why. False for metric alarms.
  bool hold_back(const AlarmKey& key, const AlarmRecord& before, AlarmRecord& after,
                 runtime::Time now);

  /// Those whose rules name the alarm, by name.
  std::vector<std::string> parents_of(const AlarmKey& key) const;
  /// Those of its rule, by name. Nothing of a metric alarm.
  std::vector<std::string> children_of(const AlarmKey& key) const;

  void reset(const services::ResetScope& scope);

 private:
  storage::Store& store_;
  runtime::Clock& clock_;
  AlarmStore& alarms_;
  DependencesTable dependences_;
  PeriodsTable periods_;
  runtime::TimerId timer_ = runtime::TimerId::none;
  runtime::Time timer_at_;  // while there is one

  bool is_suppressing(const AlarmKey& key, const CompositeRecord& composite) const;
  std::vector<AlarmKey> dependents_of(const AlarmKey& key) const;
  std::vector<AlarmKey> in_order(const AlarmKey& key) const;
  /// Whether its state is another one now.
  bool evaluate(const AlarmKey& key, const AlarmKey& cause, runtime::Time now);
  bool set_by_rule(const AlarmKey& key, AlarmRecord alarm, std::string reason, runtime::Time now);
  void update_suppression(const AlarmKey& key, runtime::Time now);
  void suppress(const AlarmKey& key, CompositeRecord& composite, std::string_view by,
                runtime::Time until = {});
  void release(const AlarmKey& key, AlarmRecord alarm);
  void schedule();
  void set_timer(runtime::Time at);
  bool end_periods(runtime::Time now);
};

/// The name of an alarm that is given by name or ARN; nothing of an ARN of elsewhere.
std::optional<std::string> alarm_name_of(const AlarmKey& near, const std::string& text);

}  // namespace matinee::cloudwatch
