// What is told of tables.
#include "services/dynamodb/table_descriptions.h"

#include <fmt/format.h>

#include <chrono>

#include "services/dynamodb/change_log.h"
#include "services/dynamodb/service.h"
#include "services/dynamodb/table_capacity.h"
#include "services/dynamodb/table_encryption.h"
#include "services/dynamodb/table_rules.h"

namespace matinee::dynamodb {
namespace {

constexpr std::string_view creating = "CREATING";
constexpr std::string_view deleting = "DELETING";

// On demand, both are zero.
ProvisionedThroughputDescription describe_throughput(const std::optional<Throughput>& throughput,
                                                     const ThroughputChanges& changes,
                                                     runtime::Time now) {
  const Throughput units = throughput.value_or(Throughput{});
  const auto day = [](runtime::Time time) { return std::chrono::floor<std::chrono::days>(time); };
  const bool today = changes.decreased_at && day(*changes.decreased_at) == day(now);
  return {.last_increase_date_time = changes.increased_at,
          .last_decrease_date_time = changes.decreased_at,
          .number_of_decreases_today = today ? changes.decreases : 0,
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
          .index_size_bytes = content.bytes,
          .item_count = content.items,
          .index_arn = index_arn(table, index),
          .on_demand_throughput = describe_limits(index.on_demand)};
}

// Of a table that has always had a provisioned capacity AWS tells no mode.
void describe_billing(const TableRecord& table, std::string_view status, runtime::Time now,
                      TableDescription& description) {
  description.provisioned_throughput = describe_throughput(table.throughput, table.changes, now);
  description.on_demand_throughput = describe_limits(table.on_demand);
  if (table.throughput && !table.on_demand_since) return;
  BillingModeSummary summary{.billing_mode = table.throughput ? "PROVISIONED" : "PAY_PER_REQUEST"};
  if (status != creating)
    summary.last_update_to_pay_per_request_date_time =
        table.on_demand_since.value_or(table.created_at);
  description.billing_mode_summary = summary;
}

// How much a table takes at once. A new one tells only what the request gave; an active one always
// has some, of what it was given or of what it can do anyway. Nothing is ever throttled here.
template <class Description>
std::optional<Description> describe_warmth(const std::optional<Throughput>& warm,
                                           const std::optional<Throughput>& provisioned,
                                           std::string_view status) {
  if (status == creating && !warm) return std::nullopt;
  const Throughput units = warmth(warm, provisioned);
  return Description{.read_units_per_second = units.reads,
                     .write_units_per_second = units.writes,
                     .status = status == creating ? "UPDATING" : std::string(status)};
}

std::optional<RestoreSummary> describe_restore(const TableRecord& table) {
  if (!table.restored_from) return std::nullopt;
  const RestoredFrom& source = *table.restored_from;
  return RestoreSummary{.source_backup_arn = source.backup_arn,
                        .source_table_arn = source.table_arn,
                        .restore_date_time = source.at,
                        .restore_in_progress = table.is_being_made};
}

// A stream that has ended goes on to be told as the latest.
void describe_stream(const TableRecord& table, TableDescription& description) {
  if (table.stream_view_type)
    description.stream_specification =
        StreamSpecification{.stream_enabled = true, .stream_view_type = table.stream_view_type};
  std::optional<std::string> label = table.stream_label;
  // Tables from before there were streams have no label of their own.
  if (!label && table.stream_view_type) label = stream_label(table.created_at);
  if (!label) return;
  description.latest_stream_arn = stream_arn({table.account, table.region, table.name, *label});
  description.latest_stream_label = *std::move(label);
}

void describe_options(const TableRecord& table, TableDescription& description) {
  describe_stream(table, description);
  if (table.sse_type) {
    description.sse_description = SSEDescription{
        .status = "ENABLED", .sse_type = table.sse_type, .kms_master_key_arn = sse_key_arn(table)};
  }
  if (table.table_class)
    description.table_class_summary = TableClassSummary{
        .table_class = table.table_class, .last_update_date_time = table.class_changed_at};
  description.deletion_protection_enabled = table.deletion_protected;
  description.restore_summary = describe_restore(table);
}

void describe_indexes(const TableRecord& table, const Catalog& catalog, runtime::Time now,
                      TableDescription& description) {
  const std::string status = *description.table_status;
  for (const IndexRecord& index : table.indexes) {
    const ContentRecord held = catalog.content(table, index.number);
    if (!index.global) {
      if (!description.local_secondary_indexes) description.local_secondary_indexes.emplace();
      description.local_secondary_indexes->push_back(describe_local(table, index, held));
      continue;
    }
    if (!description.global_secondary_indexes) description.global_secondary_indexes.emplace();
    GlobalSecondaryIndexDescription global = describe_global(table, index, held);
    global.provisioned_throughput = describe_throughput(index.throughput, index.changes, now);
    global.index_status = index.is_filling ? std::string(creating) : status;
    if (index.is_filling) global.backfilling = true;
    global.warm_throughput = describe_warmth<GlobalSecondaryIndexWarmThroughputDescription>(
        index.warm, index.throughput, status);
    description.global_secondary_indexes->push_back(std::move(global));
  }
}

}  // namespace

std::vector<KeySchemaElement> describe_keys(const KeySchema& keys) {
  std::vector<KeySchemaElement> elements;
  const auto add = [&](const KeyAttribute& attribute, std::string_view type) {
    elements.push_back({.attribute_name = attribute.name, .key_type = std::string(type)});
  };
  for_each_partition(keys, [&](const KeyAttribute& attribute) { add(attribute, "HASH"); });
  for_each_sort(keys, [&](const KeyAttribute& attribute) { add(attribute, "RANGE"); });
  return elements;
}

Projection describe_projection(const IndexRecord& index) {
  Projection projection{.projection_type = std::string(projection_name(index.projection))};
  if (index.projection == ProjectionType::include)
    projection.non_key_attributes = index.non_key_attributes;
  return projection;
}

std::vector<AttributeDefinition> describe_definitions(const TableRecord& table) {
  std::vector<AttributeDefinition> definitions;
  for (const KeyAttribute& attribute : table.attributes) {
    definitions.push_back({.attribute_name = attribute.name,
                           .attribute_type = std::string(key_type_name(attribute.type))});
  }
  return definitions;
}

TableDescription Service::describe(const TableRecord& table, std::string_view status) const {
  const ContentRecord content = catalog_.content(table, 0);
  TableDescription description{.table_name = table.name,
                               .table_status = std::string(status),
                               .table_size_bytes = content.bytes,
                               .item_count = content.items,
                               .table_arn = table_arn(table),
                               .table_id = table.id};
  describe_billing(table, status, clock_.now(), description);
  if (status == deleting) return description;  // AWS tells no more of a table that is going
  description.creation_date_time = table.created_at;
  description.key_schema = describe_keys(table.keys);
  description.attribute_definitions = describe_definitions(table);
  description.warm_throughput =
      describe_warmth<TableWarmThroughputDescription>(table.warm, table.throughput, status);
  describe_options(table, description);
  describe_indexes(table, catalog_, clock_.now(), description);
  return description;
}

}  // namespace matinee::dynamodb
