// Which data directories are opened, and what those are told that are not.
#include "storage/store_fixture.h"

namespace matinee::storage {
namespace {

TEST_F(Stores, a_directory_in_use_is_refused_with_its_holder) {
  ASSERT_TRUE(store->write_lock_text("http://127.0.0.1:4566"));
  auto second = Store::open(options());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, OpenError::Kind::locked);
  EXPECT_EQ(second.error().message,
            "The data directory /data is in use by process 1 at http://127.0.0.1:4566.");
  EXPECT_EQ(second.error().holder->text, "http://127.0.0.1:4566");
  EXPECT_EQ(find_holder(simulation.disk, "/data")->text, "http://127.0.0.1:4566");
  store.reset();
  EXPECT_FALSE(find_holder(simulation.disk, "/data"));
}

TEST_F(Stores, a_newer_format_is_refused_and_left_alone) {
  put("a", 1, "kept");
  store.reset();
  ASSERT_TRUE(simulation.disk.write_atomically("/data/FORMAT", "matinee 4\n"));
  auto refused = Store::open(options());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, OpenError::Kind::newer_format);
  EXPECT_EQ(refused.error().message,
            "The data directory /data was written by a newer version of matinee (format 4; this "
            "one reads up to 3).");
  ASSERT_TRUE(simulation.disk.write_atomically("/data/FORMAT", "matinee 3\n"));
  open();
  EXPECT_EQ(titles(movies->all()), "kept");
}

TEST_F(Stores, an_older_directory_is_opened_and_then_refused_by_older_programs) {
  put("a", 1, "kept");
  store.reset();
  ASSERT_TRUE(simulation.disk.write_atomically("/data/FORMAT", "matinee 1\n"));
  open();
  EXPECT_EQ(titles(movies->all()), "kept");
  EXPECT_EQ(*simulation.disk.read("/data/FORMAT"), "matinee 3\n");
}

TEST_F(Stores, a_damaged_directory_is_refused_with_a_sentence) {
  store.reset();
  ASSERT_TRUE(simulation.disk.write_atomically("/data/store/CURRENT", "nonsense"));
  auto refused = Store::open(options());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, OpenError::Kind::damaged);
  EXPECT_TRUE(refused.error().message.starts_with("The data directory /data is damaged: "))
      << refused.error().message;
  ASSERT_TRUE(simulation.disk.write_atomically("/data/FORMAT", "something else"));
  EXPECT_EQ(Store::open(options()).error().kind, OpenError::Kind::damaged);
}

}  // namespace
}  // namespace matinee::storage
