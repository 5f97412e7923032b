// Links to bodies, made by more than one thread.
#include "storage/linked_bodies.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "runtime/real/real_disk.h"
#include "runtime/real/worker_pool.h"

namespace matinee::storage {
namespace {

class LinkedBodies : public testing::Test {
 protected:
  static constexpr std::size_t count = 400;

  void SetUp() override {
    root = testing::TempDir() + "/linked_bodies." + std::to_string(::getpid());
    for (std::size_t i = 0; i < count; ++i) {
      const std::string shard = fmt::format("{}/from/{:02x}", root, i % 8);
      ASSERT_TRUE(disk.create_directories(shard));
      ASSERT_TRUE((*disk.create(fmt::format("{}/{:016x}", shard, i)))->write("body"));
    }
  }
  void TearDown() override { std::filesystem::remove_all(root); }
  std::size_t files_in(const std::string& directory) {
    std::size_t found = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory))
      if (entry.is_regular_file()) ++found;
    return found;
  }

  runtime::RealDisk disk;
  runtime::WorkerPool workers{2};
  std::string root;
};

TEST_F(LinkedBodies, are_all_there_when_it_says_so_whoever_helps) {
  for (int round = 0; round < 50; ++round) {
    const std::string to = fmt::format("{}/to{}", root, round);
    runtime::Workers* helpers = round % 5 == 0 ? nullptr : &workers;
    const auto linked = link_bodies(disk, root + "/from", to, helpers);
    ASSERT_TRUE(linked) << linked.error().message;
    ASSERT_EQ(files_in(to), count);
    EXPECT_EQ(linked->files, count);
    EXPECT_EQ(linked->bytes, 4 * count);
  }
}

TEST_F(LinkedBodies, fail_as_a_whole_where_one_cannot_be_linked) {
  for (std::size_t taken = 0; taken < 8; ++taken) {
    const std::string to = fmt::format("{}/taken{}", root, taken);
    ASSERT_TRUE(disk.create_directories(fmt::format("{}/{:02x}", to, taken)));
    ASSERT_TRUE(disk.create(fmt::format("{}/{:02x}/{:016x}", to, taken, taken + 80)));
    EXPECT_FALSE(link_bodies(disk, root + "/from", to, &workers));
  }
}

TEST_F(LinkedBodies, of_a_store_without_any_are_none) {
  const auto linked = link_bodies(disk, root + "/none", root + "/to", &workers);
  ASSERT_TRUE(linked);
  EXPECT_EQ(linked->files, 0U);
  EXPECT_TRUE(disk.exists(root + "/to"));
}

}  // namespace
}  // namespace matinee::storage
