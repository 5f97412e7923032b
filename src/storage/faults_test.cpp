// A disk that fails for a while: writes are refused with the reason, and work again once it does.
#include <gmock/gmock.h>

#include <thread>

#include "storage/condition.h"
#include "storage/store_fixture.h"

namespace matinee::storage {
namespace {

using testing::HasSubstr;

class Faults : public Stores {
 protected:
  StoreOptions small_tables() {
    StoreOptions chosen = options();
    chosen.memtable_bytes = std::size_t{64} << 10;
    return chosen;
  }
  void SetUp() override { reopen(); }
  void reopen() {
    auto opened = Store::open(small_tables());
    ASSERT_TRUE(opened) << opened.error().message;
    store = *std::move(opened);
    movies.emplace(*store, TableId{0x0f01});
  }
  void kill() {
    simulation.crash(Crash::process);
    store.reset();
    simulation.restart();
  }
  /// Writes until that fails; returns why, or nothing after many writes.
  std::string write_until_refused() {
    for (int i = 0; i < 2000; ++i) {
      try {
        put("a", acknowledged, std::string(4000, 'a'));
      } catch (const StoreFailure& failure) {
        return failure.what();
      }
      EXPECT_TRUE(store->flush());
      ++acknowledged;
    }
    return "";
  }
  std::uint32_t kept() const {
    std::uint32_t found = 0;
    movies->scan(movies->all(), [&](const auto&, const Movie&) { return ++found, true; });
    return found;
  }

  std::uint32_t acknowledged = 0;
};

TEST_F(Faults, writes_are_refused_while_tables_cannot_be_written_and_work_afterwards) {
  simulation.disk.fail_writes_to(".sst");
  EXPECT_THAT(write_until_refused(), HasSubstr("Input/output error"));
  EXPECT_THAT(store->condition()->why_writes_fail().value_or(""), HasSubstr("Input/output error"));
  EXPECT_THAT(store->check_room().error().message, HasSubstr("Nothing can be stored"));
  EXPECT_EQ(kept(), acknowledged);

  simulation.loop.advance(std::chrono::seconds(3));
  EXPECT_TRUE(store->condition()->why_writes_fail()) << "the disk still fails";
  simulation.disk.fail_writes_to("");
  simulation.loop.advance(std::chrono::seconds(3));
  EXPECT_EQ(store->condition()->why_writes_fail(), std::nullopt);
  EXPECT_TRUE(store->check_room());
  put("b", 1);
  ASSERT_TRUE(store->flush());
  kill();
  reopen();
  EXPECT_EQ(kept(), acknowledged + 1);
}

TEST_F(Faults, a_manifest_that_cannot_be_written_is_tried_again) {
  simulation.disk.fail_writes_to("MANIFEST");
  EXPECT_THAT(write_until_refused(), HasSubstr("Input/output error"));
  simulation.disk.fail_writes_to("");
  simulation.loop.advance(std::chrono::seconds(3));
  EXPECT_EQ(store->condition()->why_writes_fail(), std::nullopt);
  put("b", 1);
  ASSERT_TRUE(store->flush());
  kill();
  reopen();
  EXPECT_EQ(kept(), acknowledged + 1);
}

TEST_F(Faults, a_log_that_cannot_be_written_ends_the_store) {
  put("a", 1);
  ASSERT_TRUE(store->flush());
  simulation.disk.fail_writes_to(".log");
  put("a", 2);
  EXPECT_FALSE(store->flush());
  simulation.disk.fail_writes_to("");
  EXPECT_FALSE(store->flush()) << "what is promised cannot be kept any more";
  kill();
  reopen();
  EXPECT_EQ(kept(), 1);
}

TEST_F(Faults, a_data_directory_that_is_removed_ends_the_store) {
  put("a", 1);
  ASSERT_TRUE(store->flush());
  simulation.disk.forget_directory("/data");
  simulation.loop.advance(milliseconds(200));
  const auto flushed = store->flush();
  ASSERT_FALSE(flushed);
  EXPECT_EQ(flushed.error().message,
            "the data directory was removed or replaced while it was in use");
}

TEST_F(Faults, the_latest_time_is_kept_and_a_restart_begins_no_earlier) {
  EXPECT_EQ(store->latest_time(), std::nullopt);
  const runtime::Time now = simulation.loop.now();
  put("a", 1);
  store->keep_time(now);
  ASSERT_TRUE(store->flush());
  kill();
  reopen();
  EXPECT_EQ(store->latest_time(), now);
  put("a", 2);
  store->keep_time(now - std::chrono::hours(48));
  ASSERT_TRUE(store->flush());
  EXPECT_EQ(store->latest_time(), now);
}

TEST_F(Stores, a_disk_that_takes_less_than_comes_is_told_while_there_is_room_for_small_writes) {
  EXPECT_FALSE(store->is_behind());
  simulation.disk.hold_writes_to(".sst");
  for (std::uint32_t number = 0; number < 100 && !store->is_behind(); ++number)
    put("large", number, std::string(1 << 20, 'x'));
  EXPECT_TRUE(store->is_behind());
  for (std::uint32_t number = 0; number < 1000; ++number) put("small", number);
  EXPECT_TRUE(movies->contains({"small", 999}));
  simulation.disk.hold_writes_to("");
  while (store->is_behind()) std::this_thread::yield();
  EXPECT_TRUE(movies->contains({"large", 0}));
}

}  // namespace
}  // namespace matinee::storage
