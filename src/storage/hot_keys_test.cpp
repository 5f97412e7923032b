#include "storage/hot_keys.h"

#include <gtest/gtest.h>

#include <map>

#include "runtime/simulated/simulation.h"
#include "storage/table.h"

namespace matinee::storage {
namespace {

TEST(HotKeys, come_in_when_they_are_asked_for_twice) {
  HotKeys keys;
  keys.note("bucket", "record");
  EXPECT_FALSE(keys.find("bucket"));
  keys.note("bucket", "record");
  ASSERT_TRUE(keys.find("bucket"));
  EXPECT_EQ(keys.find("bucket")->value, "record");
  keys.note("policy", std::nullopt);
  keys.note("policy", std::nullopt);
  ASSERT_TRUE(keys.find("policy"));
  EXPECT_FALSE(keys.find("policy")->value);
}

TEST(HotKeys, stay_out_where_they_are_long) {
  HotKeys keys;
  const std::string body(2000, 'x');
  keys.note("object", body);
  keys.note("object", body);
  EXPECT_FALSE(keys.find("object"));
}

TEST(HotKeys, are_forgotten_when_they_are_written) {
  HotKeys keys;
  for (const char* key : {"one", "one", "two", "two"}) keys.note(key, "value");
  keys.forget("one");
  EXPECT_FALSE(keys.find("one"));
  EXPECT_TRUE(keys.find("two"));
  keys.forget_all();
  EXPECT_FALSE(keys.find("two"));
}

TEST(HotKeysOfAStore, never_tell_of_what_is_out_of_date) {
  runtime::Simulation simulation;
  auto store = *Store::open({.directory = "/data", .disk = &simulation.disk});
  Table<std::uint32_t, std::uint32_t> table(*store, TableId{0x0f01});
  std::map<std::uint32_t, std::uint32_t> model;
  runtime::SeededRandom random(5);
  for (std::uint32_t step = 0; step < 20'000; ++step) {
    const auto key = static_cast<std::uint32_t>(random.below(8));
    auto changed = model;
    store->begin();
    if (random.below(3) == 0) {
      table.put(key, step);
      changed[key] = step;
    } else if (random.below(3) == 0) {
      table.erase(key);
      changed.erase(key);
    } else if (random.below(20) == 0) {
      table.erase_range(table.all());
      changed.clear();
    }
    if (random.below(4) == 0) {
      store->rollback();
    } else {
      store->commit();
      model = std::move(changed);
    }
    const auto asked = static_cast<std::uint32_t>(random.below(8));
    const auto expected = model.find(asked);
    ASSERT_EQ(table.find(asked), expected == model.end()
                                     ? std::nullopt
                                     : std::optional<std::uint32_t>(expected->second));
  }
}

}  // namespace
}  // namespace matinee::storage
