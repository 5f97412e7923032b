// Items as bytes in the store.
#pragma once

#include <string_view>

#include "services/dynamodb/values/attribute_value.h"
#include "storage/record.h"

namespace matinee::dynamodb {

/// An attribute: its name, a byte for the type, and the content. The bytes of a type never change;
/// a new layout takes a new type byte.
void encode_record(storage::Writer& out, const AttributeValue& value);
/// Throws storage::DamagedRecord, also for values nested deeper than any that is ever stored.
void decode_record(storage::Reader& in, AttributeValue& value);

/// An item as the record of a table: `storage::Table<Key, StoredItem>`.
struct StoredItem {
  Item attributes;
};

void encode_record(storage::Writer& out, const StoredItem& item);
void decode_record(storage::Reader& in, StoredItem& item);

}  // namespace matinee::dynamodb
