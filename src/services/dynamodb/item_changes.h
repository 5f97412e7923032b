// What an update makes of an item, within the rules for what may be stored.
#pragma once

#include <optional>
#include <string>

#include "services/dynamodb/expressions/expression.h"
#include "services/dynamodb/records.h"

namespace matinee::dynamodb {

/// Throws a ValidationException where an update would change a key attribute of the table, or reach
/// into one of an index.
void require_keys_untouched(const TableRecord& table, const expressions::Update& update);

/// Whether an update has actions and all of them take something away. AWS makes no item of such an
/// update where there is none: it does nothing, whatever its paths.
bool only_takes_away(const expressions::Update& update);

/// The item after the update. Throws a ValidationException where the update does not fit the item,
/// or its result cannot be stored in the table.
Item changed_item(const TableRecord& table, const expressions::Update& update, Item item);

/// What a reply shows of the item before an update (`old`, null where there was none) and after,
/// where ReturnValues is NONE, ALL_OLD, ALL_NEW, UPDATED_OLD or UPDATED_NEW.
std::optional<Item> returned_attributes(const std::string& return_values,
                                        const expressions::Update& update, const Item* old,
                                        const Item& now);

}  // namespace matinee::dynamodb
