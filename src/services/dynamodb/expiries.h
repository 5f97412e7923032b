// When items expire: an entry for each item of a table with a time to live whose attribute is a
// number.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "runtime/clock.h"
#include "services/dynamodb/item_key.h"
#include "services/dynamodb/records.h"

namespace matinee::dynamodb {

/// Table, second since the epoch, and the item's place in its table.
using ExpiryPlace = std::tuple<std::uint64_t, std::int64_t, std::uint16_t, storage::RawKey>;
struct ExpiryRecord {
  static constexpr auto fields = std::tuple{};
};
using ExpiryTable = storage::Table<ExpiryPlace, ExpiryRecord>;

inline constexpr storage::TableId expiries_id{0x020c};

/// The second at which an item expires. Nothing where the attribute is missing, no number, or no
/// second that there can be; fractions are cut off.
std::optional<std::int64_t> expiry_of(const TableRecord& table, const Item& item);

class Expiries {
 public:
  /// Must outlive it.
  explicit Expiries(storage::Store& store) : store_(store), table_(store, expiries_id) {}

  /// An item became another; null stands for none. Does nothing where the table has no time to
  /// live.
  void replace(const TableRecord& table, const ItemKey& key, const Item* old, const Item* now);
  void add(const TableRecord& table, const ItemKey& key, std::int64_t when);
  void erase(const ExpiryPlace& place);
  /// Of all items of a table.
  void erase_all(const TableRecord& table);

  /// After the commit of an entry, with its second.
  std::function<void(std::int64_t)> on_add;

  /// The first item of a table to expire.
  std::optional<ExpiryPlace> first(const TableRecord& table);

 private:
  storage::Store& store_;
  ExpiryTable table_;
  /// Where looking for the first entry of a table begins: nothing is left before.
  std::map<std::uint64_t, std::string> left_;

  void lower(std::uint64_t table, const std::string& encoded);
};

}  // namespace matinee::dynamodb
