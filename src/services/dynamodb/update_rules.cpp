#include "services/dynamodb/update_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include "services/dynamodb/table_capacity.h"
#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb {
namespace {

using IndexUpdates = std::vector<GlobalSecondaryIndexUpdate>;

void refuse_unserved(const UpdateTableRequest& request) {
  const auto refuse = [](bool given, std::string_view parameter) {
    if (!given) return;
    throw protocol::ServiceError(
        "NotImplemented", 501,
        fmt::format("Matinee does not serve the parameter {} of UpdateTable.", parameter));
  };
  refuse(request.replica_updates.has_value(), "ReplicaUpdates");
  refuse(request.multi_region_consistency.has_value(), "MultiRegionConsistency");
  refuse(request.global_table_witness_updates.has_value(), "GlobalTableWitnessUpdates");
  refuse(request.global_table_settings_replication_mode.has_value(),
         "GlobalTableSettingsReplicationMode");
  refuse(request.disassociation_protection_enabled.has_value(), "DisassociationProtectionEnabled");
  refuse(request.vector_index_updates.has_value(), "VectorIndexUpdates");
}

bool is_given(const std::optional<WarmThroughput>& warm) {
  return warm && (warm->read_units_per_second || warm->write_units_per_second);
}

bool is_given(const std::optional<OnDemandThroughput>& limits) {
  return limits && !given_limit(*limits).empty();
}

bool creates_or_deletes(const IndexUpdates& updates) {
  return std::ranges::any_of(updates, [](const GlobalSecondaryIndexUpdate& update) {
    return update.create || update.delete_;
  });
}

const std::string& require_action(const GlobalSecondaryIndexUpdate& update) {
  const int actions = int{update.update.has_value()} + int{update.create.has_value()} +
                      int{update.delete_.has_value()};
  if (actions == 0)
    throw invalid_parameter(
        "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
        "GlobalSecondaryIndexUpdate.Delete must not be null");
  if (actions > 1)
    throw invalid_parameter(
        "Only one global secondary index action is allowed per GlobalSecondaryIndexUpdate object");
  if (update.create) return update.create->index_name;
  if (update.delete_) return update.delete_->index_name;
  const UpdateGlobalSecondaryIndexAction& change = *update.update;
  if (change.warm_throughput && !is_given(change.warm_throughput))
    throw invalid_parameter(
        "WarmThroughput must have at least one of ReadUnitsPerSecond or WriteUnitsPerSecond "
        "specified for index: " +
        change.index_name);
  return change.index_name;
}

void require_actions(const IndexUpdates& updates) {
  std::set<std::string_view> names;
  for (const GlobalSecondaryIndexUpdate& update : updates) {
    const std::string& name = require_action(update);
    if (!names.insert(name).second)
      throw invalid_parameter(
          "Only one global secondary index update per index is allowed simultaneously. Index: " +
          name);
  }
}

// In the order in which AWS names one of several.
void require_alone(const UpdateTableRequest& request, int changes) {
  const auto refuse = [](bool wrong, std::string_view message) {
    if (wrong) throw invalid_parameter(std::string(message));
  };
  const bool others = changes > 1;
  refuse(request.sse_specification && others,
         "Server-Side Encryption modification must be the only operation in the request");
  refuse(request.table_class && others,
         "TableClass modification must be the only operation in the request");
  refuse(request.deletion_protection_enabled && others,
         "DeletionProtection modification must be the only operation in the request");
  refuse(is_given(request.warm_throughput) && others,
         "WarmThroughput must be the only operation in the request");
  refuse(is_given(request.on_demand_throughput) && changes > (request.billing_mode ? 2 : 1),
         "OnDemandThroughput can only be combined with BillingMode in an UpdateTable request");
  const bool capacity = request.provisioned_throughput || request.billing_mode == "PROVISIONED";
  refuse(request.stream_specification && capacity,
         "You cannot modify stream status while updating table IOPS");
  if (!creates_or_deletes(request.global_secondary_index_updates.value_or(IndexUpdates{}))) return;
  refuse(request.provisioned_throughput.has_value(),
         "You cannot create or delete index while updating table IOPS");
  refuse(request.stream_specification.has_value(),
         "You cannot create or delete index while changing stream status");
}

}  // namespace

void require_one_change(const UpdateTableRequest& request) {
  refuse_unserved(request);
  const IndexUpdates updates = request.global_secondary_index_updates.value_or(IndexUpdates{});
  require_actions(updates);
  const int changes =
      int{request.provisioned_throughput.has_value()} + int{request.billing_mode.has_value()} +
      int{request.stream_specification.has_value()} + int{!updates.empty()} +
      int{request.sse_specification.has_value()} + int{request.table_class.has_value()} +
      int{request.deletion_protection_enabled.has_value()} +
      int{is_given(request.on_demand_throughput)} + int{is_given(request.warm_throughput)};
  if (changes == 0)
    throw validation_error(
        "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, "
        "GlobalSecondaryIndexUpdates, SSESpecification, ReplicaUpdates, MultiAccountReplicaReady, "
        "ReplicaTransitRoleArn, MultiRegionConsistency, DeletionProtectionEnabled, "
        "OnDemandThroughput, WarmThroughput or TableClass is required");
  // A billing mode and its capacity are one change.
  const bool together = request.provisioned_throughput && request.billing_mode;
  require_alone(request, together ? changes - 1 : changes);
}

}  // namespace matinee::dynamodb
