#include "services/dynamodb/table_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <type_traits>

#include "dynamodb/errors.h"
#include "services/dynamodb/catalog.h"
#include "services/dynamodb/table_capacity.h"
#include "services/dynamodb/tags.h"
#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb {
namespace {

constexpr std::size_t max_local_indexes = 5;
constexpr std::size_t max_global_indexes = 20;
constexpr std::size_t max_attributes_of_key = 4;       // HASH, and as many RANGE
constexpr std::size_t max_projected_attributes = 100;  // of all indexes together

using Definitions = std::vector<KeyAttribute>;

template <class Elements, class Name>
std::string join(const Elements& elements, Name name) {
  std::string text = "[";
  for (const auto& element : elements) {
    if (text.size() > 1) text += ", ";
    text += element.*name;
  }
  return text + "]";
}

protocol::ServiceError required(std::string_view member) {
  return validation_error(
      fmt::format("1 validation error detected: Value null at '{}' failed to satisfy constraint: "
                  "Member must not be null",
                  member));
}

// A request that nobody should believe has been understood.
void refuse_unserved(const CreateTableRequest& request) {
  const auto refuse = [](bool given, std::string_view parameter) {
    if (!given) return;
    throw protocol::ServiceError(
        "NotImplemented", 501,
        fmt::format("Matinee does not serve the parameter {} of CreateTable.", parameter));
  };
  refuse(request.vector_indexes && !request.vector_indexes->empty(), "VectorIndexes");
  refuse(request.global_table_source_arn.has_value(), "GlobalTableSourceArn");
  refuse(request.global_table_settings_replication_mode.has_value(),
         "GlobalTableSettingsReplicationMode");
}

Definitions read_definitions(const std::vector<AttributeDefinition>& definitions) {
  Definitions result;
  for (const AttributeDefinition& definition : definitions) {
    const auto same_name = [&](const KeyAttribute& other) {
      return other.name == definition.attribute_name;
    };
    if (std::ranges::any_of(result, same_name))
      throw validation_error("Attribute Name is duplicated: " + definition.attribute_name);
    const KeyType type = definition.attribute_type == "S"   ? KeyType::string
                         : definition.attribute_type == "N" ? KeyType::number
                                                            : KeyType::binary;
    result.push_back({definition.attribute_name, type});
  }
  return result;
}

KeyAttribute definition_of(const KeySchemaElement& element, const Definitions& definitions) {
  return *std::ranges::find(definitions, element.attribute_name, &KeyAttribute::name);
}

void require_defined(const std::vector<KeySchemaElement>& elements,
                     const Definitions& definitions) {
  for (const KeySchemaElement& element : elements) {
    if (std::ranges::find(definitions, element.attribute_name, &KeyAttribute::name) !=
        definitions.end())
      continue;
    throw invalid_parameter(fmt::format(
        "Some index key attributes are not defined in AttributeDefinitions. Keys: {}, "
        "AttributeDefinitions: {}",
        join(elements, &KeySchemaElement::attribute_name), join(definitions, &KeyAttribute::name)));
  }
}

KeySchema read_keys(const std::vector<KeySchemaElement>& elements, const Definitions& definitions) {
  require_defined(elements, definitions);
  const bool has_sort = elements.size() > 1;
  if (has_sort && elements[0].attribute_name == elements[1].attribute_name) {
    throw validation_error(
        "Both the Hash Key and the Range Key element in the KeySchema have the same name");
  }
  if (elements[0].key_type != "HASH") {
    throw validation_error("Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
  }
  if (has_sort && elements[1].key_type != "RANGE") {
    throw validation_error(
        "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type");
  }
  KeySchema keys{.partition = definition_of(elements[0], definitions),
                 .hash = PartitionHash::outliers};
  if (has_sort) keys.sort = definition_of(elements[1], definitions);
  return keys;
}

bool is_hash(const KeySchemaElement& element) {
  return element.key_type == "HASH";
}

// Of a global index: up to four HASH attributes, then up to four RANGE attributes.
KeySchema read_global_keys(const std::vector<KeySchemaElement>& elements,
                           const Definitions& definitions) {
  const auto hashes = static_cast<std::size_t>(std::ranges::count_if(elements, is_hash));
  if (elements.size() < 2 || (elements.size() == 2 && hashes != 2))
    return read_keys(elements, definitions);
  require_defined(elements, definitions);
  std::set<std::string_view> names;
  for (const KeySchemaElement& element : elements)
    if (!names.insert(element.attribute_name).second)
      throw validation_error("The KeySchema contains multiple key attributes with the same name");
  if (!is_hash(elements.front()))
    throw validation_error("Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
  if (!std::ranges::is_partitioned(elements, is_hash))
    throw invalid_parameter(
        "All HASH key attributes must precede RANGE key attributes in the KeySchema");
  const bool many_hashes = hashes > max_attributes_of_key;
  if (many_hashes || elements.size() - hashes > max_attributes_of_key)
    throw invalid_parameter(
        fmt::format("The KeySchema exceeds the maximum allowed number of {} key attributes",
                    many_hashes ? "HASH" : "RANGE"));
  KeySchema keys{.partition = definition_of(elements.front(), definitions),
                 .hash = PartitionHash::outliers};
  for (std::size_t i = 1; i < elements.size(); ++i) {
    KeyAttribute attribute = definition_of(elements[i], definitions);
    if (i < hashes)
      keys.more_partitions.push_back(std::move(attribute));
    else if (i == hashes)
      keys.sort = std::move(attribute);
    else
      keys.more_sorts.push_back(std::move(attribute));
  }
  return keys;
}

void read_projection(const Projection& projection, IndexRecord& index) {
  if (!projection.projection_type) throw invalid_parameter("Unknown ProjectionType: null");
  const std::string& type = *projection.projection_type;
  index.projection = type == "ALL"         ? ProjectionType::all
                     : type == "KEYS_ONLY" ? ProjectionType::keys_only
                                           : ProjectionType::include;
  const bool include = index.projection == ProjectionType::include;
  if (projection.non_key_attributes && !include) {
    throw invalid_parameter(
        fmt::format("ProjectionType is {}, but NonKeyAttributes is specified", type));
  }
  if (include && !projection.non_key_attributes)
    throw invalid_parameter("ProjectionType is INCLUDE, but NonKeyAttributes is not specified");
  if (!projection.non_key_attributes) return;
  index.non_key_attributes = *projection.non_key_attributes;
  std::set<std::string_view> seen;
  for (const std::string& name : index.non_key_attributes)
    if (!seen.insert(name).second)
      throw invalid_parameter("Duplicate element in NonKeyAttributes: " + name);
}

void read_billing(const CreateTableRequest& request, TableRecord& table) {
  if (request.billing_mode == "PAY_PER_REQUEST") {
    if (request.provisioned_throughput) {
      throw invalid_parameter(
          "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is "
          "PAY_PER_REQUEST");
    }
    table.on_demand = read_limits(request.on_demand_throughput, "");
    return;
  }
  if (!request.provisioned_throughput) {
    throw invalid_parameter(
        "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is "
        "PROVISIONED");
  }
  if (request.on_demand_throughput && !given_limit(*request.on_demand_throughput).empty())
    throw invalid_parameter(
        fmt::format("{} for OnDemandThroughput cannot be specified when table BillingMode is "
                    "PROVISIONED.",
                    given_limit(*request.on_demand_throughput)));
  table.throughput = read_throughput(request.provisioned_throughput);
}

void read_options(const CreateTableRequest& request, TableRecord& table) {
  table.warm = read_warmth(request.warm_throughput, table.throughput, "");
  table.table_class = request.table_class;
  table.deletion_protected = request.deletion_protection_enabled.value_or(false);
  if (request.tags) add_tags(*request.tags, table.tags);
}

// Name and keys; the projection is looked at when the keys are known to be right.
IndexRecord read_index(std::string name, KeySchema keys, const TableRecord& table) {
  IndexRecord index{.name = std::move(name), .keys = std::move(keys)};
  for (const IndexRecord& other : table.indexes)
    if (other.name == index.name) throw invalid_parameter("Duplicate index name: " + index.name);
  index.number = table.last_index + 1;
  for (const IndexRecord& other : table.indexes)
    index.number = std::max(index.number, other.number + 1);
  return index;
}

void add_local_indexes(const std::vector<LocalSecondaryIndex>& indexes, TableRecord& table) {
  if (indexes.empty()) throw invalid_parameter("List of LocalSecondaryIndexes is empty");
  if (!table.keys.sort) {
    throw invalid_parameter(
        "Table KeySchema does not have a range key, which is required when specifying a "
        "LocalSecondaryIndex");
  }
  for (const LocalSecondaryIndex& given : indexes) {
    IndexRecord index =
        read_index(given.index_name, read_keys(given.key_schema, table.attributes), table);
    if (!index.keys.sort)
      throw invalid_parameter("Index KeySchema does not have a range key for index: " + index.name);
    if (index.keys.partition.name != table.keys.partition.name) {
      throw invalid_parameter(fmt::format(
          "Index KeySchema does not have the same leading hash key as table KeySchema for index: "
          "{}. index hash key: {}, table hash key: {}",
          index.name, index.keys.partition.name, table.keys.partition.name));
    }
    read_projection(given.projection, index);
    table.indexes.push_back(std::move(index));
  }
  if (indexes.size() > max_local_indexes)
    throw invalid_parameter("Number of LocalSecondaryIndexes exceeds per-table limit of 5");
}

template <class Index>
IndexRecord read_global_index(const Index& given, const TableRecord& table) {
  constexpr bool is_added = std::is_same_v<Index, CreateGlobalSecondaryIndexAction>;
  IndexRecord index =
      read_index(given.index_name, read_global_keys(given.key_schema, table.attributes), table);
  read_projection(given.projection, index);
  if (!table.throughput && given.provisioned_throughput)
    throw invalid_parameter(fmt::format(
        is_added ? "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified for index: "
                   "{} when BillingMode is PAY_PER_REQUEST"
                 : "ProvisionedThroughput should not be specified for index: {} when BillingMode "
                   "is PAY_PER_REQUEST",
        index.name));
  if (table.throughput && !given.provisioned_throughput)
    throw invalid_parameter(fmt::format("ProvisionedThroughput {} specified for index: {}",
                                        is_added ? "must be" : "is not", index.name));
  require_index_limits(given.on_demand_throughput, index.name, table);
  index.global = true;
  index.throughput = read_throughput(given.provisioned_throughput);
  index.on_demand = read_limits(given.on_demand_throughput, index.name);
  index.warm = read_warmth(given.warm_throughput, index.throughput, index.name);
  return index;
}

void add_global_indexes(const std::vector<GlobalSecondaryIndex>& indexes, TableRecord& table) {
  if (indexes.empty()) throw invalid_parameter("List of GlobalSecondaryIndexes is empty");
  for (const GlobalSecondaryIndex& given : indexes)
    table.indexes.push_back(read_global_index(given, table));
  if (indexes.size() > max_global_indexes)
    throw invalid_parameter("GlobalSecondaryIndex count exceeds the per-table limit of 20");
}

std::set<std::string> key_names(const TableRecord& table) {
  std::set<std::string> used;
  const auto add = [&](const KeyAttribute& attribute) { used.insert(attribute.name); };
  for_each_key(table.keys, add);
  for (const IndexRecord& index : table.indexes) for_each_key(index.keys, add);
  return used;
}

void require_few_projected(const TableRecord& table) {
  std::size_t projected = 0;
  for (const IndexRecord& index : table.indexes) projected += index.non_key_attributes.size();
  if (projected > max_projected_attributes) {
    throw invalid_parameter(fmt::format("NonKeyAttributes count exceeds the per-table limit of {}",
                                        max_projected_attributes));
  }
}

protocol::ServiceError unused_definitions(const TableRecord& table,
                                          const std::set<std::string>& used) {
  return invalid_parameter(fmt::format(
      "Some AttributeDefinitions are not used. AttributeDefinitions: {}, keys used: [{}]",
      join(table.attributes, &KeyAttribute::name), fmt::join(used, ", ")));
}

void require_used_definitions(const CreateTableRequest& request, const TableRecord& table) {
  require_few_projected(table);
  const std::set<std::string> used = key_names(table);
  if (used.size() == table.attributes.size()) return;
  if (!request.local_secondary_indexes && !request.global_secondary_indexes) {
    throw invalid_parameter(
        "Number of attributes in KeySchema does not exactly match number of attributes defined in "
        "AttributeDefinitions");
  }
  throw unused_definitions(table, used);
}

}  // namespace

void read_encryption(const SSESpecification& given, TableRecord& table) {
  if (!given.enabled.value_or(given.sse_type.has_value())) {
    const auto refuse = [](bool is_given, std::string_view member) {
      if (is_given)
        throw invalid_parameter(fmt::format("{} can not be specified if Enabled is false", member));
    };
    refuse(given.sse_type.has_value(), "SSEType");
    refuse(given.kms_master_key_id.has_value(), "KMSMasterKeyId");
    return;
  }
  if (given.kms_master_key_id && !given.sse_type)
    throw invalid_parameter("SSEType KMS is required if KMSMasterKeyId is specified");
  table.sse_type = given.sse_type.value_or("KMS");
  if (table.sse_type != "KMS")
    throw invalid_parameter(fmt::format("SSEType {} is not supported", *table.sse_type));
  table.sse_key_arn = given.kms_master_key_id;
}

void require_index_limits(const std::optional<OnDemandThroughput>& given, const std::string& index,
                          const TableRecord& table) {
  if (!given || !table.throughput || given_limit(*given).empty()) return;
  throw invalid_parameter(
      fmt::format("{} for OnDemandThroughput for index : {} cannot be specified when the table "
                  "BillingMode is PROVISIONED",
                  given_limit(*given), index));
}

std::string_view key_type_name(KeyType type) {
  return type_name(to_type(type));
}

std::string_view projection_name(ProjectionType type) {
  switch (type) {
    case ProjectionType::all:
      return "ALL";
    case ProjectionType::keys_only:
      return "KEYS_ONLY";
    default:
      return "INCLUDE";
  }
}

bool is_defined(const TableRecord& table, const std::string& attribute) {
  return std::ranges::find(table.attributes, attribute, &KeyAttribute::name) !=
         table.attributes.end();
}

void add_definitions(const std::vector<AttributeDefinition>& given,
                     const std::vector<KeySchemaElement>& keys, TableRecord& table) {
  for (const KeyAttribute& definition : read_definitions(given)) {
    const bool is_needed =
        std::ranges::find(keys, definition.name, &KeySchemaElement::attribute_name) != keys.end();
    if (is_needed && !is_defined(table, definition.name)) table.attributes.push_back(definition);
  }
}

void drop_unused_definitions(TableRecord& table) {
  const std::set<std::string> used = key_names(table);
  std::erase_if(table.attributes,
                [&](const KeyAttribute& attribute) { return !used.contains(attribute.name); });
}

IndexRecord make_index_record(const CreateGlobalSecondaryIndexAction& wanted, TableRecord& table) {
  IndexRecord index = read_global_index(wanted, table);
  const auto is_global = [](const IndexRecord& other) { return other.global; };
  if (static_cast<std::size_t>(std::ranges::count_if(table.indexes, is_global)) >=
      max_global_indexes)
    throw LimitExceededException(
        "Subscriber limit exceeded: Number of global secondary indexes exceeds per-table limit of "
        "20");
  table.last_index = index.number;
  table.indexes.push_back(index);
  require_few_projected(table);
  return index;
}

TableRecord make_table_record(const CreateTableRequest& request) {
  refuse_unserved(request);
  if (!request.attribute_definitions) throw required("attributeDefinitions");
  if (!request.key_schema) throw required("keySchema");
  TableRecord table;
  read_billing(request, table);
  table.attributes = read_definitions(*request.attribute_definitions);
  if (request.key_schema->size() > table.attributes.size())
    throw validation_error("Invalid KeySchema: Some index key attribute have no definition");
  table.keys = read_keys(*request.key_schema, table.attributes);
  if (request.local_secondary_indexes) add_local_indexes(*request.local_secondary_indexes, table);
  if (request.global_secondary_indexes)
    add_global_indexes(*request.global_secondary_indexes, table);
  require_used_definitions(request, table);

  if (request.stream_specification) {
    const StreamSpecification& stream = *request.stream_specification;
    if (stream.stream_enabled && !stream.stream_view_type)
      throw invalid_parameter(
          "Table is being created with a stream enabled, UpdateViewType is required");
    if (!stream.stream_enabled && stream.stream_view_type)
      throw invalid_parameter(
          "Table is being created with a stream disabled, UpdateViewType should not be specified");
    table.stream_view_type = stream.stream_view_type;
  }
  if (request.sse_specification) read_encryption(*request.sse_specification, table);
  read_options(request, table);
  return table;
}

}  // namespace matinee::dynamodb
