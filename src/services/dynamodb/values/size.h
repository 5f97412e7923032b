// How large items are by DynamoDB's rules, which decide about limits, pages and capacity.
#pragma once

#include <cstddef>

#include "services/dynamodb/values/attribute_value.h"

namespace matinee::dynamodb {

/// 400 KB, names and values together.
inline constexpr std::size_t max_item_bytes = 400 * 1024;

/// Strings and binaries count their bytes; numbers about one byte for two digits and one more;
/// NULL and BOOL one; sets the sum of their members; lists and maps three, and one more with each
/// element.
std::size_t size_of(const AttributeValue& value);

/// Names in UTF-8 bytes and values.
std::size_t size_of(const Item& item);

}  // namespace matinee::dynamodb
