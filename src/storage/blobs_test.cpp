#include "storage/blobs.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <set>

#include "runtime/real/real_disk.h"
#include "runtime/simulated/simulation.h"
#include "storage/table.h"

namespace matinee::storage {
namespace {

using Crash = runtime::SimulatedDisk::Crash;

class BlobFilesOfAStore : public testing::Test {
 protected:
  void SetUp() override { open(); }

  void open() {
    auto opened = Store::open({.directory = "/data",
                               .durability = durability,
                               .disk = &simulation.disk,
                               .workers = &simulation.workers});
    ASSERT_TRUE(opened) << opened.error().message;
    store = *std::move(opened);
    objects.emplace(*store, TableId{0x0f01});
    simulation.loop.set_flush([this] { ASSERT_TRUE(store->flush()); });
    simulation.loop.run_until_idle();
  }
  void crash_and_open(Crash kind) {
    simulation.crash(kind);
    store.reset();
    simulation.restart();
    open();
  }
  BlobWriter write(const std::string& content) {
    auto writer = store->blobs().create();
    EXPECT_TRUE(writer);
    EXPECT_TRUE(writer->write(content.substr(0, 1)));
    EXPECT_TRUE(writer->write(content.substr(1)));
    EXPECT_TRUE(writer->finish());
    return *std::move(writer);
  }
  BlobRef put(const std::string& name, const std::string& content) {
    BlobWriter writer = write(content);
    Transaction transaction(*store);
    BlobRef blob = store->blobs().keep(std::move(writer));
    objects->put(name, blob);
    transaction.commit();
    return blob;
  }
  void remove(const std::string& name) {
    Transaction transaction(*store);
    store->blobs().remove(*objects->find(name));
    objects->erase(name);
    transaction.commit();
  }
  void let_pass(std::chrono::milliseconds time) {
    simulation.loop.post([] {});
    simulation.loop.advance(time);
  }
  /// What the object's blob holds, or why it cannot be read.
  std::string content(const std::string& name) {
    auto blob = store->blobs().open(*objects->find(name));
    return blob ? std::string((*blob)->bytes()) : blob.error().message;
  }
  std::size_t files() {
    std::size_t count = 0;
    auto shards = simulation.disk.list("/data/blobs");
    for (const std::string& shard : shards.value_or(std::vector<std::string>())) {
      count += simulation.disk.list("/data/blobs/" + shard)->size();
    }
    return count;
  }

  Durability durability = Durability::process;
  runtime::Simulation simulation;
  std::unique_ptr<Store> store;
  std::optional<Table<std::string, BlobRef>> objects;
};

TEST_F(BlobFilesOfAStore, a_blob_is_read_as_it_was_written) {
  BlobRef blob = put("a", "content");
  EXPECT_EQ(blob.size, 7u);
  EXPECT_EQ(content("a"), "content");
  auto open = store->blobs().open(blob);
  ASSERT_TRUE(open);
  std::array<char, 4> buffer{};
  EXPECT_EQ((*open)->read_at(3, buffer), 4u);
  EXPECT_EQ(std::string_view(buffer.data(), 4), "tent");
}

TEST_F(BlobFilesOfAStore, many_are_in_few_directories_under_names_of_their_own) {
  std::set<std::uint64_t> ids;
  for (int i = 0; i < 600; ++i) ids.insert(put(std::to_string(i), std::to_string(i)).id);
  EXPECT_EQ(ids.size(), 600U);
  EXPECT_EQ(files(), 600U);
  EXPECT_EQ(simulation.disk.list("/data/blobs")->size(), 8U);
  EXPECT_EQ(content("599"), "599");
}

/// As versions before this one have named them.
TEST_F(BlobFilesOfAStore, one_in_another_directory_is_read_and_removed) {
  const BlobRef put_now = put("a", "content");
  const BlobRef of_before{.id = put_now.id + 0xc0, .size = 7};
  ASSERT_TRUE(simulation.disk.create_directories("/data/blobs/c1"));
  ASSERT_TRUE(simulation.disk.rename(fmt::format("/data/blobs/01/{:016x}", put_now.id),
                                     fmt::format("/data/blobs/c1/{:016x}", of_before.id)));
  {
    Transaction transaction(*store);
    objects->put("a", of_before);
    transaction.commit();
  }
  EXPECT_EQ(content("a"), "content");
  remove("a");
  let_pass(std::chrono::seconds(1));
  EXPECT_EQ(files(), 0U);
}

TEST_F(BlobFilesOfAStore, a_writer_that_gives_up_leaves_no_file) {
  {
    auto unfinished = store->blobs().create();
    ASSERT_TRUE(unfinished->write("half"));
    BlobWriter finished = write("whole");
    EXPECT_EQ(files(), 2u);
  }
  EXPECT_EQ(files(), 0u);
  let_pass(std::chrono::seconds(1));
}

TEST_F(BlobFilesOfAStore, a_rolled_back_transaction_leaves_no_file) {
  {
    Transaction transaction(*store);
    objects->put("a", store->blobs().keep(write("content")));
  }
  EXPECT_EQ(files(), 0u);
  EXPECT_FALSE(objects->find("a"));
}

TEST_F(BlobFilesOfAStore, a_rolled_back_removal_keeps_the_blob) {
  put("a", "content");
  {
    Transaction transaction(*store);
    store->blobs().remove(*objects->find("a"));
    objects->erase("a");
  }
  let_pass(std::chrono::seconds(1));
  EXPECT_EQ(content("a"), "content");
}

TEST_F(BlobFilesOfAStore, a_removed_blob_goes_after_the_log_is_synced) {
  put("a", "content");
  let_pass(std::chrono::seconds(1));
  remove("a");
  EXPECT_EQ(files(), 1u);
  ASSERT_TRUE(store->flush());
  EXPECT_EQ(files(), 1u);
  let_pass(std::chrono::milliseconds(100));
  EXPECT_EQ(files(), 0u);
}

TEST_F(BlobFilesOfAStore, a_reader_finishes_although_the_blob_is_removed) {
  BlobRef blob = put("a", "content");
  auto reader = *store->blobs().open(blob);
  remove("a");
  let_pass(std::chrono::seconds(1));
  EXPECT_EQ(files(), 0u);
  EXPECT_EQ(store->blobs().open(blob).error().kind, runtime::DiskError::Kind::not_found);
  EXPECT_EQ(reader->bytes(), "content");
}

TEST_F(BlobFilesOfAStore, kill_between_commit_and_flush_brings_a_removed_blob_back) {
  put("a", "content");
  let_pass(std::chrono::seconds(1));
  remove("a");
  // A sync in the background that does not know of the removal yet must not remove the file.
  put("b", "other");
  simulation.loop.set_flush(nullptr);
  simulation.loop.advance(std::chrono::seconds(1));
  crash_and_open(Crash::process);
  ASSERT_TRUE(objects->find("a"));
  EXPECT_EQ(content("a"), "content");
}

TEST_F(BlobFilesOfAStore, left_over_files_are_collected_at_the_next_start) {
  put("kept", "content");
  put("removed", "content");
  ASSERT_TRUE(store->sync());
  remove("removed");
  ASSERT_TRUE(store->flush());
  BlobWriter abandoned = write("never kept");
  EXPECT_EQ(files(), 3u);
  crash_and_open(Crash::process);
  EXPECT_EQ(files(), 1u);
  EXPECT_EQ(content("kept"), "content");
  // And nothing new is taken for a left-over.
  put("new", "content");
  simulation.loop.run_until_idle();
  EXPECT_EQ(content("new"), "content");
}

TEST_F(BlobFilesOfAStore, after_the_interval_a_power_cut_takes_neither_reference_nor_content) {
  put("a", "content");
  let_pass(std::chrono::milliseconds(100));
  crash_and_open(Crash::power);
  ASSERT_TRUE(objects->find("a"));
  EXPECT_EQ(content("a"), "content");
}

TEST_F(BlobFilesOfAStore, many_blobs_at_once_are_synced_as_well) {
  for (int i = 0; i < 100; ++i) put(std::to_string(i), "content");
  let_pass(std::chrono::milliseconds(100));
  crash_and_open(Crash::power);
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(objects->contains(std::to_string(i)));
    EXPECT_EQ(content(std::to_string(i)), "content");
  }
}

TEST_F(BlobFilesOfAStore, with_durability_power_a_flushed_blob_survives_a_power_cut) {
  store.reset();
  durability = Durability::power;
  open();
  put("a", "content");
  ASSERT_TRUE(store->flush());
  crash_and_open(Crash::power);
  ASSERT_TRUE(objects->find("a"));
  EXPECT_EQ(content("a"), "content");
}

TEST_F(BlobFilesOfAStore, a_disk_that_is_almost_full_is_an_error_of_the_writer) {
  auto writer = store->blobs().create();
  EXPECT_TRUE(writer->write("12345"));
  simulation.disk.set_capacity(simulation.disk.used() + 1000);
  EXPECT_EQ(writer->write("12345678").error().kind, runtime::DiskError::Kind::no_space);
  EXPECT_EQ(store->blobs().create().error().kind, runtime::DiskError::Kind::no_space);
  simulation.disk.set_capacity(10 * simulation.disk.used());
  EXPECT_TRUE(store->blobs().create());
}

TEST_F(BlobFilesOfAStore, a_blob_cut_short_is_an_error_and_not_a_short_answer) {
  BlobRef blob = put("a", "content");
  ++blob.size;
  EXPECT_FALSE(store->blobs().open(blob));
}

TEST(BlobsInMemory, they_have_bytes_and_no_descriptor) {
  auto store = Store::open({.durability = Durability::memory});
  ASSERT_TRUE(store) << store.error().message;
  auto writer = (*store)->blobs().create();
  ASSERT_TRUE(writer->write("content"));
  auto blob = writer->finish();
  Transaction transaction(**store);
  (*store)->blobs().keep(*std::move(writer));
  transaction.commit();
  auto open = (*store)->blobs().open(*blob);
  ASSERT_TRUE(open);
  EXPECT_EQ((*open)->descriptor(), -1);
  EXPECT_EQ((*open)->bytes(), "content");
  Transaction removal(**store);
  (*store)->blobs().remove(*blob);
  removal.commit();
  ASSERT_TRUE((*store)->flush());
  EXPECT_FALSE((*store)->blobs().open(*blob));
}

TEST(BlobsOnTheRealDisk, they_have_a_descriptor_and_survive_reopening) {
  runtime::RealDisk disk;
  std::string directory = testing::TempDir() + "/blobs_test." + std::to_string(::getpid());
  StoreOptions options{.directory = directory, .disk = &disk};
  BlobRef blob;
  {
    auto store = Store::open(options);
    ASSERT_TRUE(store) << store.error().message;
    auto writer = (*store)->blobs().create();
    ASSERT_TRUE(writer->write(std::string(100000, 'x')));
    ASSERT_TRUE(writer->finish());
    Transaction transaction(**store);
    blob = (*store)->blobs().keep(*std::move(writer));
    transaction.commit();
  }
  auto store = Store::open(options);
  ASSERT_TRUE(store) << store.error().message;
  auto open = (*store)->blobs().open(blob);
  ASSERT_TRUE(open) << open.error().message;
  EXPECT_GE((*open)->descriptor(), 0);
  EXPECT_EQ((*open)->size(), 100000u);
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace matinee::storage
