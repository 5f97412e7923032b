// What can be changed of a table that is there: capacities and billing, classes, protection,
// encryption, streams, global indexes.
#include <fmt/format.h>

#include <algorithm>

#include "dynamodb/errors.h"
#include "services/dynamodb/service.h"
#include "services/dynamodb/table_encryption.h"
#include "services/dynamodb/table_rules.h"
#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb {
namespace {

[[noreturn]] void refuse_parameter(std::string_view parameter) {
  throw protocol::ServiceError(
      "NotImplemented", 501,
      fmt::format("Matinee does not serve the parameter {} of UpdateTable.", parameter));
}

void refuse_unserved(const UpdateTableRequest& request) {
  if (request.replica_updates) refuse_parameter("ReplicaUpdates");
  if (request.multi_region_consistency) refuse_parameter("MultiRegionConsistency");
  if (request.global_table_witness_updates) refuse_parameter("GlobalTableWitnessUpdates");
  if (request.global_table_settings_replication_mode)
    refuse_parameter("GlobalTableSettingsReplicationMode");
  if (request.disassociation_protection_enabled)
    refuse_parameter("DisassociationProtectionEnabled");
  if (request.vector_index_updates) refuse_parameter("VectorIndexUpdates");
}

void require_something(const UpdateTableRequest& request) {
  if (request.provisioned_throughput || request.billing_mode || request.stream_specification ||
      request.global_secondary_index_updates || request.sse_specification || request.table_class ||
      request.deletion_protection_enabled || request.on_demand_throughput ||
      request.warm_throughput)
    return;
  throw validation_error(
      "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, "
      "GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required");
}

Throughput throughput_of(const ProvisionedThroughput& given) {
  return {given.read_capacity_units, given.write_capacity_units};
}

OnDemandLimits limits_of(const OnDemandThroughput& given) {
  return {given.max_read_request_units, given.max_write_request_units};
}

template <class Warmth>
Throughput warmth_of(const Warmth& given, const Throughput& usual) {
  return {given.read_units_per_second.value_or(usual.reads),
          given.write_units_per_second.value_or(usual.writes)};
}

/// A capacity that is the same already is refused, as on AWS, where nothing else changes.
void change_throughput(const ProvisionedThroughput& given, std::string_view what,
                       std::optional<Throughput>& throughput) {
  const Throughput wanted = throughput_of(given);
  if (throughput && throughput->reads == wanted.reads && throughput->writes == wanted.writes)
    throw validation_error(fmt::format(
        "The provisioned throughput for the {} will not change. The requested value equals the "
        "current value. Current ReadCapacityUnits provisioned for the {}: {}. Requested "
        "ReadCapacityUnits: {}. Current WriteCapacityUnits provisioned for the {}: {}. Requested "
        "WriteCapacityUnits: {}. Refer to the Amazon DynamoDB Developer Guide for current limits "
        "and how to request higher limits.",
        what, what, throughput->reads, wanted.reads, what, throughput->writes, wanted.writes));
  throughput = wanted;
}

void change_billing(const UpdateTableRequest& request, TableRecord& table) {
  const std::string mode =
      request.billing_mode.value_or(table.throughput ? "PROVISIONED" : "PAY_PER_REQUEST");
  if (mode == "PAY_PER_REQUEST") {
    if (request.provisioned_throughput)
      throw invalid_parameter(
          "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is "
          "PAY_PER_REQUEST");
    table.throughput.reset();
    for (IndexRecord& index : table.indexes) index.throughput.reset();
  } else if (request.provisioned_throughput) {
    change_throughput(*request.provisioned_throughput, "table", table.throughput);
    table.on_demand.reset();
  } else if (!table.throughput) {
    throw invalid_parameter(
        "ProvisionedThroughput must be specified when BillingMode is PROVISIONED");
  }
  if (request.on_demand_throughput) {
    if (table.throughput)
      throw invalid_parameter(
          "OnDemandThroughput can only be specified when BillingMode is PAY_PER_REQUEST");
    table.on_demand = limits_of(*request.on_demand_throughput);
  }
}

/// One index is added or removed at a time.
void require_one_index(const std::vector<GlobalSecondaryIndexUpdate>& updates,
                       const TableRecord& table) {
  const auto adds_or_removes = [](const GlobalSecondaryIndexUpdate& update) {
    return update.create || update.delete_;
  };
  const auto number = std::ranges::count_if(updates, adds_or_removes);
  if (number == 0) return;
  const auto is_filling = [](const IndexRecord& index) { return index.is_filling; };
  if (number > 1 || std::ranges::any_of(table.indexes, is_filling))
    throw LimitExceededException(
        "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously "
        "per table");
}

void change_indexes(const UpdateTableRequest& request, TableRecord& table) {
  const auto updates =
      request.global_secondary_index_updates.value_or(std::vector<GlobalSecondaryIndexUpdate>{});
  require_one_index(updates, table);
  for (const GlobalSecondaryIndexUpdate& update : updates) {
    if (!update.update) continue;
    const UpdateGlobalSecondaryIndexAction& wanted = *update.update;
    const auto index = std::ranges::find_if(table.indexes, [&](const IndexRecord& each) {
      return each.global && each.name == wanted.index_name;
    });
    if (index == table.indexes.end())
      throw ResourceNotFoundException(fmt::format(
          "Requested resource not found: Table: {} index: {}", table.name, wanted.index_name));
    if (wanted.provisioned_throughput) {
      if (!table.throughput)
        throw invalid_parameter(
            fmt::format("ProvisionedThroughput should not be specified for index: {} when "
                        "BillingMode is PAY_PER_REQUEST",
                        index->name));
      change_throughput(*wanted.provisioned_throughput, "index " + index->name, index->throughput);
    }
    if (wanted.on_demand_throughput) index->on_demand = limits_of(*wanted.on_demand_throughput);
    if (wanted.warm_throughput)
      index->warm =
          warmth_of(*wanted.warm_throughput, index->throughput.value_or(on_demand_warmth));
  }
  // A table whose capacity is provisioned has only indexes of that kind.
  for (const IndexRecord& index : table.indexes)
    if (index.global && table.throughput && !index.throughput)
      throw invalid_parameter("ProvisionedThroughput must be specified for index: " + index.name);
}

void change_stream(const StreamSpecification& wanted, TableRecord& table) {
  if (!wanted.stream_enabled) {
    if (!table.stream_view_type)
      throw validation_error("Table has no stream to disable: TableName: " + table.name);
    table.stream_view_type.reset();
    return;
  }
  if (table.stream_view_type)
    throw validation_error("Table already has an enabled stream: TableName: " + table.name);
  if (!wanted.stream_view_type)
    throw invalid_parameter("StreamViewType must be specified when StreamEnabled is true");
  table.stream_view_type = wanted.stream_view_type;
}

}  // namespace

/// Until all that the table has is in the index, it cannot be read.
void Service::add_index(const CreateGlobalSecondaryIndexAction& wanted,
                        const UpdateTableRequest& request, TableRecord& table) {
  if (request.attribute_definitions) add_definitions(*request.attribute_definitions, table);
  const IndexRecord index = make_index_record(wanted, table);
  if (catalog_.content(table, 0).items == 0) return;
  table.indexes.back().is_filling = true;
  housekeeping_.fill(table, index);
}

void Service::remove_index(const std::string& name, TableRecord& table) {
  const auto index = std::ranges::find_if(
      table.indexes, [&](const IndexRecord& each) { return each.global && each.name == name; });
  if (index == table.indexes.end()) throw ResourceNotFoundException("Requested resource not found");
  housekeeping_.forget(table, *index);
  catalog_.remove_index(table, *index);
  items_.forget(table, *index);
  table.last_index = std::max(table.last_index, index->number);
  table.insights.erase(name);
  table.indexes.erase(index);
  drop_unused_definitions(table);
}

/// The reply says UPDATING, as AWS's does; whoever asks next is told that the table is ACTIVE.
UpdateTableResponse Service::update_table(const Context& context,
                                          const UpdateTableRequest& request) {
  refuse_unserved(request);
  require_something(request);
  TableRecord table = catalog_.require_made(context, request.table_name);
  change_billing(request, table);
  change_indexes(request, table);
  for (const GlobalSecondaryIndexUpdate& update :
       request.global_secondary_index_updates.value_or(std::vector<GlobalSecondaryIndexUpdate>{})) {
    if (update.create) add_index(*update.create, request, table);
    if (update.delete_) remove_index(update.delete_->index_name, table);
  }
  if (request.stream_specification) {
    change_stream(*request.stream_specification, table);
    table.stream_view_type ? changes_.open(table) : changes_.close(table);
  }
  if (request.table_class) table.table_class = request.table_class;
  if (request.deletion_protection_enabled)
    table.deletion_protected = *request.deletion_protection_enabled;
  if (request.warm_throughput)
    table.warm = warmth_of(*request.warm_throughput, table.throughput.value_or(on_demand_warmth));
  if (request.sse_specification) {
    table.sse_type.reset();
    table.sse_key_arn.reset();
    read_encryption(*request.sse_specification, table);
    if (keys_ && table.sse_type) table.sse_key_arn = require_table_key(*keys_, context, table);
  }
  catalog_.update(table);
  return {.table_description = describe(table, "UPDATING")};
}

}  // namespace matinee::dynamodb
