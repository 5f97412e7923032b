#include "storage/front_table.h"

#include "storage/store_fixture.h"

namespace matinee::storage {
namespace {

class FrontTables : public Stores {
 protected:
  void SetUp() override {
    Stores::SetUp();
    due.emplace(*store, TableId{0x0f02});
  }

  void put(std::uint64_t key) {
    Transaction transaction(*store);
    due->put(key, "");
    transaction.commit();
  }
  void erase(std::uint64_t key) {
    Transaction transaction(*store);
    due->erase(key);
    transaction.commit();
  }
  /// Zero where there is none.
  std::uint64_t first() {
    const auto found = due->first();
    return found ? found->first : 0;
  }

  std::optional<FrontTable<std::uint64_t, std::string>> due;
};

TEST_F(FrontTables, the_first_entry_is_found_whatever_was_removed_or_put_before_it) {
  EXPECT_EQ(first(), 0U);
  put(5);
  put(7);
  EXPECT_EQ(first(), 5U);
  erase(5);
  EXPECT_EQ(first(), 7U);
  put(3);
  EXPECT_EQ(first(), 3U);
  erase(3);
  erase(7);
  EXPECT_EQ(first(), 0U);
  EXPECT_TRUE(due->is_empty());
  put(1);
  EXPECT_EQ(first(), 1U);
}

TEST_F(FrontTables, what_a_transaction_has_removed_is_found_again_after_its_rollback) {
  put(5);
  put(7);
  EXPECT_EQ(first(), 5U);
  {
    const Transaction transaction(*store);
    due->erase(5);
    EXPECT_EQ(first(), 7U);
    due->erase(7);
    EXPECT_EQ(first(), 0U);
  }
  EXPECT_EQ(first(), 5U);
}

TEST_F(FrontTables, a_range_that_is_left_has_every_entry) {
  for (const std::uint64_t key : {4, 6, 8}) put(key);
  erase(4);
  EXPECT_EQ(first(), 6U);
  put(2);
  std::vector<std::uint64_t> found;
  due->scan(due->left(), [&](std::uint64_t key, const std::string&) {
    found.push_back(key);
    return true;
  });
  EXPECT_EQ(found, (std::vector<std::uint64_t>{2, 6, 8}));
}

}  // namespace
}  // namespace matinee::storage
