#include "services/logs/catalog/catalog.h"

namespace matinee::logs {

namespace {

constexpr std::uint64_t last_scope = 1;
constexpr int scope_shift = 32;

constexpr storage::TableId table(std::uint16_t number) {
  return storage::TableId{static_cast<std::uint16_t>(0x0C00 + number)};
}

}  // namespace

std::pair<GroupNumber, GroupNumber> groups_of(const ScopeRecord& scope) {
  return {scope.number << scope_shift, (scope.number + 1) << scope_shift};
}

Catalog::Catalog(storage::Store& store)
    : scopes(store, table(0x01)),
      groups(store, table(0x02)),
      group_names(store, table(0x03)),
      counters(store, table(0x04)),
      expiring(store, table(0x05)),
      streams(store, table(0x06)),
      stream_names(store, table(0x07)),
      streams_by_time(store, table(0x14)),
      blocks(store, table(0x08)),
      blocks_of_streams(store, table(0x09)),
      remains(store, table(0x0A)),
      metric_filters(store, table(0x0B)),
      subscription_filters(store, table(0x0C)),
      destinations(store, table(0x0D)),
      resource_policies(store, table(0x0E)),
      account_policies(store, table(0x0F)),
      query_definitions(store, table(0x10)),
      export_tasks(store, table(0x11)),
      running_exports(store, table(0x12)),
      numbers_(store, table(0x13)) {}

std::optional<Group> Catalog::find_group(const NameKey& key) const {
  std::optional<GroupRecord> record = groups.find(key);
  if (!record) return std::nullopt;
  return Group{.key = key, .record = std::move(*record)};
}

std::optional<Group> Catalog::find_group(GroupNumber number) const {
  const std::optional<std::vector<std::string>> name = group_names.find(number);
  if (!name) return std::nullopt;
  return find_group(NameKey{name->at(0), name->at(1), name->at(2)});
}

Group Catalog::add_group(const NameKey& key, GroupRecord record) {
  const std::tuple owner(std::get<0>(key), std::get<1>(key));
  ScopeRecord scope = scopes.find(owner).value_or(ScopeRecord{});
  if (scope.number == 0) {
    scope.number = numbers_.find(last_scope).value_or(0) + 1;
    numbers_.put(last_scope, scope.number);
  }
  scope.last_group += 1;
  scopes.put(owner, scope);
  record.number = scope.number << scope_shift | scope.last_group;
  record.orders_streams = true;
  groups.put(key, record);
  group_names.put(record.number, {std::get<0>(key), std::get<1>(key), std::get<2>(key)});
  if (record.retention_days) expiring.put(record.number, *record.retention_days);
  return {.key = key, .record = std::move(record)};
}

void Catalog::remove(const Group& group) {
  groups.erase(group.key);
  erase_groups(group.record.number, group.record.number + 1);
}

/// Whatever has a key that begins with one of these numbers.
void Catalog::erase_groups(GroupNumber first, GroupNumber end) {
  const auto erase = [&](auto& table) { table.erase_range(table.between(first, end)); };
  erase(group_names);
  erase(counters);
  erase(expiring);
  erase(streams);
  erase(stream_names);
  erase(streams_by_time);
  erase(blocks);
  erase(blocks_of_streams);
  erase(remains);
  erase(metric_filters);
  erase(subscription_filters);
}

std::optional<Stream> Catalog::find_stream(GroupNumber group, const std::string& name) const {
  std::optional<StreamRecord> record = streams.find({group, name});
  if (!record) return std::nullopt;
  return Stream{.name = name, .record = *record};
}

Stream Catalog::add_stream(GroupNumber group, const std::string& name, Milliseconds now) {
  GroupCounters counted = counters_of(group);
  counted.last_stream += 1;
  counters.put(group, counted);
  Stream stream{.name = name, .record = {.number = counted.last_stream, .created = now}};
  change(group, stream);
  stream_names.put({group, stream.record.number}, name);
  add_to_order(group, stream);
  return stream;
}

void Catalog::change(GroupNumber group, const Stream& stream,
                     std::optional<Milliseconds> last_event_before) {
  change(group, stream);
  const std::int64_t before = order_of(last_event_before);
  if (before == order_of(stream.record.last_event)) return;
  streams_by_time.erase({group, before, stream.name});
  add_to_order(group, stream);
}

void Catalog::add_to_order(GroupNumber group, const Stream& stream) {
  streams_by_time.put({group, order_of(stream.record.last_event), stream.name}, true);
}

void Catalog::remove(GroupNumber group, const Stream& stream) {
  streams.erase({group, stream.name});
  stream_names.erase({group, stream.record.number});
  streams_by_time.erase({group, order_of(stream.record.last_event), stream.name});
  if (stream.record.last_sequence == 0) return;
  GroupCounters counted = counters_of(group);
  counted.stored_bytes -= std::min(counted.stored_bytes, stream.record.stored_bytes);
  counters.put(group, counted);
  remains.put({group, stream.record.number}, true);
}

void Catalog::reset(const services::ResetScope& scope) {
  const auto range = [&](auto& table) {
    return scope.account ? table.prefix(*scope.account) : table.all();
  };
  scopes.scan(range(scopes), [&](const auto&, const ScopeRecord& owner) {
    const auto [first, end] = groups_of(owner);
    erase_groups(first, end);
    return true;
  });
  const auto erase = [&](auto& table) { table.erase_range(range(table)); };
  erase(scopes);
  erase(groups);
  erase(destinations);
  erase(resource_policies);
  erase(account_policies);
  erase(query_definitions);
  erase(export_tasks);
  erase(running_exports);
}

}  // namespace matinee::logs
