// Keys of items and of index entries: their checks, and their bytes, which are in the order that
// queries return items in.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "services/dynamodb/expressions/expression.h"
#include "services/dynamodb/records.h"

namespace matinee::dynamodb {

/// The place of an item among those of its table or index.
struct ItemKey {
  std::uint16_t hash = 0;  // of the partition key
  std::string bytes;       // partition key, then sort key; in an index then the item's own key
};

/// Appends a key attribute's value. No value's bytes begin with another's. `value` must be of an
/// ordered type.
void append_key_value(std::string& out, const AttributeValue& value);
/// The bytes with which those of every value that begins with `start` begin: a string or binary.
void append_key_prefix(std::string& out, const AttributeValue& start);
/// The partition key alone: where a query starts. `value_of` gives the value of each of its
/// attributes by name.
ItemKey partition_key(
    const KeySchema& keys,
    const std::function<const AttributeValue&(const std::string& attribute)>& value_of);
/// Of a key that is not of several attributes.
ItemKey partition_key(const KeySchema& keys, const AttributeValue& value);

/// The key of an item that has been checked by one of the functions below.
ItemKey item_key(const KeySchema& keys, const Item& item);
/// Nothing where the item does not have the index's key attributes, and so is not in the index.
std::optional<ItemKey> find_entry_key(const TableRecord& table, const IndexRecord& index,
                                      const Item& item);

bool is_key(const KeySchema& keys, const std::string& attribute);
/// Throws a ValidationException for a path that goes on where a key attribute of the table or of an
/// index is: keys have nothing inside.
void require_scalar_keys(const TableRecord& table, const expressions::DocumentPath& path);
/// As above, of every path in an expression, where there is one.
void require_scalar_keys(const TableRecord& table,
                         const std::optional<expressions::Condition>& condition);
void require_scalar_keys(const TableRecord& table,
                         const std::optional<expressions::Projection>& projection);

/// The key attributes of an item.
Item key_attributes(const KeySchema& keys, const Item& item);
/// What tells one entry of an index from another: the index's key attributes and the table's.
Item entry_key_attributes(const TableRecord& table, const IndexRecord& index, const Item& item);

/// Throws a ValidationException unless `key` has exactly the key attributes, of their types, within
/// their limits: 2048 bytes for a partition key, 1024 for a sort key, at least one for both. Keys
/// of several attributes have these limits together.
void require_key(const KeySchema& keys, const Item& key);
/// The part of require_key, and of require_item_keys, that is about empty values: throws where a
/// key attribute is there, has its type, and is empty.
void require_filled_keys(const KeySchema& keys, const Item& item);
/// Throws a ValidationException unless an item to be stored has valid keys for its table and its
/// indexes.
void require_item_keys(const TableRecord& table, const Item& item);
/// The part of require_item_keys that is about indexes.
void require_index_keys(const TableRecord& table, const Item& item);

}  // namespace matinee::dynamodb
