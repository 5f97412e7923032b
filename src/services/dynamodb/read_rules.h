// What queries and scans may ask for. Everything here throws a ValidationException with DynamoDB's
// message for what it refuses.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "services/dynamodb/expressions/key_condition.h"
#include "services/dynamodb/item_pages.h"

namespace matinee::dynamodb {

const IndexRecord& require_index(const TableRecord& table, const std::string& name);

/// What a request says beside Select.
struct SelectionUse {
  std::string_view projection;  // the parameter that has one; empty where none has
  bool of_index = false;        // IndexName is given
};

/// The rules for Select that need no table.
void require_selection(const std::optional<std::string>& select, const SelectionUse& use);
/// Select, together with the projection that the page already has: decides whether items are only
/// counted, and whether an index has to be completed from its table.
void apply_selection(const std::optional<std::string>& select, PageRequest& page);

/// Equality on each HASH attribute, and comparisons of RANGE attributes from the first one on
/// without a gap, of which all but the last are equality. Of a key that is not of several
/// attributes that is at most one comparison of its sort key.
void require_key_conditions(const KeySchema& keys, const expressions::KeyConditions& conditions);

/// A query's filter must leave its key attributes alone.
void require_keys_unfiltered(const KeySchema& keys, const PageRequest& page, bool older_style);

/// ExclusiveStartKey: values that DynamoDB takes.
void require_start_values(const std::optional<Item>& start);
/// ExclusiveStartKey: exactly the attributes of a LastEvaluatedKey.
ItemKey require_start_key(const PageRequest& page, const Item& start);
/// A start key must meet the query's own conditions.
void require_start_in_query(const KeySchema& keys, const expressions::KeyConditions& conditions,
                            const Item& start);

}  // namespace matinee::dynamodb
