#include "services/dynamodb/item_key.h"

#include <fmt/format.h>

#include "services/dynamodb/partition_hash.h"
#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb {
namespace {

constexpr std::size_t max_partition_key_bytes = 2048;
constexpr std::size_t max_sort_key_bytes = 1024;

const std::string* find_bytes(const AttributeValue& value) {
  if (const auto* text = value.find<std::string>()) return text;
  const auto* binary = value.find<Binary>();
  return binary ? &binary->bytes : nullptr;
}

// A zero byte becomes 00 FF, which leaves 00 00 for the end.
void append_escaped(std::string& out, std::string_view bytes) {
  for (std::size_t zero = bytes.find('\0'); zero != bytes.npos; zero = bytes.find('\0')) {
    out.append(bytes.substr(0, zero + 1)).push_back('\xff');
    bytes.remove_prefix(zero + 1);
  }
  out.append(bytes);
}

void append_if_sorted(std::string& out, const KeySchema& keys, const Item& item) {
  if (keys.sort) append_key_value(out, item.at(keys.sort->name));
}

bool has_type(const Item& item, const KeyAttribute& attribute) {
  const auto found = item.find(attribute.name);
  return found != item.end() && found->second.type() == to_type(attribute.type);
}

void require_key_size(const AttributeValue& value, bool is_partition) {
  const std::string* bytes = find_bytes(value);
  if (!bytes) return;
  if (is_partition && bytes->size() > max_partition_key_bytes) {
    throw invalid_parameter("Size of hashkey has exceeded the maximum size limit of2048 bytes");
  }
  if (!is_partition && bytes->size() > max_sort_key_bytes) {
    throw invalid_parameter(
        "Aggregated size of all range keys has exceeded the size limit of 1024 bytes");
  }
}

std::string empty_key_message(const KeyAttribute& attribute) {
  return fmt::format(
      "The AttributeValue for a key attribute cannot contain an empty {} value. Key: {}",
      attribute.type == KeyType::string ? "string" : "binary", attribute.name);
}

bool is_empty(const AttributeValue& value) {
  const std::string* bytes = find_bytes(value);
  return bytes && bytes->empty();
}

void require_filled(const KeyAttribute& attribute, const AttributeValue& value) {
  if (!is_empty(value)) return;
  throw validation_error("One or more parameter values are not valid. " +
                         empty_key_message(attribute));
}

void require_key_attribute(const KeyAttribute& attribute, const Item& key, bool is_partition) {
  if (!has_type(key, attribute))
    throw validation_error("The provided key element does not match the schema");
  const AttributeValue& value = key.at(attribute.name);
  require_filled(attribute, value);
  require_key_size(value, is_partition);
}

void require_item_key_attribute(const KeyAttribute& attribute, const Item& item,
                                bool is_partition) {
  const auto found = item.find(attribute.name);
  if (found == item.end())
    throw invalid_parameter(fmt::format("Missing the key {} in the item", attribute.name));
  const AttributeValue& value = found->second;
  if (value.type() != to_type(attribute.type)) {
    throw invalid_parameter(fmt::format("Type mismatch for key {} expected: {} actual: {}",
                                        attribute.name, type_name(to_type(attribute.type)),
                                        type_name(value.type())));
  }
  require_filled(attribute, value);
  require_key_size(value, is_partition);
}

void require_index_key_attribute(const IndexRecord& index, const KeyAttribute& attribute,
                                 const Item& item, bool is_partition) {
  const auto found = item.find(attribute.name);
  if (found == item.end()) return;
  const AttributeValue& value = found->second;
  if (value.type() != to_type(attribute.type)) {
    throw invalid_parameter(fmt::format(
        "Type mismatch for Index Key {} Expected: {} Actual: {} IndexName: {}", attribute.name,
        type_name(to_type(attribute.type)), type_name(value.type()), index.name));
  }
  if (is_empty(value)) {
    throw validation_error(fmt::format(
        "One or more parameter values are not valid. A value specified for a secondary index key "
        "is "
        "not supported. The AttributeValue for a key attribute cannot contain an empty {} value. "
        "IndexName: {}, IndexKey: {}",
        attribute.type == KeyType::string ? "string" : "binary", index.name, attribute.name));
  }
  require_key_size(value, is_partition);
}

void copy_attribute(const KeyAttribute& attribute, const Item& item, Item& out) {
  const auto found = item.find(attribute.name);
  if (found != item.end()) out.insert(*found);
}

}  // namespace

void append_key_value(std::string& out, const AttributeValue& value) {
  if (const auto* number = value.find<Number>()) {
    number->append_ordered(out);
    return;
  }
  append_escaped(out, *find_bytes(value));
  out.append(2, '\0');
}

void append_key_prefix(std::string& out, const AttributeValue& start) {
  append_escaped(out, *find_bytes(start));
}

ItemKey partition_key(const KeySchema& keys, const AttributeValue& value) {
  ItemKey key;
  append_key_value(key.bytes, value);
  key.hash = keys.hash == PartitionHash::fnv ? fnv_hash(key.bytes) : outliers_hash(value);
  return key;
}

ItemKey item_key(const KeySchema& keys, const Item& item) {
  ItemKey key = partition_key(keys, item.at(keys.partition.name));
  append_if_sorted(key.bytes, keys, item);
  return key;
}

std::optional<ItemKey> find_entry_key(const TableRecord& table, const IndexRecord& index,
                                      const Item& item) {
  if (!has_type(item, index.keys.partition)) return std::nullopt;
  if (index.keys.sort && !has_type(item, *index.keys.sort)) return std::nullopt;
  ItemKey key = item_key(index.keys, item);
  append_key_value(key.bytes, item.at(table.keys.partition.name));
  append_if_sorted(key.bytes, table.keys, item);
  return key;
}

bool is_key(const KeySchema& keys, const std::string& attribute) {
  return attribute == keys.partition.name || (keys.sort && attribute == keys.sort->name);
}

void require_scalar_keys(const TableRecord& table, const expressions::DocumentPath& path) {
  if (!path.is_nested()) return;
  const auto check = [&path](const KeySchema& keys, std::string_view what) {
    if (!is_key(keys, path.attribute())) return;
    throw validation_error(fmt::format(
        "Key attributes must be scalars; list random access '[]' and map lookup '.' are not "
        "allowed: {}: {}",
        what, path.attribute()));
  };
  check(table.keys, "Key");
  for (const IndexRecord& index : table.indexes) check(index.keys, "IndexKey");
}

void require_scalar_keys(const TableRecord& table,
                         const std::optional<expressions::Condition>& condition) {
  if (!condition) return;
  for_each_operand(*condition, [&table](const expressions::Operand& operand) {
    if (operand.is_path()) require_scalar_keys(table, operand.path);
  });
}

void require_scalar_keys(const TableRecord& table,
                         const std::optional<expressions::Projection>& projection) {
  if (!projection) return;
  for (const expressions::DocumentPath& path : projection->paths) require_scalar_keys(table, path);
}

Item key_attributes(const KeySchema& keys, const Item& item) {
  Item result;
  copy_attribute(keys.partition, item, result);
  if (keys.sort) copy_attribute(*keys.sort, item, result);
  return result;
}

Item entry_key_attributes(const TableRecord& table, const IndexRecord& index, const Item& item) {
  Item result = key_attributes(table.keys, item);
  result.merge(key_attributes(index.keys, item));
  return result;
}

void require_key(const KeySchema& keys, const Item& key) {
  if (key.size() != (keys.sort ? 2U : 1U))
    throw validation_error("The provided key element does not match the schema");
  require_key_attribute(keys.partition, key, true);
  if (keys.sort) require_key_attribute(*keys.sort, key, false);
}

void require_filled_keys(const KeySchema& keys, const Item& item) {
  const auto check = [&item](const KeyAttribute& attribute) {
    if (has_type(item, attribute)) require_filled(attribute, item.at(attribute.name));
  };
  check(keys.partition);
  if (keys.sort) check(*keys.sort);
}

void require_item_keys(const TableRecord& table, const Item& item) {
  require_item_key_attribute(table.keys.partition, item, true);
  if (table.keys.sort) require_item_key_attribute(*table.keys.sort, item, false);
  require_index_keys(table, item);
}

void require_index_keys(const TableRecord& table, const Item& item) {
  for (const IndexRecord& index : table.indexes) {
    require_index_key_attribute(index, index.keys.partition, item, true);
    if (index.keys.sort) require_index_key_attribute(index, *index.keys.sort, item, false);
  }
}

}  // namespace matinee::dynamodb
