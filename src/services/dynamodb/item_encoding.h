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

/// An item as the record of a table: `storage::Table<Key, StoredItem>`. Its size by DynamoDB's
/// rules stands in front, so that it can be had without reading the rest.
struct StoredItem {
  std::size_t bytes = 0;
  Item attributes;
};

void encode_record(storage::Writer& out, const StoredItem& item);
void decode_record(storage::Reader& in, StoredItem& item);

/// As above, for writing what somebody else owns.
struct StoredView {
  std::size_t bytes = 0;
  const Item* attributes = nullptr;
};

/// The size alone, read from the bytes of a StoredItem.
struct StoredSize {
  std::size_t bytes = 0;
};

void encode_record(storage::Writer& out, const StoredSize& size);
void decode_record(storage::Reader& in, StoredSize& size);

}  // namespace matinee::dynamodb

template <>
struct matinee::storage::Codec<matinee::dynamodb::StoredView> {
  static constexpr Wire wire = Wire::block;
  static void write(Writer& out, const dynamodb::StoredView& item);
};
