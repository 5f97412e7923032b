// What can be changed of a table that is there: capacities and billing, classes, protection,
// encryption, streams, global indexes.
#include <fmt/format.h>

#include <algorithm>

#include "dynamodb/errors.h"
#include "services/dynamodb/service.h"
#include "services/dynamodb/table_capacity.h"
#include "services/dynamodb/table_encryption.h"
#include "services/dynamodb/table_rules.h"
#include "services/dynamodb/update_rules.h"
#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb {
namespace {

/// A capacity that is the same already is refused, as on AWS, where nothing else changes.
void require_other(const std::optional<Throughput>& now, const Throughput& wanted,
                   std::string_view what) {
  if (!now || now->reads != wanted.reads || now->writes != wanted.writes) return;
  throw validation_error(fmt::format(
      "The provisioned throughput for the {} will not change. The requested value equals the "
      "current value. Current ReadCapacityUnits provisioned for the {}: {}. Requested "
      "ReadCapacityUnits: {}. Current WriteCapacityUnits provisioned for the {}: {}. Requested "
      "WriteCapacityUnits: {}. Refer to the Amazon DynamoDB Developer Guide for current limits "
      "and how to request higher limits.",
      what, what, now->reads, wanted.reads, what, now->writes, wanted.writes));
}

/// A table's capacity is then paid for by use, and so is that of its indexes.
void pay_by_use(runtime::Time now, TableRecord& table) {
  if (!table.throughput) return;
  set_throughput({table.throughput, table.changes, table.warm}, std::nullopt, now);
  table.on_demand_since = now;
  for (IndexRecord& index : table.indexes)
    if (index.global)
      set_throughput({index.throughput, index.changes, index.warm}, std::nullopt, now);
}

void change_billing(const UpdateTableRequest& request, runtime::Time now, TableRecord& table) {
  const std::string mode =
      request.billing_mode.value_or(table.throughput ? "PROVISIONED" : "PAY_PER_REQUEST");
  if (mode == "PAY_PER_REQUEST") {
    if (request.provisioned_throughput)
      throw invalid_parameter(
          "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is "
          "PAY_PER_REQUEST");
    pay_by_use(now, table);
  } else if (request.provisioned_throughput) {
    const Throughput wanted = *read_throughput(request.provisioned_throughput);
    require_other(table.throughput, wanted, "table");
    if (!table.throughput) {
      if (!table.on_demand_since) table.on_demand_since = table.created_at;
      table.on_demand.reset();
      for (IndexRecord& index : table.indexes) index.on_demand.reset();
    }
    set_throughput({table.throughput, table.changes, table.warm}, wanted, now);
  } else if (request.billing_mode) {
    throw invalid_parameter(
        "ProvisionedThroughput must be specified when BillingMode is PROVISIONED");
  }
  if (!request.on_demand_throughput) return;
  const OnDemandThroughput& limits = *request.on_demand_throughput;
  if (table.throughput && !given_limit(limits).empty())
    throw invalid_parameter(
        fmt::format("{} for OnDemandThroughput cannot be specified when the "
                    "table BillingMode is PROVISIONED",
                    given_limit(limits)));
  change_limits(limits, "", table.on_demand);
}

IndexRecord& require_global(const std::string& name, std::string_view verb, TableRecord& table) {
  const auto index = std::ranges::find(table.indexes, name, &IndexRecord::name);
  if (index == table.indexes.end())
    throw ResourceNotFoundException(
        fmt::format("Requested resource not found: Index {} for table {}", name, table.name));
  if (!index->global)
    throw validation_error(
        fmt::format("Cannot {} an index that is not a GlobalSecondaryIndex: {}", verb, name));
  return *index;
}

/// One index is added or removed at a time. One that is being filled may be removed.
void require_one_index(const std::vector<GlobalSecondaryIndexUpdate>& updates,
                       const TableRecord& table) {
  const auto adds_or_removes = [](const GlobalSecondaryIndexUpdate& update) {
    return update.create || update.delete_;
  };
  const auto first = std::ranges::find_if(updates, adds_or_removes);
  if (first == updates.end()) return;
  const auto is_other = [&](const IndexRecord& index) {
    return index.is_filling && !(first->delete_ && first->delete_->index_name == index.name);
  };
  if (std::ranges::count_if(updates, adds_or_removes) > 1 ||
      std::ranges::any_of(table.indexes, is_other))
    throw LimitExceededException(
        "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously "
        "per table");
}

void change_index(const UpdateGlobalSecondaryIndexAction& wanted, runtime::Time now,
                  TableRecord& table) {
  IndexRecord& index = require_global(wanted.index_name, "update", table);
  const OnDemandThroughput limits = wanted.on_demand_throughput.value_or(OnDemandThroughput{});
  const bool says_nothing =
      !wanted.provisioned_throughput && !wanted.warm_throughput && given_limit(limits).empty();
  if (says_nothing && table.throughput)
    throw invalid_parameter(
        "Both ReadCapacityUnits and WriteCapacityUnits must be specified for index: " + index.name);
  if (says_nothing)
    throw invalid_parameter(
        fmt::format("The only Updates for index: {} when TableThroughputMode is PAY_PER_REQUEST "
                    "can be to OnDemandThroughput, WarmThroughput",
                    index.name));
  if (wanted.provisioned_throughput) {
    if (!table.throughput)
      throw invalid_parameter(
          fmt::format("Neither ReadCapacityUnits nor WriteCapacityUnits can be specified for "
                      "index: {} when BillingMode is PAY_PER_REQUEST",
                      index.name));
    const Throughput capacity = *read_throughput(wanted.provisioned_throughput);
    require_other(index.throughput, capacity, "index " + index.name);
    set_throughput({index.throughput, index.changes, index.warm}, capacity, now);
  }
  require_index_limits(wanted.on_demand_throughput, index.name, table);
  change_limits(limits, index.name, index.on_demand);
  if (wanted.warm_throughput)
    raise_warmth(*wanted.warm_throughput, index.name, warmth(index.warm, index.throughput),
                 index.warm);
}

void change_indexes(const UpdateTableRequest& request, runtime::Time now, TableRecord& table) {
  const auto updates =
      request.global_secondary_index_updates.value_or(std::vector<GlobalSecondaryIndexUpdate>{});
  require_one_index(updates, table);
  for (const GlobalSecondaryIndexUpdate& update : updates)
    if (update.update) change_index(*update.update, now, table);
  // A table whose capacity is provisioned has only indexes of that kind.
  for (const IndexRecord& index : table.indexes)
    if (index.global && table.throughput && !index.throughput)
      throw invalid_parameter("ProvisionedThroughput must be specified for index: " + index.name);
}

void change_stream(const StreamSpecification& wanted, TableRecord& table) {
  if (!wanted.stream_enabled) {
    if (wanted.stream_view_type)
      throw invalid_parameter(
          "If stream is being disabled, then UpdateViewType must not be specified");
    if (!table.stream_view_type)
      throw validation_error("Table has no stream to disable: TableName: " + table.name);
    table.stream_view_type.reset();
    return;
  }
  if (!wanted.stream_view_type)
    throw invalid_parameter("If stream is being enabled then UpdateViewType is required");
  if (table.stream_view_type)
    throw validation_error("Table already has an enabled stream: TableName: " + table.name);
  table.stream_view_type = wanted.stream_view_type;
}

bool all_defined(const std::vector<KeySchemaElement>& keys, const TableRecord& table) {
  return std::ranges::all_of(
      keys, [&](const KeySchemaElement& key) { return is_defined(table, key.attribute_name); });
}

/// The class that every table has at first is not told until there has been another.
void change_class(const std::string& wanted, runtime::Time now, TableRecord& table) {
  if (wanted == table.table_class.value_or("STANDARD")) return;
  table.table_class = wanted;
  table.class_changed_at = now;
}

/// What takes AWS a while: all else is done with the reply.
bool takes_time(const UpdateTableRequest& request) {
  const auto changes_index = [](const GlobalSecondaryIndexUpdate& update) {
    return update.create || update.delete_;
  };
  const auto updates =
      request.global_secondary_index_updates.value_or(std::vector<GlobalSecondaryIndexUpdate>{});
  return request.billing_mode || request.provisioned_throughput || request.stream_specification ||
         request.table_class || std::ranges::any_of(updates, changes_index);
}

}  // namespace

/// Until all that the table has is in the index, it cannot be read.
void Service::add_index(const CreateGlobalSecondaryIndexAction& wanted,
                        const UpdateTableRequest& request, TableRecord& table) {
  if (std::ranges::find(table.indexes, wanted.index_name, &IndexRecord::name) !=
      table.indexes.end())
    throw validation_error("Attempting to create an index which already exists");
  if (request.attribute_definitions)
    add_definitions(*request.attribute_definitions, wanted.key_schema, table);
  else if (!all_defined(wanted.key_schema, table))
    throw invalid_parameter("AttributeDefinitions is not specified for index: " +
                            wanted.index_name);
  const IndexRecord index = make_index_record(wanted, table);
  if (catalog_.content(table, 0).items == 0) return;
  table.indexes.back().is_filling = true;
  housekeeping_.fill(table, index);
}

void Service::remove_index(const std::string& name, TableRecord& table) {
  const IndexRecord index = require_global(name, "delete", table);
  housekeeping_.forget(table, index);
  catalog_.remove_index(table, index);
  items_.forget(table, index);
  table.last_index = std::max(table.last_index, index.number);
  table.insights.erase(name);
  std::erase_if(table.indexes,
                [&](const IndexRecord& each) { return each.number == index.number; });
  drop_unused_definitions(table);
}

void Service::change_encryption(const Context& context, const SSESpecification& wanted,
                                TableRecord& table) {
  const TableRecord before = table;
  table.sse_type.reset();
  table.sse_key_arn.reset();
  read_encryption(wanted, table);
  if (!table.sse_type && !before.sse_type)
    throw invalid_parameter("Table is already encrypted by default");
  if (table.sse_key_arn && table.sse_key_arn == before.sse_key_arn)
    throw invalid_parameter(
        "Table is already encrypted with given KMSMasterKeyId. Use KMSMasterKeyId parameter if you "
        "want to change Master Key");
  if (keys_ && table.sse_type) table.sse_key_arn = require_table_key(*keys_, context, table);
}

/// What takes a while on AWS says so in the reply; whoever asks next is told that it is done.
UpdateTableResponse Service::update_table(const Context& context,
                                          const UpdateTableRequest& request) {
  require_one_change(request);
  TableRecord table = catalog_.require_made(context, request.table_name);
  change_billing(request, clock_.now(), table);
  change_indexes(request, clock_.now(), table);
  for (const GlobalSecondaryIndexUpdate& update :
       request.global_secondary_index_updates.value_or(std::vector<GlobalSecondaryIndexUpdate>{})) {
    if (update.create) add_index(*update.create, request, table);
    if (update.delete_) remove_index(update.delete_->index_name, table);
  }
  if (request.stream_specification) {
    change_stream(*request.stream_specification, table);
    table.stream_view_type ? changes_.open(table) : changes_.close(table);
  }
  if (request.table_class) change_class(*request.table_class, clock_.now(), table);
  if (request.deletion_protection_enabled)
    table.deletion_protected = *request.deletion_protection_enabled;
  if (request.warm_throughput)
    raise_warmth(*request.warm_throughput, "", warmth(table.warm, table.throughput), table.warm);
  if (request.sse_specification) change_encryption(context, *request.sse_specification, table);
  catalog_.update(table);
  return {.table_description = describe_update(request, table)};
}

TableDescription Service::describe_update(const UpdateTableRequest& request,
                                          const TableRecord& table) const {
  TableDescription description = describe(table, "ACTIVE");
  if (takes_time(request)) description.table_status = "UPDATING";
  if (request.warm_throughput && description.warm_throughput)
    description.warm_throughput->status = "UPDATING";
  if (request.sse_specification && description.sse_description)
    description.sse_description->status = "UPDATING";
  for (const GlobalSecondaryIndexUpdate& update :
       request.global_secondary_index_updates.value_or(std::vector<GlobalSecondaryIndexUpdate>{})) {
    if (update.delete_ || !description.global_secondary_indexes) continue;
    const std::string& name = update.create ? update.create->index_name : update.update->index_name;
    for (GlobalSecondaryIndexDescription& index : *description.global_secondary_indexes)
      if (index.index_name == name) index.index_status = update.create ? "CREATING" : "UPDATING";
  }
  return description;
}

}  // namespace matinee::dynamodb
