// Hashes of partition keys. They put the partitions of a table in the order in which a scan finds
// them, and cut them into segments. Stable for ever: they are in stored keys.
#pragma once

#include <cstdint>
#include <string_view>

#include "services/dynamodb/values/attribute_value.h"

namespace matinee::dynamodb {

/// FNV-1a with 64 bits, folded; of the key's bytes as they are stored (item_key.h).
std::uint16_t fnv_hash(std::string_view bytes);

/// The first 16 bits of AWS's hash, of a value of an ordered type: the MD5 of "Outliers" and the
/// value's bytes, so that scans come in the order that tests written against AWS know.
std::uint16_t outliers_hash(const AttributeValue& value);

}  // namespace matinee::dynamodb
