// What the store keeps of schedules and their groups. Keys begin with account and region, but for
// the table of what is due, which has to be in the order of time.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "runtime/clock.h"
#include "storage/table.h"

namespace matinee::scheduler {

/// Account, region, name.
using GroupKey = std::tuple<std::string, std::string, std::string>;
/// Account, region, group, name.
using ScheduleKey = std::tuple<std::string, std::string, std::string, std::string>;
/// When it fires, and what.
using DueKey = std::tuple<runtime::Time, std::string, std::string, std::string, std::string>;

inline constexpr storage::TableId groups_table{0x0F01};
inline constexpr storage::TableId schedules_table{0x0F02};
inline constexpr storage::TableId due_table{0x0F03};
inline constexpr storage::TableId next_table{0x0F04};
inline constexpr storage::TableId removals_table{0x0F05};
inline constexpr storage::TableId deletions_table{0x0F06};
inline constexpr storage::TableId deletion_times_table{0x0F07};

struct GroupRecord {
  runtime::Time created;
  runtime::Time modified;
  std::map<std::string, std::string> tags;
  bool deleting = false;
  std::string token;  // of the call that made it

  static constexpr auto fields =
      std::tuple{storage::field<1>(&GroupRecord::created),
                 storage::field<2>(&GroupRecord::modified), storage::field<3>(&GroupRecord::tags),
                 storage::field<4>(&GroupRecord::deleting), storage::field<5>(&GroupRecord::token)};
};

/// Only of kinds that are delivered to: others are refused when a schedule is made.
struct TargetRecord {
  std::string arn;
  std::string role;
  std::optional<std::string> input;  // encrypted where the schedule has a key
  std::optional<std::string> dead_letters;
  std::optional<std::int32_t> oldest_seconds;
  std::optional<std::int32_t> most_retries;
  std::optional<std::string> message_group;
  std::optional<std::string> detail_type;
  std::optional<std::string> source;
  bool has_sqs_parameters = false;

  bool operator==(const TargetRecord&) const = default;
  static constexpr auto fields = std::tuple{storage::field<1>(&TargetRecord::arn),
                                            storage::field<2>(&TargetRecord::role),
                                            storage::field<3>(&TargetRecord::input),
                                            storage::field<4>(&TargetRecord::dead_letters),
                                            storage::field<5>(&TargetRecord::oldest_seconds),
                                            storage::field<6>(&TargetRecord::most_retries),
                                            storage::field<7>(&TargetRecord::message_group),
                                            storage::field<8>(&TargetRecord::detail_type),
                                            storage::field<9>(&TargetRecord::source),
                                            storage::field<10>(&TargetRecord::has_sqs_parameters)};
};

/// What a request says of a schedule: two are the same where these are.
struct Definition {
  std::string expression;
  std::string zone;
  std::optional<runtime::Time> start;
  std::optional<runtime::Time> end;
  std::optional<std::string> description;
  bool enabled = true;
  std::optional<std::string> key;
  TargetRecord target;
  bool flexible = false;
  std::optional<std::int32_t> window_minutes;
  bool deletes_itself = false;

  bool operator==(const Definition&) const = default;
  static constexpr auto fields = std::tuple{storage::field<1>(&Definition::expression),
                                            storage::field<2>(&Definition::zone),
                                            storage::field<3>(&Definition::start),
                                            storage::field<4>(&Definition::end),
                                            storage::field<5>(&Definition::description),
                                            storage::field<6>(&Definition::enabled),
                                            storage::field<7>(&Definition::key),
                                            storage::field<8>(&Definition::target),
                                            storage::field<9>(&Definition::flexible),
                                            storage::field<10>(&Definition::window_minutes),
                                            storage::field<11>(&Definition::deletes_itself)};
};

struct ScheduleRecord {
  Definition definition;
  runtime::Time created;
  runtime::Time modified;
  runtime::Time origin;      // rates count from there
  std::string token;         // of the call that made it
  std::string update_token;  // of the call that changed it last

  static constexpr auto fields = std::tuple{storage::field<1>(&ScheduleRecord::definition),
                                            storage::field<2>(&ScheduleRecord::created),
                                            storage::field<3>(&ScheduleRecord::modified),
                                            storage::field<4>(&ScheduleRecord::origin),
                                            storage::field<5>(&ScheduleRecord::token),
                                            storage::field<6>(&ScheduleRecord::update_token)};
};

/// When a schedule fires next. What will not fire any more has none.
struct NextRecord {
  runtime::Time due;        // its entry in the table of what is due
  runtime::Time scheduled;  // as its expression says, without the flexible window

  static constexpr auto fields =
      std::tuple{storage::field<1>(&NextRecord::due), storage::field<2>(&NextRecord::scheduled)};
};

/// An entry in the table of what is due.
struct DueRecord {
  runtime::Time scheduled;

  static constexpr auto fields = std::tuple{storage::field<1>(&DueRecord::scheduled)};
};

/// A group whose schedules are being removed.
struct RemovalRecord {
  static constexpr auto fields = std::tuple{};
};

/// By which call a schedule, or a group (then without a schedule's name), was deleted.
struct DeletionRecord {
  std::string token;
  runtime::Time time;

  static constexpr auto fields = std::tuple{storage::field<1>(&DeletionRecord::token),
                                            storage::field<2>(&DeletionRecord::time)};
};

/// An entry in the table of deletions by their time.
struct DeletionTimeRecord {
  static constexpr auto fields = std::tuple{};
};

}  // namespace matinee::scheduler
