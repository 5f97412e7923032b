#include "observed.h"

#include <fmt/format.h>

#include <algorithm>

namespace matinee::simulation::tables {
namespace {

constexpr auto retention = std::chrono::hours(24);

std::string name_of(const Table& table, const Index* index) {
  return index ? fmt::format("index {} of {}", index->name, table.name) : "table " + table.name;
}

std::string partition_of(const Table& table, const Index* index, const Json& item) {
  return key_of({.hash = index ? index->keys.hash : table.keys.hash}, item).text();
}

/// Which each partition has, in their order.
using Partitions = std::map<std::string, std::vector<std::string>>;

std::string find_difference_of_counts(const Table& table, const ObservedTable& observed) {
  const Json& description = observed.description;
  if (description.at("ItemCount").integer() != static_cast<std::int64_t>(table.items.size()))
    return fmt::format("table {} tells {} items, and has {}: {}", table.name,
                       description.at("ItemCount").integer(), table.items.size(),
                       Json(observed.items).text());
  std::size_t told = 0;
  for (const char* kind : {"LocalSecondaryIndexes", "GlobalSecondaryIndexes"}) {
    const Json* indexes = description.find(kind);
    if (!indexes) continue;
    for (const Json& one : indexes->array()) {
      const Index* index = table.find_index(one.at("IndexName").string());
      if (!index) return fmt::format("{} has an index that nobody made", table.name);
      ++told;
      const auto count = std::ranges::count_if(
          table.items, [&](const auto& item) { return is_in(*index, *item.second); });
      if (one.at("ItemCount").integer() != count)
        return fmt::format("{} tells {} entries, and has {}", name_of(table, index),
                           one.at("ItemCount").integer(), count);
      if ((one.at("IndexSizeBytes").integer() == 0) != (count == 0))
        return name_of(table, index) + " has a wrong size";
    }
  }
  if (told != table.indexes.size()) return table.name + " lacks an index";
  return {};
}

std::string find_difference_of_change(const Change& change, const Json& record) {
  const Json& told = record.at("dynamodb");
  Json::Object shown;
  for (const std::string name : {"Keys", "NewImage", "OldImage"})
    if (const Json* image = told.find(name)) shown[name] = *image;
  const bool is_expiry = record.find("userIdentity") != nullptr;
  if (record.at("eventName").string() == change.event && is_expiry == change.is_expiry &&
      Json(shown) == change.told)
    return {};
  return fmt::format("a stream tells {} {}, and not {} {}", record.at("eventName").string(),
                     Json(shown).text(), change.event, change.told.text());
}

/// Each key's changes are in order; those of different keys need not be.
std::string find_difference(const Model& model, const Stream& stream,
                            const ObservedStream& observed) {
  std::map<std::string, std::vector<const Change*>> expected;
  std::size_t count = 0;
  for (const auto& change : stream.changes) {
    if (change->to < model.now - retention) continue;
    expected[change->keys.text()].push_back(change.get());
    ++count;
  }
  if (count != observed.records.size())
    return fmt::format("the stream of {} has {} records instead of {}", stream.table,
                       observed.records.size(), count);
  std::string last;
  for (const Json& record : observed.records) {
    const Json& told = record.at("dynamodb");
    const std::string& number = told.at("SequenceNumber").string();
    if (!last.empty() && (number.size() != last.size() || number <= last))
      return "a stream's numbers do not grow";
    last = number;
    if (told.at("StreamViewType").string() != stream.view) return "a stream has another view";
    auto& changes = expected[told.at("Keys").text()];
    if (changes.empty()) return "a stream tells of a change that was not: " + told.text();
    if (std::string difference = find_difference_of_change(*changes.front(), record);
        !difference.empty())
      return difference;
    changes.erase(changes.begin());
  }
  return {};
}

/// A backup has a size where its table had items.
std::string find_difference_of_backups(const Model& model, const Observed& observed) {
  if (model.backups.size() != observed.backups.size())
    return fmt::format("there are {} backups instead of {}", observed.backups.size(),
                       model.backups.size());
  for (const auto& [name, table] : model.backups) {
    const auto found = observed.backups.find(name);
    if (found == observed.backups.end()) return "there is no backup " + name;
    if ((found->second == 0) != table.items.empty()) return "a wrong size has backup " + name;
  }
  return {};
}

/// The streams that can still be found, by their tables' names.
std::string find_difference_of_streams(const Model& model, const Observed& observed) {
  std::map<std::string, std::vector<const Stream*>> expected;
  for (const Stream& stream : model.streams)
    if (!stream.closed_at || *stream.closed_at >= model.now - retention)
      expected[stream.table].push_back(&stream);
  for (const Stream& stream : model.streams)
    if (model.is_on_edge(stream)) return {};
  if (expected.size() != observed.streams.size())
    return fmt::format("{} tables have streams instead of {}", observed.streams.size(),
                       expected.size());
  for (const auto& [table, streams] : observed.streams) {
    const auto& known = expected[table];
    if (known.size() != streams.size())
      return fmt::format("{} streams of {} instead of {}", streams.size(), table, known.size());
    for (std::size_t i = 0; i < known.size(); ++i)
      if (std::string difference = find_difference(model, *known[i], streams[i]);
          !difference.empty())
        return difference;
  }
  return {};
}

/// None of an index that is not there.
const Json::Array& entries_of(const ObservedTable& table, const std::string& index) {
  static const Json::Array none;
  const auto found = table.entries.find(index);
  return found == table.entries.end() ? none : found->second;
}

std::string find_difference_of_table(const Model& model, const Table& table,
                                     const ObservedTable& observed) {
  const bool streams = observed.description.find("StreamSpecification") != nullptr;
  if (streams != table.stream.has_value()) return table.name + " has a stream, or has none";
  if (observed.expires != table.time_to_live.has_value())
    return "items of " + table.name + " expire, or do not";
  if (observed.is_recoverable != table.is_recoverable)
    return table.name + " can be recovered, or cannot";
  std::string difference =
      find_difference(table, nullptr, observed.items, model.places(table.name, ""));
  for (const Index& index : table.indexes)
    if (difference.empty())
      difference = find_difference(table, &index, entries_of(observed, index.name),
                                   model.places(table.name, index.name));
  return difference.empty() ? find_difference_of_counts(table, observed) : difference;
}

ObservedTable observe_table(TablesMachine& machine, const std::string& name) {
  ObservedTable table;
  table.description = machine.ask("DescribeTable", Json::Object{{"TableName", name}}).at("Table");
  const Json named = Json::Object{{"TableName", name}};
  const Json expiry = machine.ask("DescribeTimeToLive", named).at("TimeToLiveDescription");
  table.expires = expiry.at("TimeToLiveStatus").string() == "ENABLED";
  const Json backups =
      machine.ask("DescribeContinuousBackups", named).at("ContinuousBackupsDescription");
  const Json& recovery = backups.at("PointInTimeRecoveryDescription");
  table.is_recoverable = recovery.at("PointInTimeRecoveryStatus").string() == "ENABLED";
  table.items = scan_all(machine, named);
  for (const char* kind : {"LocalSecondaryIndexes", "GlobalSecondaryIndexes"}) {
    const Json* indexes = table.description.find(kind);
    if (!indexes) continue;
    for (const Json& index : indexes->array()) {
      const std::string& index_name = index.at("IndexName").string();
      table.entries[index_name] =
          scan_all(machine, Json::Object{{"TableName", name}, {"IndexName", index_name}});
    }
  }
  return table;
}

}  // namespace

std::string find_difference(const Table& table, const Index* index, const Json::Array& items,
                            const std::vector<std::string>& places) {
  Partitions expected;
  for (const std::string& place : places)
    expected[partition_of(table, index, *table.items.at(place))].push_back(place);
  Partitions found;
  std::string last;
  for (const Json& item : items) {
    const std::string partition = partition_of(table, index, item);
    if (partition != last && found.contains(partition))
      return fmt::format("partition {} of {} is not together", partition, name_of(table, index));
    last = partition;
    const std::string place = table.place_of(item);
    found[partition].push_back(place);
    const auto known = table.items.find(place);
    if (known == table.items.end())
      return fmt::format("{} has {}, which is not there", name_of(table, index), place);
    if (const Json shown = Model::shown(table, index, *known->second); shown != item)
      return fmt::format("{} has {} and not {}", name_of(table, index), item.text(), shown.text());
  }
  if (found == expected) return {};
  for (const auto& [partition, all] : expected)
    if (found[partition] != all)
      return fmt::format("partition {} of {} has {} items instead of {}, or another order",
                         partition, name_of(table, index), found[partition].size(), all.size());
  return name_of(table, index) + " has a partition that is not there";
}

Json::Array scan_all(TablesMachine& machine, Json body) {
  Json::Array items;
  for (;;) {
    Json page = machine.ask("Scan", body);
    sort_sets(page);
    for (const Json& item : page.at("Items").array()) items.push_back(item);
    const Json* last = page.find("LastEvaluatedKey");
    if (!last) return items;
    body["ExclusiveStartKey"] = *last;
  }
}

std::vector<Json> read_stream(TablesMachine& machine, const std::string& arn) {
  std::vector<Json> records;
  const Json description =
      machine.ask("DescribeStream", Json::Object{{"StreamArn", arn}}).at("StreamDescription");
  for (const Json& shard : description.at("Shards").array()) {
    Json iterator =
        machine
            .ask("GetShardIterator", Json::Object{{"StreamArn", arn},
                                                  {"ShardId", shard.at("ShardId")},
                                                  {"ShardIteratorType", "TRIM_HORIZON"}})
            .at("ShardIterator");
    for (;;) {
      Json page = machine.ask("GetRecords", Json::Object{{"ShardIterator", iterator}});
      sort_sets(page);
      for (const Json& record : page.at("Records").array()) records.push_back(record);
      const Json* next = page.find("NextShardIterator");
      if (!next || page.at("Records").array().empty()) break;
      iterator = *next;
    }
  }
  return records;
}

Observed observe(TablesMachine& machine) {
  Observed observed;
  const Json listed = machine.ask("ListTables", Json::Object());
  for (const Json& name : listed.at("TableNames").array())
    observed.tables[name.string()] = observe_table(machine, name.string());
  const Json backups = machine.ask("ListBackups", Json::Object());
  for (const Json& backup : backups.at("BackupSummaries").array())
    observed.backups[backup.at("BackupName").string()] = backup.at("BackupSizeBytes").integer();
  const Json streams = machine.ask("ListStreams", Json::Object());
  for (const Json& stream : streams.at("Streams").array()) {
    const std::string& arn = stream.at("StreamArn").string();
    observed.streams[stream.at("TableName").string()].push_back({arn, read_stream(machine, arn)});
  }
  return observed;
}

std::string find_difference(const Model& model, const Observed& observed) {
  if (model.tables.size() != observed.tables.size())
    return fmt::format("there are {} tables instead of {}", observed.tables.size(),
                       model.tables.size());
  for (const auto& [name, table] : model.tables) {
    const auto found = observed.tables.find(name);
    if (found == observed.tables.end()) return fmt::format("there is no table {}", name);
    if (std::string difference = find_difference_of_table(model, table, found->second);
        !difference.empty())
      return difference;
  }
  if (std::string difference = find_difference_of_backups(model, observed); !difference.empty())
    return difference;
  return find_difference_of_streams(model, observed);
}

}  // namespace matinee::simulation::tables
