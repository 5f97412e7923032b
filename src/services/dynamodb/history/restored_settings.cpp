#include <fmt/format.h>

#include <algorithm>

#include "services/dynamodb/history/restores.h"
#include "services/dynamodb/table_descriptions.h"
#include "services/dynamodb/table_rules.h"
#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb::history {
namespace {

ProvisionedThroughput units_of(const Throughput& throughput) {
  return {.read_capacity_units = throughput.reads, .write_capacity_units = throughput.writes};
}

std::optional<OnDemandThroughput> limits_of(const std::optional<OnDemandLimits>& limits) {
  if (!limits) return std::nullopt;
  return OnDemandThroughput{.max_read_request_units = limits->reads,
                            .max_write_request_units = limits->writes};
}

/// The source as a request for a new table, so that all rules of those hold.
class Settings {
 public:
  explicit Settings(const RestorePlan& plan) : plan_(plan) {
    request_.table_name = plan.target;
    request_.attribute_definitions = describe_definitions(plan.source);
    request_.key_schema = describe_keys(plan.source.keys);
    request_.table_class = plan.source.table_class;
    set_billing();
    set_local_indexes();
    set_global_indexes();
    drop_unused();
  }

  const CreateTableRequest& request() const { return request_; }

 private:
  const RestorePlan& plan_;
  CreateTableRequest request_;

  void set_billing() {
    const TableRecord& source = plan_.source;
    const Overrides& given = plan_.overrides;
    request_.billing_mode = given.billing_mode.value_or(
        source.throughput || given.throughput ? "PROVISIONED" : "PAY_PER_REQUEST");
    request_.provisioned_throughput = given.throughput;
    request_.on_demand_throughput = given.on_demand;
    if (request_.billing_mode == "PROVISIONED") {
      if (!given.throughput && source.throughput)
        request_.provisioned_throughput = units_of(*source.throughput);
    } else if (!given.on_demand) {
      request_.on_demand_throughput = limits_of(source.on_demand);
    }
  }

  void set_local_indexes() {
    std::vector<LocalSecondaryIndex> indexes;
    for (const IndexRecord& index : plan_.source.indexes) {
      if (index.global) continue;
      LocalSecondaryIndex& local = indexes.emplace_back();
      local.index_name = index.name;
      local.key_schema = describe_keys(index.keys);
      local.projection = describe_projection(index);
    }
    if (plan_.overrides.local_indexes) indexes = *plan_.overrides.local_indexes;
    if (!indexes.empty()) request_.local_secondary_indexes = std::move(indexes);
  }

  void set_global_indexes() {
    std::vector<GlobalSecondaryIndex> indexes;
    for (const IndexRecord& index : plan_.source.indexes) {
      if (!index.global) continue;
      GlobalSecondaryIndex& global = indexes.emplace_back();
      global.index_name = index.name;
      global.key_schema = describe_keys(index.keys);
      global.projection = describe_projection(index);
      if (request_.billing_mode == "PROVISIONED") {
        // One that had none gets as much as its table.
        global.provisioned_throughput = index.throughput
                                            ? std::optional(units_of(*index.throughput))
                                            : request_.provisioned_throughput;
      } else {
        global.on_demand_throughput = limits_of(index.on_demand);
      }
    }
    if (plan_.overrides.global_indexes) indexes = *plan_.overrides.global_indexes;
    if (!indexes.empty()) request_.global_secondary_indexes = std::move(indexes);
  }

  bool is_used(const std::string& attribute) const {
    const auto has_it = [&](const std::vector<KeySchemaElement>& keys) {
      return std::ranges::find(keys, attribute, &KeySchemaElement::attribute_name) != keys.end();
    };
    if (has_it(*request_.key_schema)) return true;
    if (request_.local_secondary_indexes)
      for (const auto& index : *request_.local_secondary_indexes)
        if (has_it(index.key_schema)) return true;
    if (request_.global_secondary_indexes)
      for (const auto& index : *request_.global_secondary_indexes)
        if (has_it(index.key_schema)) return true;
    return false;
  }

  /// Keys of indexes that are left out.
  void drop_unused() {
    std::erase_if(*request_.attribute_definitions, [this](const AttributeDefinition& definition) {
      return !is_used(definition.attribute_name);
    });
  }
};

bool is_same(const std::vector<KeySchemaElement>& one, const std::vector<KeySchemaElement>& other) {
  return std::ranges::equal(one, other, [](const auto& a, const auto& b) {
    return a.attribute_name == b.attribute_name && a.key_type == b.key_type;
  });
}

/// An override can leave indexes out and give them another capacity, and that is all.
void require_known(const IndexRecord& index, const TableRecord& source) {
  for (const IndexRecord& known : source.indexes) {
    if (known.name != index.name || known.global != index.global) continue;
    if (known.projection == index.projection &&
        is_same(describe_keys(known.keys), describe_keys(index.keys)) &&
        std::ranges::is_permutation(known.non_key_attributes, index.non_key_attributes))
      return;
  }
  throw invalid_parameter(
      fmt::format("Index {} of {}SecondaryIndexOverride is not an index of the source table {}",
                  index.name, index.global ? "Global" : "Local", source.name));
}

}  // namespace

TableRecord restored_settings(const RestorePlan& plan) {
  const Overrides& given = plan.overrides;
  TableRecord table = make_table_record(Settings(plan).request());
  for (const IndexRecord& index : table.indexes) require_known(index, plan.source);
  table.name = plan.target;
  if (given.encryption) {
    read_encryption(*given.encryption, table);
  } else {
    table.sse_type = plan.source.sse_type;
    table.sse_key_arn = plan.source.sse_key_arn;
  }
  table.is_being_made = true;
  table.restored_from = plan.from;
  return table;
}

}  // namespace matinee::dynamodb::history
