#include "storage/key.h"

#include <gtest/gtest.h>

#include "runtime/simulated/seeded_random.h"
#include "storage/cursor.h"

namespace matinee::storage {
namespace {

using Key = std::tuple<std::string, std::int64_t, std::uint8_t, runtime::Time, bool, std::string>;

/// Values that are close to each other and to the ends of their types, so that many pairs differ in
/// just one place.
class KeyMaker {
 public:
  Key key() {
    return {text(),
            number(),
            static_cast<std::uint8_t>(random_.below(3) + 126),
            runtime::Time(runtime::Duration(number())),
            random_.below(2) == 1,
            text()};
  }

 private:
  std::string text() {
    return random_.text(random_.below(4), std::string_view("\0\1\xff\xfe"
                                                           "a",
                                                           5));
  }
  std::int64_t number() {
    constexpr std::array<std::int64_t, 8> edges = {INT64_MIN, -256, -255, -1, 0, 1, 256, INT64_MAX};
    return edges.at(random_.below(edges.size()));
  }

  runtime::SeededRandom random_{4};
};

TEST(Key, its_bytes_are_ordered_as_its_values) {
  KeyMaker make;
  for (int i = 0; i < 200000; ++i) {
    Key left = make.key();
    Key right = make.key();
    // Most pairs differ in their first element; these differ later.
    if (i % 2 == 0) std::get<0>(right) = std::get<0>(left);
    if (i % 4 == 0) std::get<1>(right) = std::get<1>(left);
    auto compare_strings = [](const std::string& a, const std::string& b) { return a <=> b; };
    ASSERT_EQ(left <=> right, compare_strings(encode_key(left), encode_key(right)));
  }
}

TEST(Key, it_comes_back_as_it_went) {
  KeyMaker make;
  for (int i = 0; i < 10000; ++i) {
    Key key = make.key();
    ASSERT_EQ(decode_key<Key>(encode_key(key)), key);
  }
  using WithRest = std::tuple<std::uint32_t, std::array<std::uint8_t, 2>, RawKey>;
  WithRest key{5, {1, 2}, {std::string("\0rest", 5)}};
  EXPECT_EQ(decode_key<WithRest>(encode_key(key)), key);
}

TEST(Key, a_string_is_not_a_prefix_of_another) {
  std::string range = encode_key(std::string("queue"));
  EXPECT_TRUE(encode_key(std::tuple(std::string("queue"), 1)).starts_with(range));
  EXPECT_FALSE(encode_key(std::tuple(std::string("queue2"), 1)).starts_with(range));
  EXPECT_FALSE(encode_key(std::tuple(std::string("queue\0", 6), 1)).starts_with(range));
}

TEST(Key, every_truncation_is_damage) {
  KeyMaker make;
  std::string bytes = encode_key(make.key());
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_THROW(decode_key<Key>(bytes.substr(0, length)), DamagedRecord) << length;
  }
  EXPECT_THROW(decode_key<Key>(bytes + "x"), DamagedRecord);
  EXPECT_THROW(decode_key<std::string>(std::string("a\0\2", 3)), DamagedRecord);
}

TEST(Key, a_prefix_ends_before_the_next_one) {
  EXPECT_EQ(end_of_prefix("ab"), "ac");
  EXPECT_EQ(end_of_prefix("a\xff\xff"), "b");
  EXPECT_EQ(end_of_prefix("\xff"), "");
}

}  // namespace
}  // namespace matinee::storage
