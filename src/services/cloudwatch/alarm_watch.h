// Looks at the alarms when their periods have ended: those with periods of a minute or more each
// minute, the others each ten seconds. Without alarms there is no timer. A pass is done in small
// steps, each a transaction of its own.
#pragma once

#include <memory>
#include <optional>

#include "runtime/runtime.h"
#include "services/cloudwatch/alarm_store.h"
#include "services/cloudwatch/metric_store.h"

namespace matinee::cloudwatch {

class AlarmWatch {
 public:
  /// All must outlive the watch.
  AlarmWatch(storage::Store& store, runtime::Runtime& runtime, MetricStore& metrics,
             AlarmStore& alarms);
  ~AlarmWatch();
  AlarmWatch(const AlarmWatch&) = delete;
  AlarmWatch& operator=(const AlarmWatch&) = delete;

  /// There is an alarm: sees that it is looked at.
  void wake(bool is_fast);

 private:
  /// The passes over one kind of alarms.
  struct Round {
    bool is_fast = false;
    runtime::Duration pause{};
    runtime::TimerId timer = runtime::TimerId::none;
    bool is_running = false;
    std::optional<AlarmKey> next;  // the alarm to go on with
  };

  storage::Store& store_;
  runtime::Clock& clock_;
  runtime::Loop& loop_;
  MetricStore& metrics_;
  AlarmStore& alarms_;
  Round slow_;
  Round fast_;
  std::shared_ptr<int> alive_ = std::make_shared<int>();

  void schedule(Round& round);
  void begin(Round& round);
  void post_step(Round& round);
  void step(Round& round);
  bool has_alarms(const Round& round) const;
  void look_at_some(Round& round);
  void look_at(const AlarmKey& key, const AlarmRecord& alarm);
};

}  // namespace matinee::cloudwatch
