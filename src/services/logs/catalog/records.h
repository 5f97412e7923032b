// What CloudWatch Logs stores, and where.
//
// A group has a number, and all that belongs to it has keys that begin with that number: so it can
// be removed by a few ranges, however much it is. Numbers are never used again. Their upper half is
// that of the account and region, so that a reset removes ranges too.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "storage/table.h"

namespace matinee::logs {

/// Milliseconds since the Unix epoch, as all of this service counts time.
using Milliseconds = std::int64_t;
using GroupNumber = std::uint64_t;
using StreamNumber = std::uint64_t;
/// Of a block of events within its group: in the order in which they came.
using Sequence = std::uint64_t;

/// Account, region and a name.
using NameKey = std::tuple<std::string, std::string, std::string>;

struct ScopeRecord {
  std::uint64_t number = 0;
  std::uint64_t last_group = 0;

  static constexpr auto fields = std::tuple{storage::field<1>(&ScopeRecord::number),
                                            storage::field<2>(&ScopeRecord::last_group)};
};

struct GroupRecord {
  GroupNumber number = 0;
  Milliseconds created = 0;
  std::optional<std::int32_t> retention_days;
  std::string log_class;
  std::optional<std::string> kms_key;
  bool deletion_protection = false;
  std::map<std::string, std::string> tags;
  std::int32_t metric_filters = 0;
  std::int32_t subscription_filters = 0;
  std::optional<std::string> data_protection_policy;
  Milliseconds data_protection_updated = 0;
  bool had_data_protection = false;
  std::optional<std::string> index_policy;
  Milliseconds index_updated = 0;
  std::optional<std::string> resource_policy;
  std::string resource_policy_name;
  Milliseconds resource_policy_updated = 0;
  std::int64_t resource_policy_revision = 0;
  /// Whether all of its streams are in the order of their last events: not so in a group of an
  /// older program, until that is asked for.
  bool orders_streams = false;

  static constexpr auto fields =
      std::tuple{storage::field<1>(&GroupRecord::number),
                 storage::field<2>(&GroupRecord::created),
                 storage::field<3>(&GroupRecord::retention_days),
                 storage::field<4>(&GroupRecord::log_class),
                 storage::field<5>(&GroupRecord::kms_key),
                 storage::field<6>(&GroupRecord::deletion_protection),
                 storage::field<7>(&GroupRecord::tags),
                 storage::field<8>(&GroupRecord::metric_filters),
                 storage::field<9>(&GroupRecord::subscription_filters),
                 storage::field<10>(&GroupRecord::data_protection_policy),
                 storage::field<11>(&GroupRecord::data_protection_updated),
                 storage::field<12>(&GroupRecord::had_data_protection),
                 storage::field<13>(&GroupRecord::index_policy),
                 storage::field<14>(&GroupRecord::index_updated),
                 storage::field<15>(&GroupRecord::resource_policy),
                 storage::field<16>(&GroupRecord::resource_policy_name),
                 storage::field<17>(&GroupRecord::resource_policy_updated),
                 storage::field<18>(&GroupRecord::resource_policy_revision),
                 storage::field<19>(&GroupRecord::orders_streams)};
};

/// What each PutLogEvents changes.
struct GroupCounters {
  Sequence last_sequence = 0;
  StreamNumber last_stream = 0;
  std::uint64_t stored_bytes = 0;
  /// No block of the group has events further apart.
  Milliseconds longest_block = 0;

  static constexpr auto fields = std::tuple{storage::field<1>(&GroupCounters::last_sequence),
                                            storage::field<2>(&GroupCounters::last_stream),
                                            storage::field<3>(&GroupCounters::stored_bytes),
                                            storage::field<4>(&GroupCounters::longest_block)};
};

struct StreamRecord {
  StreamNumber number = 0;
  Milliseconds created = 0;
  std::optional<Milliseconds> first_event;
  std::optional<Milliseconds> last_event;
  std::optional<Milliseconds> last_ingestion;
  Sequence last_sequence = 0;
  std::uint64_t stored_bytes = 0;
  Milliseconds longest_block = 0;

  static constexpr auto fields = std::tuple{storage::field<1>(&StreamRecord::number),
                                            storage::field<2>(&StreamRecord::created),
                                            storage::field<3>(&StreamRecord::first_event),
                                            storage::field<4>(&StreamRecord::last_event),
                                            storage::field<5>(&StreamRecord::last_ingestion),
                                            storage::field<6>(&StreamRecord::last_sequence),
                                            storage::field<7>(&StreamRecord::stored_bytes),
                                            storage::field<8>(&StreamRecord::longest_block)};
};

/// A block as its stream finds it.
struct BlockEntry {
  Milliseconds end = 0;
  std::uint64_t bytes = 0;

  static constexpr auto fields =
      std::tuple{storage::field<1>(&BlockEntry::end), storage::field<2>(&BlockEntry::bytes)};
};

/// The bytes of a block where they lie: see block.h.
struct BlockBytes {
  std::string_view bytes;
};
inline void encode_record(storage::Writer& out, const BlockBytes& block) {
  out.bytes(block.bytes);
}
inline void decode_record(storage::Reader& in, BlockBytes& block) {
  block.bytes = in.bytes();
}

struct MetricFilterRecord {
  std::string pattern;
  Milliseconds created = 0;
  std::string metric_name;
  std::string metric_namespace;
  std::string metric_value;
  std::optional<double> default_value;
  std::optional<std::string> unit;
  std::map<std::string, std::string> dimensions;
  std::optional<bool> apply_on_transformed;
  std::optional<std::string> selection;
  std::vector<std::string> system_fields;

  static constexpr auto fields =
      std::tuple{storage::field<1>(&MetricFilterRecord::pattern),
                 storage::field<2>(&MetricFilterRecord::created),
                 storage::field<3>(&MetricFilterRecord::metric_name),
                 storage::field<4>(&MetricFilterRecord::metric_namespace),
                 storage::field<5>(&MetricFilterRecord::metric_value),
                 storage::field<6>(&MetricFilterRecord::default_value),
                 storage::field<7>(&MetricFilterRecord::unit),
                 storage::field<8>(&MetricFilterRecord::dimensions),
                 storage::field<9>(&MetricFilterRecord::apply_on_transformed),
                 storage::field<10>(&MetricFilterRecord::selection),
                 storage::field<11>(&MetricFilterRecord::system_fields)};
};

struct SubscriptionFilterRecord {
  std::string pattern;
  Milliseconds created = 0;
  std::string destination;
  std::optional<std::string> role;
  std::string distribution;
  std::optional<bool> apply_on_transformed;
  std::optional<std::string> selection;
  std::vector<std::string> system_fields;
  std::string principal;  // in whose name a function is called; empty: logs.amazonaws.com

  static constexpr auto fields =
      std::tuple{storage::field<1>(&SubscriptionFilterRecord::pattern),
                 storage::field<2>(&SubscriptionFilterRecord::created),
                 storage::field<3>(&SubscriptionFilterRecord::destination),
                 storage::field<4>(&SubscriptionFilterRecord::role),
                 storage::field<5>(&SubscriptionFilterRecord::distribution),
                 storage::field<6>(&SubscriptionFilterRecord::apply_on_transformed),
                 storage::field<7>(&SubscriptionFilterRecord::selection),
                 storage::field<8>(&SubscriptionFilterRecord::system_fields),
                 storage::field<9>(&SubscriptionFilterRecord::principal)};
};

struct DestinationRecord {
  std::string target;
  std::string role;
  std::optional<std::string> policy;
  Milliseconds created = 0;
  std::map<std::string, std::string> tags;

  static constexpr auto fields = std::tuple{
      storage::field<1>(&DestinationRecord::target), storage::field<2>(&DestinationRecord::role),
      storage::field<3>(&DestinationRecord::policy), storage::field<4>(&DestinationRecord::created),
      storage::field<5>(&DestinationRecord::tags)};
};

struct ResourcePolicyRecord {
  std::string document;
  Milliseconds updated = 0;

  static constexpr auto fields = std::tuple{storage::field<1>(&ResourcePolicyRecord::document),
                                            storage::field<2>(&ResourcePolicyRecord::updated)};
};

struct AccountPolicyRecord {
  std::string document;
  Milliseconds updated = 0;
  std::optional<std::string> selection;
  Milliseconds created = 0;
  /// Of a policy for retention: what counts until the present one has taken effect.
  std::optional<std::string> document_before;
  std::optional<std::string> selection_before;
  std::string principal;  // of a subscription, as in SubscriptionFilterRecord

  static constexpr auto fields =
      std::tuple{storage::field<1>(&AccountPolicyRecord::document),
                 storage::field<2>(&AccountPolicyRecord::updated),
                 storage::field<3>(&AccountPolicyRecord::selection),
                 storage::field<4>(&AccountPolicyRecord::created),
                 storage::field<5>(&AccountPolicyRecord::document_before),
                 storage::field<6>(&AccountPolicyRecord::selection_before),
                 storage::field<7>(&AccountPolicyRecord::principal)};
};

struct QueryParameterRecord {
  std::string name;
  std::optional<std::string> default_value;
  std::optional<std::string> description;

  static constexpr auto fields = std::tuple{storage::field<1>(&QueryParameterRecord::name),
                                            storage::field<2>(&QueryParameterRecord::default_value),
                                            storage::field<3>(&QueryParameterRecord::description)};
};

struct QueryDefinitionRecord {
  std::string name;
  std::string query;
  std::string language;
  Milliseconds modified = 0;
  std::vector<std::string> groups;
  std::vector<QueryParameterRecord> parameters;
  std::optional<std::string> client_token;

  static constexpr auto fields =
      std::tuple{storage::field<1>(&QueryDefinitionRecord::name),
                 storage::field<2>(&QueryDefinitionRecord::query),
                 storage::field<3>(&QueryDefinitionRecord::language),
                 storage::field<4>(&QueryDefinitionRecord::modified),
                 storage::field<5>(&QueryDefinitionRecord::groups),
                 storage::field<6>(&QueryDefinitionRecord::parameters),
                 storage::field<7>(&QueryDefinitionRecord::client_token)};
};

struct ExportTaskRecord {
  std::optional<std::string> name;
  std::string group;
  std::optional<std::string> stream_prefix;
  Milliseconds from = 0;
  Milliseconds to = 0;
  std::string destination;
  std::string prefix;
  std::string status;  // "PENDING", "RUNNING", "COMPLETED", "CANCELLED", "FAILED"
  std::string message;
  Milliseconds created = 0;
  std::optional<Milliseconds> completed;

  static constexpr auto fields = std::tuple{storage::field<1>(&ExportTaskRecord::name),
                                            storage::field<2>(&ExportTaskRecord::group),
                                            storage::field<3>(&ExportTaskRecord::stream_prefix),
                                            storage::field<4>(&ExportTaskRecord::from),
                                            storage::field<5>(&ExportTaskRecord::to),
                                            storage::field<6>(&ExportTaskRecord::destination),
                                            storage::field<7>(&ExportTaskRecord::prefix),
                                            storage::field<8>(&ExportTaskRecord::status),
                                            storage::field<9>(&ExportTaskRecord::message),
                                            storage::field<10>(&ExportTaskRecord::created),
                                            storage::field<11>(&ExportTaskRecord::completed)};
};

}  // namespace matinee::logs
