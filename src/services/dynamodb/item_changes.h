// What an update makes of an item, within the rules for what may be stored.
#pragma once

#include "services/dynamodb/expressions/expression.h"
#include "services/dynamodb/records.h"

namespace matinee::dynamodb {

/// Throws a ValidationException where an update would change a key attribute.
void require_keys_untouched(const KeySchema& keys, const expressions::Update& update);

/// The item after the update. Throws a ValidationException where the update does not fit the item,
/// or its result cannot be stored in the table.
Item changed_item(const TableRecord& table, const expressions::Update& update, Item item);

}  // namespace matinee::dynamodb
