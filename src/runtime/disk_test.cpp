// What both disks promise, and the faults of the simulated one.
#include "runtime/disk.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "runtime/real/real_disk.h"
#include "runtime/simulated/simulation.h"

namespace matinee::runtime {
namespace {

template <class AnyDisk>
class BothDisks : public testing::Test {
 protected:
  void SetUp() override {
    root = testing::TempDir() + "/disk_test." + std::to_string(::getpid());
    ASSERT_TRUE(disk.create_directories(root + "/a/b"));
  }
  void TearDown() override { std::filesystem::remove_all(root); }

  AnyDisk disk;
  std::string root;
};

using Disks = testing::Types<RealDisk, SimulatedDisk>;
TYPED_TEST_SUITE(BothDisks, Disks);

TYPED_TEST(BothDisks, a_file_is_read_as_it_was_written) {
  std::string path = this->root + "/a/file";
  auto file = this->disk.create(path);
  ASSERT_TRUE(file);
  ASSERT_TRUE((*file)->write("one "));
  ASSERT_TRUE((*file)->write("two"));
  ASSERT_TRUE((*file)->sync());
  EXPECT_EQ((*file)->size(), 7u);
  EXPECT_EQ(this->disk.read(path), "one two");
  EXPECT_EQ(this->disk.size(path), 7u);
  auto open = this->disk.open(path);
  ASSERT_TRUE(open);
  std::array<char, 10> buffer{};
  EXPECT_EQ((*open)->read_at(4, buffer), 3u);
  EXPECT_EQ(std::string_view(buffer.data(), 3), "two");
  EXPECT_EQ((*open)->read_at(100, buffer), 0u);
}

TYPED_TEST(BothDisks, an_open_file_outlives_its_name) {
  std::string path = this->root + "/file";
  ASSERT_TRUE(this->disk.write_atomically(path, "content"));
  auto open = this->disk.open(path);
  ASSERT_TRUE(open);
  ASSERT_TRUE(this->disk.remove(path));
  EXPECT_FALSE(this->disk.exists(path));
  std::array<char, 7> buffer{};
  EXPECT_EQ((*open)->read_at(0, buffer), 7u);
  EXPECT_EQ(std::string_view(buffer.data(), 7), "content");
}

TYPED_TEST(BothDisks, a_directory_lists_its_files_and_directories_in_order) {
  ASSERT_TRUE(this->disk.write_atomically(this->root + "/z", ""));
  ASSERT_TRUE(this->disk.write_atomically(this->root + "/b", ""));
  EXPECT_EQ(this->disk.list(this->root), (std::vector<std::string>{"a", "b", "z"}));
  EXPECT_EQ(this->disk.list(this->root + "/a"), (std::vector<std::string>{"b"}));
}

TYPED_TEST(BothDisks, what_is_missing_is_said_so_and_removing_it_is_no_error) {
  std::string path = this->root + "/missing";
  EXPECT_EQ(this->disk.read(path).error().kind, DiskError::Kind::not_found);
  EXPECT_EQ(this->disk.open(path).error().kind, DiskError::Kind::not_found);
  EXPECT_EQ(this->disk.list(path).error().kind, DiskError::Kind::not_found);
  EXPECT_EQ(this->disk.create(path + "/x").error().kind, DiskError::Kind::not_found);
  EXPECT_TRUE(this->disk.read(path).error().message.contains(path));
  EXPECT_TRUE(this->disk.remove(path));
}

TYPED_TEST(BothDisks, a_lock_is_not_seen_where_its_directory_is_gone) {
  const std::string directory = this->root + "/data";
  ASSERT_TRUE(this->disk.create_directories(directory));
  auto lock = this->disk.lock(directory + "/LOCK");
  ASSERT_TRUE(lock);
  EXPECT_TRUE(this->disk.find_lock_holder(directory + "/LOCK"));
  ASSERT_TRUE(this->disk.remove(directory + "/LOCK"));
  ASSERT_TRUE(this->disk.remove(directory));
  EXPECT_FALSE(this->disk.find_lock_holder(directory + "/LOCK"));
}

TYPED_TEST(BothDisks, a_lock_is_held_once_and_its_text_is_seen_by_others) {
  std::string path = this->root + "/LOCK";
  EXPECT_FALSE(this->disk.find_lock_holder(path));
  {
    auto lock = this->disk.lock(path);
    ASSERT_TRUE(lock);
    EXPECT_EQ(this->disk.lock(path).error().kind, DiskError::Kind::locked);
    ASSERT_TRUE(this->disk.find_lock_holder(path));
    EXPECT_EQ(this->disk.find_lock_holder(path)->text, "");
    ASSERT_TRUE((*lock)->write_text("http://127.0.0.1:4566"));
    EXPECT_EQ(this->disk.find_lock_holder(path)->text, "http://127.0.0.1:4566");
    EXPECT_GT(this->disk.find_lock_holder(path)->process_id, 0);
  }
  EXPECT_FALSE(this->disk.find_lock_holder(path));
  EXPECT_TRUE(this->disk.lock(path));
}

TEST(SimulatedDisk, a_power_cut_takes_what_was_not_synced_and_kill_takes_nothing) {
  SimulatedDisk disk;
  auto write = [&](const std::string& path) {
    auto file = disk.create(path);
    ASSERT_TRUE((*file)->write("synced "));
    ASSERT_TRUE((*file)->sync());
    ASSERT_TRUE((*file)->write("not synced"));
  };
  write("/file");
  disk.crash(SimulatedDisk::Crash::process);
  EXPECT_FALSE(disk.read("/file"));
  disk.restart();
  EXPECT_EQ(disk.read("/file"), "synced not synced");
  ASSERT_TRUE(disk.sync_directory("/"));
  write("/name not synced");
  disk.crash(SimulatedDisk::Crash::power);
  disk.restart();
  EXPECT_EQ(disk.read("/file"), "synced ");
  EXPECT_FALSE(disk.exists("/name not synced"));
}

TEST(SimulatedDisk, handles_from_before_a_crash_are_dead) {
  SimulatedDisk disk;
  auto file = disk.create("/file");
  auto lock = disk.lock("/lock");
  disk.crash(SimulatedDisk::Crash::process);
  disk.restart();
  EXPECT_FALSE((*file)->write("late"));
  EXPECT_EQ(disk.read("/file"), "");
  auto again = disk.lock("/lock");
  ASSERT_TRUE(again);
  lock->reset();
  EXPECT_TRUE(disk.find_lock_holder("/lock"));
}

TEST(SimulatedDisk, a_full_disk_refuses_writes_until_something_is_removed) {
  SimulatedDisk disk;
  disk.set_capacity(10);
  ASSERT_TRUE(disk.write_atomically("/first", "12345678"));
  EXPECT_EQ(disk.write_atomically("/second", "123").error().kind, DiskError::Kind::no_space);
  ASSERT_TRUE(disk.remove("/first"));
  EXPECT_TRUE(disk.write_atomically("/second", "123"));
}

TEST(SimulatedDisk, it_crashes_at_the_planned_write) {
  SimulatedDisk disk;
  auto file = disk.create("/file");
  disk.crash_after(1, SimulatedDisk::Crash::process);
  EXPECT_TRUE((*file)->write("first "));
  EXPECT_FALSE((*file)->write("second"));
  EXPECT_TRUE(disk.has_crashed());
  disk.restart();
  EXPECT_EQ(disk.read("/file"), "first sec");
}

TEST(Environment, the_data_directory_follows_the_xdg_rules) {
  Simulation simulation;
  EXPECT_EQ(simulation.environment.data_directory(), "/home/user/.local/share/matinee");
  simulation.environment.set("XDG_DATA_HOME", "/data");
  EXPECT_EQ(simulation.environment.data_directory(), "/data/matinee");
  simulation.environment.set("XDG_DATA_HOME", "relative");
  EXPECT_EQ(simulation.environment.data_directory(), "/home/user/.local/share/matinee");
}

}  // namespace
}  // namespace matinee::runtime
