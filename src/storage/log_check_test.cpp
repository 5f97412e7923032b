// A log that is not what was written is refused by name, and never cut silently. What a crash tears
// off its end is no damage.
#include <gmock/gmock.h>

#include "storage/damage_fixture.h"

namespace matinee::storage {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

TEST_F(DamagedStores, a_flipped_byte_in_the_log_is_refused_with_its_position_and_what_is_behind) {
  kill();
  flip(log(), simulation.disk.size(log()).value() / 3);
  EXPECT_THAT(
      refusal(),
      MatchesRegex("The data directory /data is damaged: its log store/[0-9]+\\.log does "
                   "not check at byte [1-9][0-9]+, and [1-9][0-9]+ records or parts of "
                   "records behind it do\\. `matinee up --accept-loss` opens what is before "
                   "that, and keeps the rest in a subdirectory\\."));
  // And again: nothing was changed.
  EXPECT_NE(refusal(), "");
}

TEST_F(DamagedStores, a_flipped_byte_is_refused_too_where_nothing_was_synced_yet) {
  kill(false);
  flip(log(), simulation.disk.size(log()).value() / 3);
  EXPECT_THAT(refusal(), HasSubstr("does not check at byte"));
}

TEST_F(DamagedStores, an_accepted_loss_keeps_the_damaged_log_and_what_is_before) {
  kill();
  const std::string name = log();
  flip(name, simulation.disk.size(name).value() / 3);
  const std::string damaged = *simulation.disk.read(name);
  ASSERT_EQ(refusal(true), "");
  EXPECT_GT(kept(), 5);
  EXPECT_LT(kept(), count);
  EXPECT_EQ(*simulation.disk.read("/data/lost-1" + name.substr(name.rfind('/'))), damaged);
  put("b", 1);
  kill();
  EXPECT_EQ(refusal(), "");
  EXPECT_TRUE(movies->contains({"b", 1}));
}

TEST_F(DamagedStores, bodies_of_what_was_lost_are_set_aside_and_not_collected) {
  std::vector<BlobRef> blobs;
  for (int i = 0; i < 8; ++i) {
    auto writer = store->blobs().create();
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->write("body " + std::to_string(i)));
    ASSERT_TRUE(writer->finish());
    Transaction transaction(*store);
    blobs.push_back(store->blobs().keep(std::move(*writer)));
    transaction.commit();
    put("b", 1, std::string(5000, 'b'));
  }
  kill();
  ASSERT_EQ(files("/data/blobs").size(), 8);
  flip(log(), simulation.disk.size(log()).value() * 9 / 10);
  ASSERT_NE(refusal(), "");
  EXPECT_EQ(files("/data/blobs").size(), 8);
  ASSERT_EQ(refusal(true), "");
  simulation.loop.run_until_idle();
  const std::size_t aside = files("/data/lost-1/blobs").size();
  EXPECT_GT(aside, 0);
  EXPECT_EQ(files("/data/blobs").size() + aside, 8);
  auto fresh = store->blobs().create();
  ASSERT_TRUE(fresh);
  const BlobRef made = fresh->finish().value();
  for (const BlobRef& blob : blobs) EXPECT_NE(blob.id, made.id);
}

TEST_F(DamagedStores, a_torn_end_is_no_damage) {
  kill(false);
  simulation.disk.cut(log(), simulation.disk.size(log()).value() - 100);
  ASSERT_EQ(refusal(), "");
  EXPECT_EQ(kept(), count - 1);
}

TEST_F(DamagedStores, a_log_that_ends_before_what_was_synced_is_refused) {
  kill();
  simulation.disk.cut(log(), simulation.disk.size(log()).value() / 2);
  EXPECT_THAT(refusal(), HasSubstr("bytes of it were on the disk"));
  ASSERT_EQ(refusal(true), "");
  EXPECT_GT(kept(), 10);
}

TEST_F(DamagedStores, a_log_whose_synced_end_is_blank_is_refused) {
  kill();
  const std::uint64_t size = simulation.disk.size(log()).value();
  simulation.disk.overwrite(log(), size / 2, std::string(size - size / 2, '\0'));
  EXPECT_THAT(refusal(), HasSubstr("bytes of it were on the disk"));
}

TEST_F(DamagedStores, a_missing_log_is_refused_by_name) {
  kill();
  const std::string name = log();
  ASSERT_TRUE(simulation.disk.remove(name));
  EXPECT_THAT(refusal(), HasSubstr("its log store" + name.substr(name.rfind('/')) + " is missing"));
  ASSERT_EQ(refusal(true), "");
  EXPECT_EQ(kept(), 0);
}

TEST_F(DamagedStores, a_power_cut_may_take_what_was_not_synced_in_any_order) {
  kill();
  ASSERT_EQ(refusal(), "");
  for (std::uint32_t i = 0; i < count; ++i) put("b", i, text(i));
  ASSERT_TRUE(store->flush());
  simulation.loop.run_until_idle();
  const std::uint64_t size = simulation.disk.size(log()).value();
  ASSERT_TRUE(simulation.disk.sync_everything("/data"));
  lose_power();
  // As if pages from the middle of what was not synced had not reached the disk.
  simulation.disk.overwrite(log(), size / 2, std::string(4096, '\0'));
  ASSERT_EQ(refusal(), "");
  EXPECT_GT(kept(), count);
}

TEST_F(DamagedStores, a_directory_whose_database_is_missing_is_not_new) {
  kill();
  for (const std::string& path : files("/data/store")) ASSERT_TRUE(simulation.disk.remove(path));
  EXPECT_EQ(refusal(),
            "The data directory /data is damaged: there is a FORMAT, but store/CURRENT, without "
            "which the database cannot be read, is missing.");
  ASSERT_TRUE(simulation.disk.remove("/data/FORMAT"));
  EXPECT_EQ(refusal(), "");
}

TEST_F(DamagedStores, a_database_without_its_current_manifest_is_not_new) {
  kill();
  ASSERT_TRUE(simulation.disk.remove("/data/store/CURRENT"));
  ASSERT_TRUE(simulation.disk.remove("/data/FORMAT"));
  EXPECT_THAT(refusal(), HasSubstr("there is a part of its database"));
}

}  // namespace
}  // namespace matinee::storage
