// What items were before: kept of tables that have backups or the recovery to a point in time, so
// that a table can be read as it was at a moment (history/table_view.h). Copy on write: whoever
// changes an item saves the old one in the same transaction, and a backup itself copies nothing.
//
// A moment is the time of a transaction and its number, so that of two transactions of the same
// microsecond one is before the other. All that a transaction changes has its one moment.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "runtime/clock.h"
#include "services/dynamodb/item_key.h"
#include "services/dynamodb/records.h"

namespace matinee::dynamodb {

/// Between two transactions: what is at or before it has happened.
struct Moment {
  runtime::Time time;
  std::uint64_t number = 0;

  auto operator<=>(const Moment&) const = default;
  static constexpr auto fields =
      std::tuple{storage::field<1>(&Moment::time), storage::field<2>(&Moment::number)};
};

/// With all that happened until then, in this microsecond too.
constexpr Moment end_of(runtime::Time time) {
  return {time, std::numeric_limits<std::uint64_t>::max()};
}

/// An item as it was until its version's moment; nothing where there was none.
struct VersionRecord {
  std::optional<StoredItem> item;

  static constexpr auto fields = std::tuple{storage::field<1>(&VersionRecord::item)};
};
/// As above, for writing what somebody else owns.
struct VersionView {
  std::optional<StoredView> item;

  static constexpr auto fields = std::tuple{storage::field<1>(&VersionView::item)};
};

/// The place of the item, whose key is followed by the moment at which the version ended (16
/// bytes). No item's key begins with another's, so all versions of an item are in one row.
using Versions = storage::Table<ItemPlace, VersionRecord>;
using VersionViews = storage::Table<ItemPlace, VersionView>;
inline constexpr std::size_t moment_bytes = 16;

/// Recovery to a point in time, where it is switched on.
struct RecoveryRecord {
  runtime::Time since;
  std::int32_t days = 35;  // RecoveryPeriodInDays, where none is given

  static constexpr auto fields = std::tuple{storage::field<1>(&RecoveryRecord::since),
                                            storage::field<2>(&RecoveryRecord::days)};
};

/// Of a table whose past is kept, be the table itself there or removed.
struct GuardRecord {
  std::string account;
  std::string region;
  std::string table;
  std::optional<RecoveryRecord> recovery;
  Moment boundary;                      // the latest at which somebody began to need the past
  bool is_removed = false;              // the table: its items are kept for its backups alone
  std::optional<runtime::Time> oldest;  // when the oldest version ended that is there for recovery
  runtime::Time trimmed_at;             // when the last pass over the versions began

  static constexpr auto fields = std::tuple{
      storage::field<1>(&GuardRecord::account),  storage::field<2>(&GuardRecord::region),
      storage::field<3>(&GuardRecord::table),    storage::field<4>(&GuardRecord::recovery),
      storage::field<5>(&GuardRecord::boundary), storage::field<6>(&GuardRecord::is_removed),
      storage::field<7>(&GuardRecord::oldest),   storage::field<8>(&GuardRecord::trimmed_at)};
};
using Guards = storage::Table<std::uint64_t, GuardRecord>;

/// Who needs a table as it was at a moment.
enum class NeedKind : std::uint8_t { backup = 1, restore = 2, export_ = 3 };
struct NeedRecord {
  static constexpr auto fields = std::tuple{};
};
/// Table, time and number of the moment, kind, and a number by which those of a kind differ.
using NeedPlace = std::tuple<std::uint64_t, runtime::Time, std::uint64_t, NeedKind, std::uint64_t>;
using Needs = storage::Table<NeedPlace, NeedRecord>;

/// A pass over the versions of a table that removes those which nobody needs any more.
struct TrimRecord {
  std::uint16_t hash = 0;  // the place of the last version that was looked at
  std::string key;         // empty at the beginning
  bool again = false;      // somebody has stopped needing something since it began
  runtime::Time began_at;
  std::optional<runtime::Time> oldest;  // when the oldest version ended that recovery needs

  static constexpr auto fields =
      std::tuple{storage::field<1>(&TrimRecord::hash), storage::field<2>(&TrimRecord::key),
                 storage::field<3>(&TrimRecord::again), storage::field<4>(&TrimRecord::began_at),
                 storage::field<5>(&TrimRecord::oldest)};
};
using Trims = storage::Table<std::uint64_t, TrimRecord>;

/// One record, under the key 0: the moment of the latest transaction that needed one.
using Moments = storage::Table<std::uint8_t, Moment>;

inline constexpr storage::TableId versions_id{0x0220};
inline constexpr storage::TableId guards_id{0x0221};
inline constexpr storage::TableId needs_id{0x0222};
inline constexpr storage::TableId trims_id{0x0223};
inline constexpr storage::TableId moments_id{0x0224};

/// Where the version of an item that ended at a moment is kept.
ItemPlace version_place(std::uint64_t table, const ItemKey& key, const Moment& ended);
/// The moment at the end of such a key's bytes.
Moment moment_of(std::string_view encoded_place);

class PastVersions {
 public:
  /// Both must outlive it.
  PastVersions(storage::Store& store, runtime::Clock& clock);

  /// Whether changes of items have to be told to `save`. Costs a branch where no table's past is
  /// kept. The table is looked up by its number: the record may be an older one.
  bool are_kept(const TableRecord& table) const {
    return !guards_.empty() && guards_.contains(table.number);
  }
  /// The item at `key` is about to become another in the current transaction; null: no item.
  void save(const TableRecord& table, const ItemKey& key, const StoredItem* old, const Item* now);

  /// The moment of the current transaction. What other transactions have committed until now is
  /// before it; what they commit later is after it.
  Moment now();

  /// From now on a table can be read as it was at `moment`, until `release`, also by later runs of
  /// the program: though recovery is switched off meanwhile, or the table removed. `moment` is
  /// `now()`, or within the recovery window of the table. `id` tells needs of a kind apart.
  void keep(const TableRecord& table, const Moment& moment, NeedKind kind, std::uint64_t id = 0);
  /// Ends that. What nobody needs any more is removed by and by.
  void release(std::uint64_t table, const Moment& moment, NeedKind kind, std::uint64_t id = 0);
  bool is_needed_by(std::uint64_t table, const Moment& moment, NeedKind kind) const;
  /// The moments at which a table is needed, in order.
  std::vector<Moment> needed_moments(std::uint64_t table) const;

  /// Switches recovery on, or changes its days.
  void begin_recovery(const TableRecord& table, std::int32_t days);
  void end_recovery(const TableRecord& table);
  std::optional<RecoveryRecord> recovery(const TableRecord& table) const;
  /// The earliest time that a table with recovery can be brought back to. The latest is now.
  runtime::Time earliest(const RecoveryRecord& recovery) const;

  /// The table is being removed, with its recovery. True where its items are still needed: then
  /// they have to stay, and go with the last need.
  bool remove_table(const TableRecord& table);
  /// All that is kept of the tables of an account, or of all.
  void forget_all(const std::optional<std::string>& account);

  /// Has a pass over the versions of a table made (history/trimming.h).
  void begin_trim(std::uint64_t table);
  bool is_trimming(std::uint64_t table) const { return trims_.contains(table); }

  const std::unordered_map<std::uint64_t, GuardRecord>& guards() const { return guards_; }
  void put_guard(std::uint64_t table, const GuardRecord& guard);

  /// After the commit of what gives work to do: a pass over versions, or a time at which one is
  /// due.
  std::function<void()> on_work;

 private:
  storage::Store& store_;
  runtime::Clock& clock_;
  VersionViews versions_;
  Guards guard_table_;
  Needs needs_;
  Trims trims_;
  Moments moments_;
  std::unordered_map<std::uint64_t, GuardRecord> guards_;
  Moment last_;
  std::optional<Moment> current_;
  bool has_saved_ = false;  // in the current transaction, of a table with recovery

  GuardRecord& require_guard(const TableRecord& table);
  void erase_guard(std::uint64_t table);
  void remember(std::uint64_t table);
  void settle(std::uint64_t table);
  void erase_everything(std::uint64_t table);
  void tell();
};

}  // namespace matinee::dynamodb
