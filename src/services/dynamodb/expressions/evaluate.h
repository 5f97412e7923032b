// Expressions at work on items.
#pragma once

#include "services/dynamodb/expressions/expression.h"

namespace matinee::dynamodb::expressions {

/// The value at a path; null where there is none.
const AttributeValue* find_value(const DocumentPath& path, const Item& item);

/// Whether the item meets the condition. A comparison with something missing is false, but `<>` is
/// true.
bool matches(const Condition& condition, const Item& item);

/// The parts of the item at the projection's paths. List elements close ranks.
Item project(const Projection& projection, const Item& item);

/// Changes the item as the update says. Every value is computed from the item as it was. Throws a
/// ValidationException, after which the item must not be used, where the update does not fit the
/// item.
void apply_update(const Update& update, Item& item);

}  // namespace matinee::dynamodb::expressions
