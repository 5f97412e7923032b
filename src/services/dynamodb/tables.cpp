// Tables: made, described, listed, removed.
#include "dynamodb/errors.h"
#include "services/dynamodb/service.h"
#include "services/dynamodb/table_rules.h"
#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb {
namespace {

std::vector<KeySchemaElement> describe_keys(const KeySchema& keys) {
  std::vector<KeySchemaElement> elements = {
      {.attribute_name = keys.partition.name, .key_type = "HASH"}};
  if (keys.sort) elements.push_back({.attribute_name = keys.sort->name, .key_type = "RANGE"});
  return elements;
}

Projection describe_projection(const IndexRecord& index) {
  Projection projection{.projection_type = std::string(projection_name(index.projection))};
  if (index.projection == ProjectionType::include)
    projection.non_key_attributes = index.non_key_attributes;
  return projection;
}

// On demand, both are zero.
ProvisionedThroughputDescription describe_throughput(const std::optional<Throughput>& throughput) {
  const Throughput units = throughput.value_or(Throughput{});
  return {.number_of_decreases_today = 0,
          .read_capacity_units = units.reads,
          .write_capacity_units = units.writes};
}

std::optional<OnDemandThroughput> describe_limits(const std::optional<OnDemandLimits>& limits) {
  if (!limits) return std::nullopt;
  return OnDemandThroughput{.max_read_request_units = limits->reads,
                            .max_write_request_units = limits->writes};
}

std::string index_arn(const TableRecord& table, const IndexRecord& index) {
  return table_arn(table) + "/index/" + index.name;
}

LocalSecondaryIndexDescription describe_local(const TableRecord& table, const IndexRecord& index,
                                              const ContentRecord& content) {
  return {.index_name = index.name,
          .key_schema = describe_keys(index.keys),
          .projection = describe_projection(index),
          .index_size_bytes = content.bytes,
          .item_count = content.items,
          .index_arn = index_arn(table, index)};
}

GlobalSecondaryIndexDescription describe_global(const TableRecord& table, const IndexRecord& index,
                                                const ContentRecord& content) {
  return {.index_name = index.name,
          .key_schema = describe_keys(index.keys),
          .projection = describe_projection(index),
          .provisioned_throughput = describe_throughput(index.throughput),
          .index_size_bytes = content.bytes,
          .item_count = content.items,
          .index_arn = index_arn(table, index),
          .on_demand_throughput = describe_limits(index.on_demand)};
}

void describe_billing(const TableRecord& table, TableDescription& description) {
  description.provisioned_throughput = describe_throughput(table.throughput);
  description.on_demand_throughput = describe_limits(table.on_demand);
  if (table.throughput) return;
  description.billing_mode_summary =
      BillingModeSummary{.billing_mode = "PAY_PER_REQUEST",
                         .last_update_to_pay_per_request_date_time = table.created_at};
}

void describe_options(const TableRecord& table, TableDescription& description) {
  if (table.stream_view_type) {
    description.stream_specification =
        StreamSpecification{.stream_enabled = true, .stream_view_type = table.stream_view_type};
  }
  if (table.sse_type) {
    description.sse_description = SSEDescription{
        .status = "ENABLED", .sse_type = table.sse_type, .kms_master_key_arn = table.sse_key_arn};
  }
  if (table.table_class)
    description.table_class_summary = TableClassSummary{.table_class = table.table_class};
  description.deletion_protection_enabled = table.deletion_protected;
}

}  // namespace

TableDescription Service::describe(const TableRecord& table, std::string_view status) const {
  const ContentRecord content = catalog_.content(table, 0);
  TableDescription description{.table_name = table.name,
                               .key_schema = describe_keys(table.keys),
                               .table_status = std::string(status),
                               .creation_date_time = table.created_at,
                               .table_size_bytes = content.bytes,
                               .item_count = content.items,
                               .table_arn = table_arn(table),
                               .table_id = table.id};
  description.attribute_definitions.emplace();
  for (const KeyAttribute& attribute : table.attributes) {
    description.attribute_definitions->push_back(
        {.attribute_name = attribute.name,
         .attribute_type = std::string(key_type_name(attribute.type))});
  }
  describe_billing(table, description);
  describe_options(table, description);
  for (const IndexRecord& index : table.indexes) {
    const ContentRecord held = catalog_.content(table, index.number);
    if (!index.global) {
      if (!description.local_secondary_indexes) description.local_secondary_indexes.emplace();
      description.local_secondary_indexes->push_back(describe_local(table, index, held));
      continue;
    }
    if (!description.global_secondary_indexes) description.global_secondary_indexes.emplace();
    description.global_secondary_indexes->push_back(describe_global(table, index, held));
    description.global_secondary_indexes->back().index_status = std::string(status);
  }
  return description;
}

/// The reply says CREATING, as AWS's does; whoever asks next is told that the table is ACTIVE.
CreateTableResponse Service::create_table(const Context& context,
                                          const CreateTableRequest& request) {
  const std::string name(table_name(context, request.table_name));
  TableRecord table = make_table_record(request);
  table.name = name;
  table.id = random_.uuid();
  table.created_at = clock_.now();
  catalog_.add(context, table);
  return {.table_description = describe(table, "CREATING")};
}

DescribeTableResponse Service::describe_table(const Context& context,
                                              const DescribeTableRequest& request) {
  return {.table = describe(catalog_.require_named(context, request.table_name), "ACTIVE")};
}

ListTablesResponse Service::list_tables(const Context& context, const ListTablesRequest& request) {
  constexpr std::int32_t default_limit = 100;
  const auto limit = static_cast<std::size_t>(request.limit.value_or(default_limit));
  std::vector<std::string> names =
      catalog_.list(context, request.exclusive_start_table_name.value_or(""), limit + 1);
  ListTablesResponse response;
  if (names.size() > limit) {
    names.pop_back();
    response.last_evaluated_table_name = names.back();
  }
  response.table_names = std::move(names);
  return response;
}

DeleteTableResponse Service::delete_table(const Context& context,
                                          const DeleteTableRequest& request) {
  const TableRecord& table = catalog_.require_named(context, request.table_name);
  if (table.deletion_protected) {
    throw validation_error(
        "Resource cannot be deleted as it is currently protected against deletion. Disable "
        "deletion "
        "protection first.");
  }
  DeleteTableResponse response{.table_description = describe(table, "DELETING")};
  catalog_.remove(table);
  return response;
}

}  // namespace matinee::dynamodb
