#include "services/sqs/hash_table.h"

#include <gtest/gtest.h>

#include "runtime/simulated/seeded_random.h"

namespace matinee::sqs {
namespace {

constexpr HashKey key{1, 2};

Hash96 hash_of(std::uint64_t number) {
  return keyed_hash(key, std::to_string(number));
}

TEST(KeyedHash, differs_by_key_and_text) {
  EXPECT_EQ(keyed_hash(key, "group"), keyed_hash(key, "group"));
  EXPECT_NE(keyed_hash(key, "group"), keyed_hash(key, "grouq"));
  EXPECT_NE(keyed_hash(key, "group"), keyed_hash({1, 3}, "group"));
  EXPECT_NE(keyed_hash(key, ""), keyed_hash(key, std::string_view("\0", 1)));
  EXPECT_FALSE(keyed_hash(key, "").none());
}

TEST(HashTable, does_what_a_map_does_over_any_sequence_of_changes) {
  runtime::SeededRandom random(7);
  HashTable<std::uint32_t> table;
  std::map<std::uint64_t, std::uint32_t> model;
  for (std::uint32_t step = 0; step < 200'000; ++step) {
    const std::uint64_t number = random.below(3000);
    if (random.below(2) == 0) {
      table.put(hash_of(number), step);
      model[number] = step;
    } else {
      table.erase(hash_of(number));
      model.erase(number);
    }
    ASSERT_EQ(table.size(), model.size());
  }
  for (std::uint64_t number = 0; number < 3000; ++number) {
    const std::uint32_t* found = table.find(hash_of(number));
    const auto expected = model.find(number);
    ASSERT_EQ(found != nullptr, expected != model.end());
    if (found) ASSERT_EQ(*found, expected->second);
  }
}

TEST(HashTable, that_was_given_room_is_like_any_other) {
  HashTable<std::uint32_t> table;
  table.reserve(10'000);
  EXPECT_EQ(table.find(hash_of(1)), nullptr);
  for (std::uint32_t i = 0; i < 30'000; ++i) table.put(hash_of(i), i);
  EXPECT_EQ(table.size(), 30'000u);
  for (std::uint32_t i = 0; i < 30'000; i += 2) table.erase(hash_of(i));
  for (std::uint32_t i = 1; i < 30'000; i += 2) ASSERT_EQ(*table.find(hash_of(i)), i);
  EXPECT_EQ(table.find(hash_of(2)), nullptr);
}

TEST(HashTable, drops_what_is_stale_before_it_grows) {
  HashTable<std::uint32_t> table;
  for (std::uint32_t i = 0; i < 100'000; ++i)
    table.put(hash_of(i), i, [i](std::uint32_t known) { return known + 1000 < i; });
  EXPECT_LT(table.size(), 10'000u);
  for (std::uint32_t i = 99'000; i < 100'000; ++i) EXPECT_NE(table.find(hash_of(i)), nullptr);
}

}  // namespace
}  // namespace matinee::sqs
