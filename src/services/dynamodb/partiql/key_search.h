// What of a WHERE clause the keys of a table or index answer, and what is left to look at in each
// item.
#pragma once

#include <optional>
#include <vector>

#include "services/dynamodb/expressions/key_condition.h"
#include "services/dynamodb/records.h"

namespace matinee::dynamodb::partiql {

struct KeySearch {
  /// The partitions to read, each once, in the order of the statement; empty for all: a scan.
  std::vector<const AttributeValue*> partitions;
  std::optional<expressions::KeyCondition> sort;  // only where there are partitions
  std::optional<expressions::Condition> filter;
};

/// Partitions are those of `=`, of IN, or of several `=` joined by OR, that the clause demands. The
/// values point to where the clause's do. Of keys of several attributes there are none: such an
/// index is scanned.
KeySearch find_keys(const KeySchema& keys, const std::optional<expressions::Condition>& where);

/// The one item that a clause is about, and what else it demands of it.
struct ItemSearch {
  Item key;
  std::optional<expressions::Condition> condition;
};

/// Nothing unless the clause demands that each key attribute equals a value.
std::optional<ItemSearch> find_item(const KeySchema& keys,
                                    const std::optional<expressions::Condition>& where);

}  // namespace matinee::dynamodb::partiql
