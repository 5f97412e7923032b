// Tables that are made of the past of others: what is wanted of them, and what is on its way.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "dynamodb/shapes.h"
#include "services/dynamodb/past_versions.h"

namespace matinee::dynamodb::history {

/// What a restored table has that its source had not.
struct Overrides {
  std::optional<std::string> billing_mode;
  std::optional<std::vector<GlobalSecondaryIndex>> global_indexes;
  std::optional<std::vector<LocalSecondaryIndex>> local_indexes;
  std::optional<ProvisionedThroughput> throughput;
  std::optional<OnDemandThroughput> on_demand;
  std::optional<SSESpecification> encryption;
};

/// Of either operation that restores.
template <class Request>
Overrides overrides_of(const Request& request) {
  return {.billing_mode = request.billing_mode_override,
          .global_indexes = request.global_secondary_index_override,
          .local_indexes = request.local_secondary_index_override,
          .throughput = request.provisioned_throughput_override,
          .on_demand = request.on_demand_throughput_override,
          .encryption = request.sse_specification_override};
}

struct RestorePlan {
  std::string target;         // the name
  const TableRecord& source;  // as it was, or is
  Moment moment;
  RestoredFrom from;
  Overrides overrides;
};

/// The settings of a restored table. As on AWS that is without streams, tags, time to live, policy
/// and protection. Throws a ValidationException where an override does not fit the source.
TableRecord restored_settings(const RestorePlan& plan);

/// A table that is being filled with the items of another, as they were at a moment.
struct RestoreRecord {
  std::string account;  // of the new table
  std::string region;
  std::string table;
  std::uint64_t source = 0;  // TableRecord::number
  Moment moment;
  std::uint16_t hash = 0;  // the place of the last item that was looked at, in the source
  std::string key;         // empty at the beginning

  static constexpr auto fields = std::tuple{
      storage::field<1>(&RestoreRecord::account), storage::field<2>(&RestoreRecord::region),
      storage::field<3>(&RestoreRecord::table),   storage::field<4>(&RestoreRecord::source),
      storage::field<5>(&RestoreRecord::moment),  storage::field<6>(&RestoreRecord::hash),
      storage::field<7>(&RestoreRecord::key)};
};
/// By the number of the new table.
using Restores = storage::Table<std::uint64_t, RestoreRecord>;
inline constexpr storage::TableId restores_id{0x0227};

}  // namespace matinee::dynamodb::history
