#include "services/dynamodb/item_store.h"

#include <algorithm>

#include "services/dynamodb/values/size.h"

namespace matinee::dynamodb {
namespace {

ItemPlace place_of(const TableRecord& table, const ItemKey& key) {
  return {table.number, key.hash, storage::RawKey{key.bytes}};
}

EntryPlace place_of(const TableRecord& table, const IndexRecord& index, const ItemKey& key) {
  return {table.number, index.number, key.hash, storage::RawKey{key.bytes}};
}

// An item as an index has it.
struct Entry {
  std::optional<ItemKey> key;
  Item attributes;
  std::size_t bytes = 0;

  Entry(const TableRecord& table, const IndexRecord& index, const Item* item) {
    if (!item) return;
    key = find_entry_key(table, index, *item);
    if (!key) return;
    attributes = project_entry(table, index, *item);
    bytes = size_of(attributes);
  }
};

}  // namespace

Item project_entry(const TableRecord& table, const IndexRecord& index, const Item& item) {
  if (index.projection == ProjectionType::all) return item;
  Item result = entry_key_attributes(table, index, item);
  for (const std::string& name : index.non_key_attributes) {
    const auto found = item.find(name);
    if (found != item.end()) result.insert(*found);
  }
  return result;
}

/// Only once the removal is committed: until then a rollback would leave the counts unread.
void ContentCounts::forget(const TableRecord& table) {
  store_.on_commit([this, number = table.number] {
    known_.erase(known_.lower_bound({number, 0}), known_.lower_bound({number + 1, 0}));
  });
}

ItemStore::ItemStore(storage::Store& store, ChangeLog& changes, PastVersions& past)
    : views_(store, items_id),
      items_(store, items_id),
      sizes_(store, items_id),
      entries_(store, index_entries_id),
      counts_(store),
      expiries_(store),
      changes_(changes),
      past_(past) {}

std::optional<StoredItem> ItemStore::find(const TableRecord& table, const ItemKey& key) const {
  return items_.find(place_of(table, key));
}

ItemSnapshot::ItemSnapshot(storage::Store& store) : items_(Items(store, items_id).cursor()) {}

std::optional<StoredItem> ItemSnapshot::find(const TableRecord& table, const ItemKey& key) {
  const std::string place = storage::encode_key(place_of(table, key));
  items_.seek_encoded(place);
  if (!items_.valid() || items_.encoded_key() != place) return std::nullopt;
  return items_.record();
}

WriteCost ItemStore::put(const TableRecord& table, const ItemKey& key, const Item& item) {
  if (!table.indexes.empty() || table.stream_view_type || table.time_to_live_attribute ||
      past_.are_kept(table)) {
    const std::optional<StoredItem> old = find(table, key);
    return replace(table, key, old ? &*old : nullptr, item);
  }
  const std::optional<StoredSize> old = sizes_.find(place_of(table, key));
  const auto old_bytes = old ? std::optional(old->bytes) : std::nullopt;
  return write(table, key, old_bytes, {size_of(item), &item});
}

WriteCost ItemStore::replace(const TableRecord& table, const ItemKey& key, const StoredItem* old,
                             const Item& item) {
  if (past_.are_kept(table)) past_.save(table, key, old, &item);
  const auto old_bytes = old ? std::optional(old->bytes) : std::nullopt;
  WriteCost cost = write(table, key, old_bytes, {size_of(item), &item});
  const Item* before = old ? &old->attributes : nullptr;
  replace_entries(table, before, &item, cost);
  expiries_.replace(table, key, before, &item);
  changes_.append(table, before, &item);
  return cost;
}

WriteCost ItemStore::write(const TableRecord& table, const ItemKey& key,
                           std::optional<std::size_t> old_bytes, const StoredView& now) {
  views_.put(place_of(table, key), now);
  counts_.replace(table, 0, old_bytes, now.bytes);
  return {.bytes = std::max(old_bytes.value_or(0), now.bytes)};
}

WriteCost ItemStore::erase(const TableRecord& table, const ItemKey& key, const StoredItem& old,
                           Remover remover) {
  if (past_.are_kept(table)) past_.save(table, key, &old, nullptr);
  items_.erase(place_of(table, key));
  counts_.replace(table, 0, old.bytes, std::nullopt);
  WriteCost cost{.bytes = old.bytes};
  replace_entries(table, &old.attributes, nullptr, cost);
  expiries_.replace(table, key, &old.attributes, nullptr);
  changes_.append(table, &old.attributes, nullptr, remover == Remover::time_to_live);
  return cost;
}

void ContentCounts::replace(const TableRecord& table, std::uint32_t index,
                            std::optional<std::size_t> old_bytes,
                            std::optional<std::size_t> new_bytes) {
  if (old_bytes == new_bytes) return;
  const Key key{table.number, index};
  auto place = known_.find(key);
  if (place == known_.end()) {
    place =
        known_.emplace(key, contents_.find({table.number, index}).value_or(ContentRecord{})).first;
  }
  store_.on_rollback([this, key] { known_.erase(key); });
  ContentRecord& content = place->second;
  content.items += int{new_bytes.has_value()} - int{old_bytes.has_value()};
  content.bytes += static_cast<std::int64_t>(new_bytes.value_or(0)) -
                   static_cast<std::int64_t>(old_bytes.value_or(0));
  contents_.put({table.number, index}, content);
}

void ContentCounts::forget(const TableRecord& table, std::uint32_t index) {
  store_.on_commit([this, key = Key{table.number, index}] { known_.erase(key); });
}

bool ItemStore::visit_after(const TableRecord& table, const std::optional<ItemKey>& after,
                            const std::function<bool(const ItemKey&, const Item&)>& visit) const {
  storage::KeyRange range = items_.prefix(table.number);
  if (after) range = items_.after(range, place_of(table, *after));
  bool goes_on = true;
  items_.scan(range, [&](const ItemPlace& place, const StoredItem& item) {
    goes_on = visit({std::get<1>(place), std::get<2>(place).bytes}, item.attributes);
    return goes_on;
  });
  return goes_on;
}

void ItemStore::fill(const TableRecord& table, const IndexRecord& index, const Item& item) {
  const Entry entry(table, index, &item);
  if (!entry.key || entries_.contains(place_of(table, index, *entry.key))) return;
  entries_.put(place_of(table, index, *entry.key), {entry.bytes, &entry.attributes});
  counts_.replace(table, index.number, std::nullopt, entry.bytes);
}

void ItemStore::fill_expiry(const TableRecord& table, const ItemKey& key, const Item& item) {
  if (const auto when = expiry_of(table, item)) expiries_.add(table, key, *when);
}

void ItemStore::replace_entries(const TableRecord& table, const Item* old, const Item* now,
                                WriteCost& cost) {
  for (const IndexRecord& index : table.indexes) {
    std::vector<std::size_t> writes = replace_entry(table, index, old, now);
    if (!writes.empty()) cost.indexes.push_back({&index, std::move(writes)});
  }
}

// The bytes of what was written or removed.
std::vector<std::size_t> ItemStore::replace_entry(const TableRecord& table,
                                                  const IndexRecord& index, const Item* old,
                                                  const Item* now) {
  Entry before(table, index, old);
  const Entry after(table, index, now);
  // An index that is filling may not have met the item yet.
  if (index.is_filling && before.key && !entries_.contains(place_of(table, index, *before.key)))
    before.key.reset();
  if (!before.key && !after.key) return {};
  const bool same_place = before.key && after.key && before.key->bytes == after.key->bytes;
  if (same_place && before.attributes == after.attributes) return {};
  if (before.key && !same_place) entries_.erase(place_of(table, index, *before.key));
  if (after.key) entries_.put(place_of(table, index, *after.key), {after.bytes, &after.attributes});
  counts_.replace(table, index.number, before.key ? std::optional(before.bytes) : std::nullopt,
                  after.key ? std::optional(after.bytes) : std::nullopt);
  if (same_place) return {std::max(before.bytes, after.bytes)};
  std::vector<std::size_t> writes;
  if (before.key) writes.push_back(before.bytes);
  if (after.key) writes.push_back(after.bytes);
  return writes;
}

}  // namespace matinee::dynamodb
