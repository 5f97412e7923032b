// What DynamoDB keeps in the store.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "runtime/clock.h"
#include "services/dynamodb/item_encoding.h"
#include "storage/front_table.h"
#include "storage/table.h"

namespace matinee::dynamodb {

/// The types that a key attribute can have.
enum class KeyType : std::uint8_t { string = 1, number = 2, binary = 3 };

constexpr Type to_type(KeyType type) {
  return type == KeyType::string   ? Type::string
         : type == KeyType::number ? Type::number
                                   : Type::binary;
}

struct KeyAttribute {
  std::string name;
  KeyType type = KeyType::string;

  static constexpr auto fields =
      std::tuple{storage::field<1>(&KeyAttribute::name), storage::field<2>(&KeyAttribute::type)};
};

/// What puts partitions in an order and into segments: it is in stored keys, so a table keeps the
/// one that it was made with.
enum class PartitionHash : std::uint8_t {
  fnv = 0,      // of tables that were made before format 3
  outliers = 1  // AWS's
};

/// Of a table and of a local index: a partition key and maybe a sort key. Of a global index each of
/// the two may have up to four attributes; the first ones stand where the single ones do.
struct KeySchema {
  KeyAttribute partition;
  std::optional<KeyAttribute> sort;
  PartitionHash hash = PartitionHash::fnv;
  std::vector<KeyAttribute> more_partitions;  // the second HASH attribute and on
  std::vector<KeyAttribute> more_sorts;       // the second RANGE attribute and on

  std::size_t size() const {
    return 1 + more_partitions.size() + (sort ? 1 : 0) + more_sorts.size();
  }
  bool has_several() const { return !more_partitions.empty() || !more_sorts.empty(); }

  static constexpr auto fields = std::tuple{
      storage::field<1>(&KeySchema::partition), storage::field<2>(&KeySchema::sort),
      storage::field<3>(&KeySchema::hash), storage::field<4>(&KeySchema::more_partitions),
      storage::field<5>(&KeySchema::more_sorts)};
};

/// Calls `visit` with each HASH attribute, in order.
void for_each_partition(const KeySchema& keys, auto visit) {
  visit(keys.partition);
  for (const KeyAttribute& attribute : keys.more_partitions) visit(attribute);
}
/// Calls `visit` with each RANGE attribute, in order.
void for_each_sort(const KeySchema& keys, auto visit) {
  if (keys.sort) visit(*keys.sort);
  for (const KeyAttribute& attribute : keys.more_sorts) visit(attribute);
}
/// All HASH attributes, then all RANGE attributes: the order of stored keys.
void for_each_key(const KeySchema& keys, auto visit) {
  for_each_partition(keys, visit);
  for_each_sort(keys, visit);
}

struct Throughput {
  std::int64_t reads = 0;  // capacity units a second
  std::int64_t writes = 0;

  static constexpr auto fields =
      std::tuple{storage::field<1>(&Throughput::reads), storage::field<2>(&Throughput::writes)};
};

/// When a provisioned capacity was changed.
struct ThroughputChanges {
  std::optional<runtime::Time> increased_at;
  std::optional<runtime::Time> decreased_at;
  std::int64_t decreases = 0;  // on the day (UTC) of the latest one

  static constexpr auto fields = std::tuple{storage::field<1>(&ThroughputChanges::increased_at),
                                            storage::field<2>(&ThroughputChanges::decreased_at),
                                            storage::field<3>(&ThroughputChanges::decreases)};
};

/// Limits of on-demand tables; kept and described, never enforced.
struct OnDemandLimits {
  std::optional<std::int64_t> reads;
  std::optional<std::int64_t> writes;

  static constexpr auto fields = std::tuple{storage::field<1>(&OnDemandLimits::reads),
                                            storage::field<2>(&OnDemandLimits::writes)};
};

enum class ProjectionType : std::uint8_t { all = 1, keys_only = 2, include = 3 };

struct IndexRecord {
  std::uint32_t number = 0;  // within its table, never used again; 0 stands for the table itself
  std::string name;
  bool global = false;
  KeySchema keys;
  ProjectionType projection = ProjectionType::all;
  std::vector<std::string> non_key_attributes;  // with ProjectionType::include
  std::optional<Throughput> throughput;
  std::optional<OnDemandLimits> on_demand;
  std::optional<Throughput> warm;  // WarmThroughput, where it is more than the capacity says
  bool is_filling = false;         // with what the table had when the index was added
  ThroughputChanges changes;

  static constexpr auto fields = std::tuple{storage::field<1>(&IndexRecord::number),
                                            storage::field<2>(&IndexRecord::name),
                                            storage::field<3>(&IndexRecord::global),
                                            storage::field<4>(&IndexRecord::keys),
                                            storage::field<5>(&IndexRecord::projection),
                                            storage::field<6>(&IndexRecord::non_key_attributes),
                                            storage::field<7>(&IndexRecord::throughput),
                                            storage::field<8>(&IndexRecord::on_demand),
                                            storage::field<9>(&IndexRecord::warm),
                                            storage::field<10>(&IndexRecord::is_filling),
                                            storage::field<20>(&IndexRecord::changes)};
};

/// CloudWatch Contributor Insights of a table or an index, where somebody has said something of it.
struct InsightsRecord {
  bool enabled = false;
  std::string mode;
  runtime::Time changed_at;

  static constexpr auto fields = std::tuple{storage::field<1>(&InsightsRecord::enabled),
                                            storage::field<2>(&InsightsRecord::mode),
                                            storage::field<3>(&InsightsRecord::changed_at)};
};

/// Where a table that was restored comes from.
struct RestoredFrom {
  std::string table_arn;
  std::optional<std::string> backup_arn;
  runtime::Time at;  // the moment of the past that it was restored to

  static constexpr auto fields = std::tuple{storage::field<1>(&RestoredFrom::table_arn),
                                            storage::field<2>(&RestoredFrom::backup_arn),
                                            storage::field<3>(&RestoredFrom::at)};
};

struct TableRecord {
  std::uint64_t number = 0;  // unique in the store, never used again
  std::string name;
  std::string id;  // UUID
  runtime::Time created_at;
  std::vector<KeyAttribute> attributes;  // AttributeDefinitions
  KeySchema keys;
  std::vector<IndexRecord> indexes;
  std::optional<Throughput> throughput;  // of a provisioned table; on demand without
  std::optional<OnDemandLimits> on_demand;
  std::optional<std::string> stream_view_type;  // StreamSpecification, where enabled
  std::optional<std::string> sse_type;
  std::optional<std::string> sse_key_arn;
  std::optional<std::string> table_class;
  bool deletion_protected = false;
  std::map<std::string, std::string> tags;
  std::string account;
  std::string region;
  std::optional<Throughput> warm;                     // as of an index
  std::optional<std::string> time_to_live_attribute;  // where enabled
  std::optional<std::string> stream_label;            // of the latest stream, open or not
  std::uint32_t last_index = 0;                       // the highest number that an index has had
  std::string policy;                                 // as it was put; empty: none
  std::int64_t policy_revision = 0;                   // of the latest policy, also of a removed one
  std::map<std::string, InsightsRecord> insights;     // by index; "" is the table
  ThroughputChanges changes;
  std::optional<runtime::Time> on_demand_since;   // of the latest time; the creation without
  std::optional<runtime::Time> class_changed_at;  // since the creation
  bool is_being_made =
      false;  // CREATING: its first items are on their way, and nobody else's go in
  std::optional<RestoredFrom> restored_from;

  static constexpr auto fields =
      std::tuple{storage::field<1>(&TableRecord::number),
                 storage::field<2>(&TableRecord::name),
                 storage::field<3>(&TableRecord::id),
                 storage::field<4>(&TableRecord::created_at),
                 storage::field<5>(&TableRecord::attributes),
                 storage::field<6>(&TableRecord::keys),
                 storage::field<7>(&TableRecord::indexes),
                 storage::field<8>(&TableRecord::throughput),
                 storage::field<9>(&TableRecord::on_demand),
                 storage::field<10>(&TableRecord::stream_view_type),
                 storage::field<11>(&TableRecord::sse_type),
                 storage::field<12>(&TableRecord::sse_key_arn),
                 storage::field<13>(&TableRecord::table_class),
                 storage::field<14>(&TableRecord::deletion_protected),
                 storage::field<15>(&TableRecord::tags),
                 storage::field<16>(&TableRecord::account),
                 storage::field<17>(&TableRecord::region),
                 storage::field<18>(&TableRecord::warm),
                 storage::field<19>(&TableRecord::time_to_live_attribute),
                 storage::field<20>(&TableRecord::stream_label),
                 storage::field<21>(&TableRecord::last_index),
                 storage::field<40>(&TableRecord::policy),
                 storage::field<41>(&TableRecord::policy_revision),
                 storage::field<42>(&TableRecord::insights),
                 storage::field<43>(&TableRecord::is_being_made),
                 storage::field<44>(&TableRecord::restored_from),
                 storage::field<60>(&TableRecord::changes),
                 storage::field<61>(&TableRecord::on_demand_since),
                 storage::field<62>(&TableRecord::class_changed_at)};
};

/// How much a table or an index holds.
struct ContentRecord {
  std::int64_t items = 0;
  std::int64_t bytes = 0;

  static constexpr auto fields = std::tuple{storage::field<1>(&ContentRecord::items),
                                            storage::field<2>(&ContentRecord::bytes)};
};

struct SequenceRecord {
  std::uint64_t last = 0;

  static constexpr auto fields = std::tuple{storage::field<1>(&SequenceRecord::last)};
};

/// A transaction that has been carried out, so that it is not carried out again.
struct TokenRecord {
  std::uint64_t digest = 0;  // of the request
  runtime::Time done_at;

  static constexpr auto fields =
      std::tuple{storage::field<1>(&TokenRecord::digest), storage::field<2>(&TokenRecord::done_at)};
};

/// Has no content.
struct TokenAgeRecord {
  static constexpr auto fields = std::tuple{};
};

/// Account, region, name.
using Tables = storage::Table<std::tuple<std::string, std::string, std::string>, TableRecord>;

/// Table, hash of the partition key, and the key in its order (item_key.h). The hash spreads
/// partitions over the segments of a parallel scan.
using ItemPlace = std::tuple<std::uint64_t, std::uint16_t, storage::RawKey>;
using Items = storage::Table<ItemPlace, StoredItem>;
using ItemViews = storage::Table<ItemPlace, StoredView>;
using ItemSizes = storage::Table<ItemPlace, StoredSize>;

/// Table, index, hash of the index's partition key, and the index key followed by the item's key.
using EntryPlace = std::tuple<std::uint64_t, std::uint32_t, std::uint16_t, storage::RawKey>;
using IndexEntries = storage::Table<EntryPlace, StoredItem>;
using EntryViews = storage::Table<EntryPlace, StoredView>;

/// Table and index; index 0 is the table itself.
using Contents = storage::Table<std::tuple<std::uint64_t, std::uint32_t>, ContentRecord>;

/// One record, under the key 0: the number of the newest table.
using Sequence = storage::Table<std::uint8_t, SequenceRecord>;

/// Account, region, ClientRequestToken.
using TokenKey = std::tuple<std::string, std::string, std::string>;
using Tokens = storage::Table<TokenKey, TokenRecord>;
/// The same tokens, the oldest first.
using TokenAges = storage::FrontTable<std::tuple<runtime::Time, TokenKey>, TokenAgeRecord>;

inline constexpr storage::TableId tables_id{0x0200};
inline constexpr storage::TableId items_id{0x0201};
inline constexpr storage::TableId index_entries_id{0x0202};
inline constexpr storage::TableId contents_id{0x0203};
inline constexpr storage::TableId sequence_id{0x0204};
inline constexpr storage::TableId tokens_id{0x0205};
inline constexpr storage::TableId token_ages_id{0x0206};

}  // namespace matinee::dynamodb
