// What CloudWatch keeps in the store.
//
// Data points lie by resolution and by slot, a stretch of time after which all points of the slot
// are old enough to be merged or removed together, whatever metrics they are of.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "services/cloudwatch/statistics.h"
#include "storage/table.h"

namespace matinee::cloudwatch {

using Dimensions = std::vector<std::pair<std::string, std::string>>;

struct MetricRecord {
  std::uint64_t id = 0;
  Dimensions dimensions;  // sorted
  runtime::Time latest;   // of its data, to some minutes
  static constexpr auto fields =
      std::tuple{storage::field<1>(&MetricRecord::id), storage::field<2>(&MetricRecord::dimensions),
                 storage::field<3>(&MetricRecord::latest)};
};

/// Account, region, namespace, name, and the sorted dimensions as bytes.
using MetricKey = std::tuple<std::string, std::string, std::string, std::string, storage::RawKey>;
using MetricsTable = storage::Table<MetricKey, MetricRecord>;

enum class Resolution : std::uint8_t { second = 0, minute = 1, five_minutes = 2, hour = 3 };

/// Resolution, slot, account, metric, begin in seconds since 1970, unit.
using PointKey =
    std::tuple<Resolution, std::int64_t, std::string, std::uint64_t, std::int64_t, std::uint8_t>;
using PointsTable = storage::Table<PointKey, Statistics>;

/// The next id of a metric, under the key 0.
using CountersTable = storage::Table<std::uint64_t, std::uint64_t>;

/// What of an alarm's tags its notifications and events tell.
struct TagsPropagationRecord {
  bool enabled = false;
  std::vector<std::string> included;  // keys; of the two lists one at most has any
  std::vector<std::string> excluded;
  static constexpr auto fields = std::tuple{storage::field<1>(&TagsPropagationRecord::enabled),
                                            storage::field<2>(&TagsPropagationRecord::included),
                                            storage::field<3>(&TagsPropagationRecord::excluded)};
};

/// A state that an alarm was in.
struct StateRecord {
  std::string value;
  std::string reason;
  std::optional<std::string> reason_data;
  runtime::Time updated;
  static constexpr auto fields = std::tuple{
      storage::field<1>(&StateRecord::value), storage::field<2>(&StateRecord::reason),
      storage::field<3>(&StateRecord::reason_data), storage::field<4>(&StateRecord::updated)};
};

/// An alarm that made a composite one change its state, and what it was in then.
struct TriggerRecord {
  std::string arn;
  std::string state;
  runtime::Time updated;
  static constexpr auto fields =
      std::tuple{storage::field<1>(&TriggerRecord::arn), storage::field<2>(&TriggerRecord::state),
                 storage::field<3>(&TriggerRecord::updated)};
};

/// What a composite alarm has instead of a metric.
struct CompositeRecord {
  std::string rule;
  std::optional<std::string> suppressor;  // as given: a name or an ARN
  std::int32_t wait_period = 0;           // seconds
  std::int32_t extension_period = 0;      // seconds
  std::string suppressed_by;              // "WaitPeriod", "ExtensionPeriod", "Alarm", or empty
  runtime::Time suppressed_until;         // the end of a period
  std::optional<StateRecord> held;        // before a change whose actions are held back
  std::vector<TriggerRecord> triggers;    // of the state it is in
  static constexpr auto fields = std::tuple{storage::field<1>(&CompositeRecord::rule),
                                            storage::field<2>(&CompositeRecord::suppressor),
                                            storage::field<3>(&CompositeRecord::wait_period),
                                            storage::field<4>(&CompositeRecord::extension_period),
                                            storage::field<5>(&CompositeRecord::suppressed_by),
                                            storage::field<6>(&CompositeRecord::suppressed_until),
                                            storage::field<7>(&CompositeRecord::held),
                                            storage::field<8>(&CompositeRecord::triggers)};
};

/// An alarm on a metric, or a composite one.
struct AlarmRecord {
  std::string arn;
  std::optional<std::string> description;
  bool actions_enabled = true;
  std::vector<std::string> ok_actions;
  std::vector<std::string> alarm_actions;
  std::vector<std::string> insufficient_data_actions;
  std::string name_space;
  std::string metric_name;
  Dimensions dimensions;  // as given
  std::optional<std::string> statistic;
  std::optional<std::string> extended_statistic;
  std::int32_t period = 0;
  std::optional<std::string> unit;
  std::int32_t evaluation_periods = 0;
  std::optional<std::int32_t> datapoints_to_alarm;
  double threshold = 0;
  std::string comparison;
  std::optional<std::string> treat_missing_data;
  std::optional<std::string> low_sample_count;  // EvaluateLowSampleCountPercentile
  runtime::Time updated;                        // the configuration
  std::string state;
  std::string reason;
  std::optional<std::string> reason_data;
  runtime::Time state_updated;
  runtime::Time transitioned;
  std::map<std::string, std::string> tags;
  bool has_action_configuration = false;
  std::optional<TagsPropagationRecord> tags_propagation;
  bool has_sliding_window = false;  // it was asked for: the only one there is here
  std::optional<CompositeRecord> composite;

  const std::string& stat() const { return statistic ? *statistic : *extended_statistic; }
  bool is_fast() const { return !composite && period < 60; }

  static constexpr auto fields =
      std::tuple{storage::field<1>(&AlarmRecord::arn),
                 storage::field<2>(&AlarmRecord::description),
                 storage::field<3>(&AlarmRecord::actions_enabled),
                 storage::field<4>(&AlarmRecord::ok_actions),
                 storage::field<5>(&AlarmRecord::alarm_actions),
                 storage::field<6>(&AlarmRecord::insufficient_data_actions),
                 storage::field<7>(&AlarmRecord::name_space),
                 storage::field<8>(&AlarmRecord::metric_name),
                 storage::field<9>(&AlarmRecord::dimensions),
                 storage::field<10>(&AlarmRecord::statistic),
                 storage::field<11>(&AlarmRecord::extended_statistic),
                 storage::field<12>(&AlarmRecord::period),
                 storage::field<13>(&AlarmRecord::unit),
                 storage::field<14>(&AlarmRecord::evaluation_periods),
                 storage::field<15>(&AlarmRecord::datapoints_to_alarm),
                 storage::field<16>(&AlarmRecord::threshold),
                 storage::field<17>(&AlarmRecord::comparison),
                 storage::field<18>(&AlarmRecord::treat_missing_data),
                 storage::field<19>(&AlarmRecord::low_sample_count),
                 storage::field<20>(&AlarmRecord::updated),
                 storage::field<21>(&AlarmRecord::state),
                 storage::field<22>(&AlarmRecord::reason),
                 storage::field<23>(&AlarmRecord::reason_data),
                 storage::field<24>(&AlarmRecord::state_updated),
                 storage::field<25>(&AlarmRecord::transitioned),
                 storage::field<26>(&AlarmRecord::tags),
                 storage::field<27>(&AlarmRecord::has_action_configuration),
                 storage::field<28>(&AlarmRecord::tags_propagation),
                 storage::field<29>(&AlarmRecord::has_sliding_window),
                 storage::field<30>(&AlarmRecord::composite)};
};

/// Account, region, name.
using AlarmKey = std::tuple<std::string, std::string, std::string>;
using AlarmsTable = storage::Table<AlarmKey, AlarmRecord>;
/// Alarms with periods below a minute, which are looked at more often.
using FastAlarmsTable = storage::Table<AlarmKey, bool>;

/// What an alarm is to a composite one.
struct DependenceRecord {
  bool is_child = false;       // its rule names it
  bool is_suppressor = false;  // of its actions
  static constexpr auto fields = std::tuple{storage::field<1>(&DependenceRecord::is_child),
                                            storage::field<2>(&DependenceRecord::is_suppressor)};
};

/// Account, region, alarm, the composite alarm that depends on it.
using DependenceKey = std::tuple<std::string, std::string, std::string, std::string>;
using DependencesTable = storage::Table<DependenceKey, DependenceRecord>;
/// When a period ends in which actions are held back; account, region, composite alarm.
using PeriodKey = std::tuple<runtime::Time, std::string, std::string, std::string>;
using PeriodsTable = storage::Table<PeriodKey, bool>;

struct HistoryRecord {
  std::string alarm;
  std::string kind;  // HistoryItemType
  std::string summary;
  std::string data;
  bool is_composite = false;
  static constexpr auto fields = std::tuple{
      storage::field<1>(&HistoryRecord::alarm), storage::field<2>(&HistoryRecord::kind),
      storage::field<3>(&HistoryRecord::summary), storage::field<4>(&HistoryRecord::data),
      storage::field<5>(&HistoryRecord::is_composite)};
};

/// Account, region, time, number.
using HistoryKey = std::tuple<std::string, std::string, runtime::Time, std::uint64_t>;
using HistoryTable = storage::Table<HistoryKey, HistoryRecord>;
/// Account, region, alarm, time, number.
using AlarmHistoryKey =
    std::tuple<std::string, std::string, std::string, runtime::Time, std::uint64_t>;
using AlarmHistoryTable = storage::Table<AlarmHistoryKey, bool>;

/// Account and name: dashboards are the same in all regions.
using DashboardKey = std::tuple<std::string, std::string>;

struct DashboardRecord {
  std::string body;  // as it was given
  runtime::Time modified;
  std::map<std::string, std::string> tags;
  static constexpr auto fields = std::tuple{storage::field<1>(&DashboardRecord::body),
                                            storage::field<2>(&DashboardRecord::modified),
                                            storage::field<3>(&DashboardRecord::tags)};
};

constexpr storage::TableId counters_table{0x0D00};
constexpr storage::TableId metrics_table{0x0D01};
constexpr storage::TableId points_table{0x0D02};
constexpr storage::TableId alarms_table{0x0D10};
constexpr storage::TableId fast_alarms_table{0x0D11};
constexpr storage::TableId history_table{0x0D12};
constexpr storage::TableId alarm_history_table{0x0D13};
constexpr storage::TableId dependences_table{0x0D14};
constexpr storage::TableId periods_table{0x0D15};
constexpr storage::TableId dashboards_table{0x0D20};

}  // namespace matinee::cloudwatch
