#include "services/dynamodb/item_encoding.h"

#include <gtest/gtest.h>

namespace matinee::dynamodb {
namespace {

Item everything() {
  return {{"null", Null{}},
          {"no", false},
          {"yes", true},
          {"text", "äöü"},
          {"number", Number::parse("-12345678901234567890123456789012345678e-20")},
          {"binary", Binary{std::string("\0\xff", 2)}},
          {"strings", make_set<std::string>({"b", "a"})},
          {"numbers", make_set<Number>({Number(3), Number(-1)})},
          {"binaries", make_set<Binary>({Binary{"x"}})},
          {"list", List{AttributeValue("x"), AttributeValue(List{})}},
          {"map", Map{{"inner", Map{{"deep", Number(1)}}}}}};
}

std::string encode(const Item& attributes) {
  std::string bytes;
  storage::encode_record_bytes(bytes, StoredItem{7, attributes});
  return bytes;
}

TEST(ItemEncoding, every_type_comes_back_as_it_was) {
  EXPECT_EQ(storage::decode_record_bytes<StoredItem>(encode(everything())).attributes,
            everything());
  EXPECT_EQ(storage::decode_record_bytes<StoredItem>(encode({})).attributes, Item());
}

TEST(ItemEncoding, the_size_is_had_without_the_rest) {
  EXPECT_EQ(storage::decode_record_bytes<StoredSize>(encode(everything())).bytes, 7U);
}

TEST(ItemEncoding, every_shortened_record_is_refused) {
  const std::string bytes = encode(everything());
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_THROW(storage::decode_record_bytes<StoredItem>(bytes.substr(0, length)),
                 storage::DamagedRecord);
  }
}

}  // namespace
}  // namespace matinee::dynamodb
