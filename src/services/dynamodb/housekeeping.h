// What tables do by themselves, a little at a time in rounds of the loop: new indexes are filled,
// items that have expired are removed. What a crash interrupts goes on after the next start.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>

#include "runtime/loop.h"
#include "services/dynamodb/catalog.h"
#include "services/dynamodb/item_store.h"

namespace matinee::dynamodb {

/// A table that is gone through from one item to the next, for one of its indexes or, as index 0,
/// for the times at which its items expire.
struct FillRecord {
  std::string account;
  std::string region;
  std::string table;
  std::uint16_t hash = 0;  // the place of the last item that was looked at
  std::string key;         // empty at the beginning

  static constexpr auto fields =
      std::tuple{storage::field<1>(&FillRecord::account), storage::field<2>(&FillRecord::region),
                 storage::field<3>(&FillRecord::table), storage::field<4>(&FillRecord::hash),
                 storage::field<5>(&FillRecord::key)};
};
/// Table and index.
using Fills = storage::Table<std::tuple<std::uint64_t, std::uint32_t>, FillRecord>;

/// Who has a time to live, by the number of the table: only its names are used.
struct ExpiringTable {
  std::string account;
  std::string region;
  std::string table;

  static constexpr auto fields = std::tuple{storage::field<1>(&ExpiringTable::account),
                                            storage::field<2>(&ExpiringTable::region),
                                            storage::field<3>(&ExpiringTable::table)};
};
using ExpiringTables = storage::Table<std::uint64_t, ExpiringTable>;

inline constexpr storage::TableId fills_id{0x020d};
inline constexpr storage::TableId expiring_tables_id{0x020e};

class Housekeeping {
 public:
  /// Goes on with what an earlier run has left. All must outlive it.
  Housekeeping(Catalog& catalog, ItemStore& items, storage::Store& store, runtime::Loop& loop);
  ~Housekeeping();
  Housekeeping(const Housekeeping&) = delete;
  Housekeeping& operator=(const Housekeeping&) = delete;

  /// Makes the entries of what a table has already. The index is usable when that has ended.
  void fill(const TableRecord& table, const IndexRecord& index);
  /// Items of a table expire from now on, those that are there as well.
  void begin_expiry(const TableRecord& table);
  void end_expiry(const TableRecord& table);
  /// A table, or one of its indexes, goes away.
  void forget(const TableRecord& table);
  void forget(const TableRecord& table, const IndexRecord& index);

 private:
  Catalog& catalog_;
  ItemStore& items_;
  storage::Store& store_;
  runtime::Loop& loop_;
  Fills fills_;
  ExpiringTables expiring_;
  bool is_posted_ = false;
  runtime::TimerId timer_ = runtime::TimerId::none;
  runtime::Time timer_at_;
  /// Steps that are still posted when this object ends must not run.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);

  void post();
  void step();
  /// True where there is more to do at once.
  bool fill_some();
  bool expire_some();
  bool expire_some(const TableRecord& table);
  void end_fill(const TableRecord& table, std::uint32_t index);
  void watch();
  void wait(runtime::Time when);
  std::optional<std::int64_t> next_expiry();
};

}  // namespace matinee::dynamodb
