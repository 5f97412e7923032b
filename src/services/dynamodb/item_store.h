// The items of tables, the entries of their indexes and what their streams tell, changed together.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "services/dynamodb/change_log.h"
#include "services/dynamodb/expiries.h"
#include "services/dynamodb/item_key.h"
#include "services/dynamodb/past_versions.h"
#include "services/dynamodb/records.h"

namespace matinee::dynamodb {

/// What a write took, in bytes, to be charged as capacity.
struct WriteCost {
  struct Index {
    const IndexRecord* index;
    std::vector<std::size_t> writes;  // the bytes of each entry written or removed
  };

  std::size_t bytes = 0;  // of the larger of the old and the new item
  std::vector<Index> indexes;
};

/// How much each table and index holds, kept up to date by every write. What has been read or
/// written stays in memory; a rollback makes it be read again.
class ContentCounts {
 public:
  explicit ContentCounts(storage::Store& store) : store_(store), contents_(store, contents_id) {}

  /// The item or entry of `old_bytes` became one of `new_bytes`; nothing stands for no item.
  void replace(const TableRecord& table, std::uint32_t index, std::optional<std::size_t> old_bytes,
               std::optional<std::size_t> new_bytes);

  /// What is known of a table that goes away.
  void forget(const TableRecord& table);
  void forget(const TableRecord& table, std::uint32_t index);

 private:
  using Key = std::pair<std::uint64_t, std::uint32_t>;

  storage::Store& store_;
  Contents contents_;
  std::map<Key, ContentRecord> known_;
};

/// Who takes an item away.
enum class Remover { caller, time_to_live };

class ItemStore {
 public:
  /// All must outlive it.
  ItemStore(storage::Store& store, ChangeLog& changes, PastVersions& past);

  std::optional<StoredItem> find(const TableRecord& table, const ItemKey& key) const;

  /// Stores an item, and its entries, in place of what is there. `item` must have passed
  /// require_item_keys, and be within the size limit.
  WriteCost put(const TableRecord& table, const ItemKey& key, const Item& item);
  /// As above, where the caller has read what is there: `old` is null where that is nothing.
  WriteCost replace(const TableRecord& table, const ItemKey& key, const StoredItem* old,
                    const Item& item);
  /// Removes what `find` gave.
  WriteCost erase(const TableRecord& table, const ItemKey& key, const StoredItem& old,
                  Remover remover = Remover::caller);

  /// Visits the items of a table in the order of their keys, after one of them or from the first,
  /// until `visit` returns false. True where there are no more.
  bool visit_after(const TableRecord& table, const std::optional<ItemKey>& after,
                   const std::function<bool(const ItemKey&, const Item&)>& visit) const;
  /// Adds an item that the table has to an index that is filling, unless it is there.
  void fill(const TableRecord& table, const IndexRecord& index, const Item& item);
  void fill_expiry(const TableRecord& table, const ItemKey& key, const Item& item);

  Expiries& expiries() { return expiries_; }

  /// After the removal of an index, or of a table with all of them, from the catalog.
  void forget(const TableRecord& table, const IndexRecord& index) {
    counts_.forget(table, index.number);
  }
  void forget(const TableRecord& table) { counts_.forget(table); }

 private:
  ItemViews views_;
  Items items_;
  ItemSizes sizes_;
  EntryViews entries_;
  ContentCounts counts_;
  Expiries expiries_;
  ChangeLog& changes_;
  PastVersions& past_;

  WriteCost write(const TableRecord& table, const ItemKey& key,
                  std::optional<std::size_t> old_bytes, const StoredView& now);
  void replace_entries(const TableRecord& table, const Item* old, const Item* now, WriteCost& cost);
  std::vector<std::size_t> replace_entry(const TableRecord& table, const IndexRecord& index,
                                         const Item* old, const Item* now);
};

/// The items of all tables as they are at the moment when this is made.
class ItemSnapshot {
 public:
  explicit ItemSnapshot(storage::Store& store);

  std::optional<StoredItem> find(const TableRecord& table, const ItemKey& key);

 private:
  storage::TableCursor<ItemPlace, StoredItem> items_;
};

/// What an index keeps of an item.
Item project_entry(const TableRecord& table, const IndexRecord& index, const Item& item);

}  // namespace matinee::dynamodb
