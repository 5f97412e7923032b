// The tables of CloudWatch Logs, and what finds groups and streams in them.
#pragma once

#include "services/logs/catalog/records.h"
#include "services/reset.h"

namespace matinee::logs {

/// A group, and the name that it has.
struct Group {
  NameKey key;
  GroupRecord record;

  const std::string& account() const { return std::get<0>(key); }
  const std::string& region() const { return std::get<1>(key); }
  const std::string& name() const { return std::get<2>(key); }
};

struct Stream {
  std::string name;
  StreamRecord record;
};

/// The numbers that groups of an account and region have: from the first up to before the second.
std::pair<GroupNumber, GroupNumber> groups_of(const ScopeRecord& scope);

/// What streams are ordered by: the second of the last event, so that an order changes once a
/// second at most however often a stream is written to. Streams without events come first.
inline std::int64_t order_of(std::optional<Milliseconds> last_event) {
  constexpr Milliseconds a_second = 1000;
  return last_event.value_or(0) / a_second;
}

class Catalog {
 public:
  explicit Catalog(storage::Store& store);

  storage::Store& store() const { return groups.store(); }

  std::optional<Group> find_group(const NameKey& key) const;
  /// Null for a group that is gone.
  std::optional<Group> find_group(GroupNumber number) const;
  Group add_group(const NameKey& key, GroupRecord record);
  void change(const Group& group) { groups.put(group.key, group.record); }
  /// With all that belongs to it.
  void remove(const Group& group);

  GroupCounters counters_of(GroupNumber group) const {
    return counters.find(group).value_or(GroupCounters{});
  }

  std::optional<Stream> find_stream(GroupNumber group, const std::string& name) const;
  Stream add_stream(GroupNumber group, const std::string& name, Milliseconds now);
  void change(GroupNumber group, const Stream& stream) {
    streams.put({group, stream.name}, stream.record);
  }
  /// Where its last event may be another than before.
  void change(GroupNumber group, const Stream& stream,
              std::optional<Milliseconds> last_event_before);
  void add_to_order(GroupNumber group, const Stream& stream);
  /// Its blocks are left to be removed by and by: see Remains.
  void remove(GroupNumber group, const Stream& stream);

  /// Everything of an account, or everything.
  void reset(const services::ResetScope& scope);

  storage::Table<std::tuple<std::string, std::string>, ScopeRecord> scopes;
  storage::Table<NameKey, GroupRecord> groups;
  /// Account, region and name of each group.
  storage::Table<GroupNumber, std::vector<std::string>> group_names;
  storage::Table<GroupNumber, GroupCounters> counters;
  /// Groups whose events expire, with their days.
  storage::Table<GroupNumber, std::int32_t> expiring;
  storage::Table<std::tuple<GroupNumber, std::string>, StreamRecord> streams;
  storage::Table<std::tuple<GroupNumber, StreamNumber>, std::string> stream_names;
  /// By `order_of` their last events, and their names.
  storage::Table<std::tuple<GroupNumber, std::int64_t, std::string>, bool> streams_by_time;
  /// By the time of their first event. Blocks of all streams of a group, as one.
  storage::Table<std::tuple<GroupNumber, Milliseconds, Sequence>, BlockBytes> blocks;
  storage::Table<std::tuple<GroupNumber, StreamNumber, Milliseconds, Sequence>, BlockEntry>
      blocks_of_streams;
  /// Streams that were deleted, and have blocks left.
  storage::Table<std::tuple<GroupNumber, StreamNumber>, bool> remains;
  storage::Table<std::tuple<GroupNumber, std::string>, MetricFilterRecord> metric_filters;
  storage::Table<std::tuple<GroupNumber, std::string>, SubscriptionFilterRecord>
      subscription_filters;
  storage::Table<NameKey, DestinationRecord> destinations;
  storage::Table<NameKey, ResourcePolicyRecord> resource_policies;
  /// Account, region, kind and name.
  storage::Table<std::tuple<std::string, std::string, std::string, std::string>,
                 AccountPolicyRecord>
      account_policies;
  storage::Table<NameKey, QueryDefinitionRecord> query_definitions;
  storage::Table<NameKey, ExportTaskRecord> export_tasks;
  /// Account, region and id of those that are pending or running.
  storage::Table<NameKey, bool> running_exports;

 private:
  storage::Table<std::uint64_t, std::uint64_t> numbers_;

  void erase_groups(GroupNumber first, GroupNumber end);
};

}  // namespace matinee::logs
