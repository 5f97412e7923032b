// One page of a query or a scan: items of a table or an index in the order of their keys, filtered
// and projected, until a limit is reached.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "runtime/loop.h"
#include "runtime/task.h"
#include "services/dynamodb/expressions/key_condition.h"
#include "services/dynamodb/heavy_conditions.h"
#include "services/dynamodb/item_key.h"
#include "services/dynamodb/item_store.h"

namespace matinee::dynamodb {

/// A page ends with the item that brings it to this size or above it.
inline constexpr std::size_t max_page_bytes = std::size_t{1} << 20;

/// Where to read, and what to make of what is there.
struct PageRequest {
  const TableRecord* table = nullptr;
  const IndexRecord* index = nullptr;  // null for the table itself
  storage::KeyRange range;             // of the store
  bool backward = false;
  std::optional<std::size_t> limit;  // of items looked at
  const expressions::Condition* filter = nullptr;
  const expressions::Projection* projection = nullptr;
  bool only_count = false;
  bool whole_items = false;  // of an index: what it does not hold is read from the table
};

struct Page {
  std::vector<Item> items;
  std::int32_t count = 0;  // that passed the filter
  std::int32_t scanned = 0;
  std::optional<Item> last_key;            // where the next page goes on; nothing at the end
  std::size_t bytes = 0;                   // looked at
  std::vector<std::size_t> fetched_bytes;  // of each item read from the table besides
};

class PageReader {
 public:
  PageReader(storage::Store& store, runtime::Turns& turns, HeavyConditions& heavy)
      : table_items_(store, items_id),
        entries_(store, index_entries_id),
        turns_(turns),
        heavy_(heavy) {}

  /// Gives way when it takes long; the page is of the moment when it began all the same. Reader and
  /// request, and what that points to, must outlive the task.
  runtime::Task<Page> read(const PageRequest& request) const;

  /// All that the table or index holds.
  storage::KeyRange whole(const TableRecord& table, const IndexRecord* index) const;
  /// Partitions of a table or index by their hash: from <= hash < to, of 65536.
  storage::KeyRange hashes(const TableRecord& table, const IndexRecord* index, std::uint32_t from,
                           std::uint32_t to) const;
  /// All items whose key begins with these bytes.
  storage::KeyRange partition(const TableRecord& table, const IndexRecord* index,
                              const ItemKey& key) const;
  /// The part of a partition that a condition on the sort key selects.
  storage::KeyRange search(const PageRequest& page, const ItemKey& partition_key,
                           const expressions::KeyCondition& condition) const;
  /// `range` without `key` and what comes before it in the direction of reading.
  storage::KeyRange after(storage::KeyRange range, const PageRequest& request,
                          const ItemKey& key) const;

 private:
  Items table_items_;
  IndexEntries entries_;
  runtime::Turns& turns_;
  HeavyConditions& heavy_;

  template <class TableCursor>
  runtime::Task<Page> read_from(TableCursor cursor, const PageRequest& request) const;
};

}  // namespace matinee::dynamodb
