// What the store keeps of buses, rules, targets, archives, replays and connections.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "runtime/clock.h"
#include "storage/table.h"

namespace matinee::events {

using Text = std::optional<std::string>;
/// In the order in which they were given.
using Tags = std::vector<std::pair<std::string, std::string>>;

struct BusRecord {
  runtime::Time created;
  runtime::Time modified;
  Text description;
  Text key;
  Text dead_letter_queue;
  Text log_detail;
  Text log_level;
  Text policy;
  Tags tags;
  std::uint64_t rules = 0;

  static constexpr auto fields = std::tuple{storage::field<1>(&BusRecord::created),
                                            storage::field<2>(&BusRecord::modified),
                                            storage::field<3>(&BusRecord::description),
                                            storage::field<4>(&BusRecord::key),
                                            storage::field<5>(&BusRecord::dead_letter_queue),
                                            storage::field<6>(&BusRecord::log_detail),
                                            storage::field<7>(&BusRecord::log_level),
                                            storage::field<8>(&BusRecord::policy),
                                            storage::field<9>(&BusRecord::tags),
                                            storage::field<10>(&BusRecord::rules)};
};

struct RuleRecord {
  Text pattern;
  Text schedule;
  std::string state;
  Text description;
  Text role;
  Text managed_by;
  std::string created_by;
  Tags tags;
  std::uint64_t targets = 0;
  runtime::Time start;  // from which rates count
  std::optional<runtime::Time> next;

  static constexpr auto fields = std::tuple{
      storage::field<1>(&RuleRecord::pattern),    storage::field<2>(&RuleRecord::schedule),
      storage::field<3>(&RuleRecord::state),      storage::field<4>(&RuleRecord::description),
      storage::field<5>(&RuleRecord::role),       storage::field<6>(&RuleRecord::managed_by),
      storage::field<7>(&RuleRecord::created_by), storage::field<8>(&RuleRecord::tags),
      storage::field<9>(&RuleRecord::targets),    storage::field<10>(&RuleRecord::start),
      storage::field<11>(&RuleRecord::next)};
};

struct ArchiveRecord {
  std::uint64_t number = 0;  // of its events; never used twice
  std::string bus;
  Text description;
  Text pattern;
  Text key;
  std::int32_t retention_days = 0;  // 0: for ever
  runtime::Time created;
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
  std::string incarnation;  // tells it from others of its name, before and after

  static constexpr auto fields = std::tuple{storage::field<1>(&ArchiveRecord::number),
                                            storage::field<2>(&ArchiveRecord::bus),
                                            storage::field<3>(&ArchiveRecord::description),
                                            storage::field<4>(&ArchiveRecord::pattern),
                                            storage::field<5>(&ArchiveRecord::key),
                                            storage::field<6>(&ArchiveRecord::retention_days),
                                            storage::field<7>(&ArchiveRecord::created),
                                            storage::field<8>(&ArchiveRecord::events),
                                            storage::field<9>(&ArchiveRecord::bytes),
                                            storage::field<10>(&ArchiveRecord::incarnation)};
};

struct ReplayRecord {
  Text description;
  std::string archive;
  std::string bus;
  std::vector<std::string> filters;  // ARNs of rules
  runtime::Time from;
  runtime::Time to;
  runtime::Time started;
  std::optional<runtime::Time> ended;
  std::optional<runtime::Time> last;  // of the event that was replayed last
  std::string state;
  std::uint64_t next = 0;  // the number of the archived event to go on with, at `position`
  runtime::Time position;

  static constexpr auto fields = std::tuple{
      storage::field<1>(&ReplayRecord::description), storage::field<2>(&ReplayRecord::archive),
      storage::field<3>(&ReplayRecord::bus),         storage::field<4>(&ReplayRecord::filters),
      storage::field<5>(&ReplayRecord::from),        storage::field<6>(&ReplayRecord::to),
      storage::field<7>(&ReplayRecord::started),     storage::field<8>(&ReplayRecord::ended),
      storage::field<9>(&ReplayRecord::last),        storage::field<10>(&ReplayRecord::state),
      storage::field<11>(&ReplayRecord::next),       storage::field<12>(&ReplayRecord::position)};
};

/// Account, region, name.
using NameKey = std::tuple<std::string, std::string, std::string>;
/// Account, region, bus, rule.
using RuleKey = std::tuple<std::string, std::string, std::string, std::string>;
/// Account, region, bus, rule, id.
using TargetKey = std::tuple<std::string, std::string, std::string, std::string, std::string>;
/// Account, region, bus, ARN of the target, rule.
using ByTargetKey = TargetKey;
/// When a rule fires next, and which.
using DueKey = std::tuple<std::int64_t, std::string, std::string, std::string, std::string>;
/// Number of the archive, when, number of the event.
using ArchivedKey = std::tuple<std::uint64_t, std::int64_t, std::uint64_t>;

using Buses = storage::Table<NameKey, BusRecord>;
using Rules = storage::Table<RuleKey, RuleRecord>;
/// In JSON, as PutTargets has it.
using Targets = storage::Table<TargetKey, std::string>;
/// How many targets of that ARN the rule has.
using ByTarget = storage::Table<ByTargetKey, std::uint32_t>;
using Due = storage::Table<DueKey, std::uint8_t>;
using Archives = storage::Table<NameKey, ArchiveRecord>;
/// The event in JSON.
using Archived = storage::Table<ArchivedKey, std::string>;
using Replays = storage::Table<NameKey, ReplayRecord>;
using ActiveReplays = storage::Table<NameKey, std::uint8_t>;
using Counters = storage::Table<std::uint8_t, std::uint64_t>;

}  // namespace matinee::events
