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
  for_each_sort(keys, [&](const KeyAttribute& sort) { append_key_value(out, item.at(sort.name)); });
}

bool has_type(const Item& item, const KeyAttribute& attribute) {
  const auto found = item.find(attribute.name);
  return found != item.end() && found->second.type() == to_type(attribute.type);
}

void require_key_size(std::size_t bytes, bool is_partition) {
  if (is_partition && bytes > max_partition_key_bytes) {
    throw invalid_parameter("Size of hashkey has exceeded the maximum size limit of2048 bytes");
  }
  if (!is_partition && bytes > max_sort_key_bytes) {
    throw invalid_parameter(
        "Aggregated size of all range keys has exceeded the size limit of 1024 bytes");
  }
}

void require_key_size(const AttributeValue& value, bool is_partition) {
  if (const std::string* bytes = find_bytes(value)) require_key_size(bytes->size(), is_partition);
}

// The attributes of a key of several have its limit together.
void require_joint_size(const KeySchema& keys, const Item& item) {
  if (!keys.has_several()) return;
  std::size_t bytes = 0;
  const auto add = [&](const KeyAttribute& attribute) {
    const auto found = item.find(attribute.name);
    const std::string* value = found == item.end() ? nullptr : find_bytes(found->second);
    if (value) bytes += value->size();
  };
  for_each_partition(keys, add);
  require_key_size(bytes, true);
  bytes = 0;
  for_each_sort(keys, add);
  require_key_size(bytes, false);
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

// Items from before an index may have values that could not be written now: an empty one, or one
// that is longer than a key may be.
bool can_be_key(const KeySchema& keys, const Item& item) {
  bool filled = true;
  std::size_t total = 0;
  const auto add = [&](const KeyAttribute& attribute) {
    const std::string* bytes = find_bytes(item.at(attribute.name));
    if (!bytes) return;
    filled = filled && !bytes->empty();
    total += bytes->size();
  };
  for_each_partition(keys, add);
  if (total > max_partition_key_bytes) return false;
  total = 0;
  for_each_sort(keys, add);
  return filled && total <= max_sort_key_bytes;
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

ItemKey partition_key(
    const KeySchema& keys,
    const std::function<const AttributeValue&(const std::string& attribute)>& value_of) {
  ItemKey key;
  for_each_partition(keys, [&](const KeyAttribute& attribute) {
    append_key_value(key.bytes, value_of(attribute.name));
  });
  if (keys.hash == PartitionHash::fnv)
    key.hash = fnv_hash(key.bytes);
  else if (keys.more_partitions.empty())
    key.hash = outliers_hash(value_of(keys.partition.name));
  else  // of all attributes, so that partitions which share the first one are spread too
    key.hash = outliers_hash(Binary{key.bytes});
  return key;
}

ItemKey partition_key(const KeySchema& keys, const AttributeValue& value) {
  return partition_key(keys, [&](const std::string&) -> const AttributeValue& { return value; });
}

ItemKey item_key(const KeySchema& keys, const Item& item) {
  ItemKey key = partition_key(
      keys, [&](const std::string& name) -> const AttributeValue& { return item.at(name); });
  append_if_sorted(key.bytes, keys, item);
  return key;
}

std::optional<ItemKey> find_entry_key(const TableRecord& table, const IndexRecord& index,
                                      const Item& item) {
  bool has_all = true;
  for_each_key(index.keys, [&](const KeyAttribute& attribute) {
    has_all = has_all && has_type(item, attribute);
  });
  if (!has_all || !can_be_key(index.keys, item)) return std::nullopt;
  ItemKey key = item_key(index.keys, item);
  append_key_value(key.bytes, item.at(table.keys.partition.name));
  append_if_sorted(key.bytes, table.keys, item);
  return key;
}

bool is_key(const KeySchema& keys, const std::string& attribute) {
  bool found = false;
  for_each_key(keys, [&](const KeyAttribute& key) { found = found || key.name == attribute; });
  return found;
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
  for_each_key(keys, [&](const KeyAttribute& key) { copy_attribute(key, item, result); });
  return result;
}

Item entry_key_attributes(const TableRecord& table, const IndexRecord& index, const Item& item) {
  Item result = key_attributes(table.keys, item);
  result.merge(key_attributes(index.keys, item));
  return result;
}

void require_key(const KeySchema& keys, const Item& key) {
  if (key.size() != keys.size())
    throw validation_error("The provided key element does not match the schema");
  for_each_partition(
      keys, [&](const KeyAttribute& attribute) { require_key_attribute(attribute, key, true); });
  for_each_sort(
      keys, [&](const KeyAttribute& attribute) { require_key_attribute(attribute, key, false); });
  require_joint_size(keys, key);
}

void require_filled_keys(const KeySchema& keys, const Item& item) {
  const auto check = [&item](const KeyAttribute& attribute) {
    if (has_type(item, attribute)) require_filled(attribute, item.at(attribute.name));
  };
  for_each_key(keys, check);
}

void require_item_keys(const TableRecord& table, const Item& item) {
  require_item_key_attribute(table.keys.partition, item, true);
  if (table.keys.sort) require_item_key_attribute(*table.keys.sort, item, false);
  require_index_keys(table, item);
}

void require_index_keys(const TableRecord& table, const Item& item) {
  for (const IndexRecord& index : table.indexes) {
    for_each_partition(index.keys, [&](const KeyAttribute& attribute) {
      require_index_key_attribute(index, attribute, item, true);
    });
    for_each_sort(index.keys, [&](const KeyAttribute& attribute) {
      require_index_key_attribute(index, attribute, item, false);
    });
    require_joint_size(index.keys, item);
  }
}

}  // namespace matinee::dynamodb
