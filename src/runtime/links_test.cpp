// Second names for files, on both disks; the simulated one has copies instead.
#include "runtime/links.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "runtime/real/real_disk.h"
#include "runtime/simulated/simulation.h"

namespace matinee::runtime {
namespace {

template <class AnyDisk>
class Links : public testing::Test {
 protected:
  void SetUp() override {
    root = testing::TempDir() + "/links_test." + std::to_string(::getpid());
    from = root + "/from";
    to = root + "/to";
    ASSERT_TRUE(disk.create_directories(from));
  }
  void TearDown() override { std::filesystem::remove_all(root); }
  void put(const std::string& path, const std::string& content) {
    auto file = disk.create(path);
    ASSERT_TRUE(file);
    ASSERT_TRUE((*file)->write(content));
  }

  AnyDisk disk;
  std::string root;
  std::string from;
  std::string to;
};

using Disks = testing::Types<RealDisk, SimulatedDisk>;
TYPED_TEST_SUITE(Links, Disks);

TYPED_TEST(Links, all_files_of_a_directory_are_in_the_other_one_too) {
  for (int i = 0; i < 1000; ++i)
    this->put(this->from + "/" + std::to_string(i), "content " + std::to_string(i % 10));
  const auto linked = link_files(this->disk, this->from, this->to);
  ASSERT_TRUE(linked) << linked.error().message;
  EXPECT_EQ(linked->files, 1000U);
  EXPECT_EQ(linked->bytes, 9000U);
  EXPECT_EQ(this->disk.list(this->to)->size(), 1000U);
  EXPECT_EQ(this->disk.read(this->to + "/123"), "content 3");
}

TYPED_TEST(Links, what_is_removed_in_one_directory_stays_in_the_other_one) {
  this->put(this->from + "/a", "content");
  ASSERT_TRUE(link_files(this->disk, this->from, this->to));
  ASSERT_TRUE(this->disk.remove(this->from + "/a"));
  EXPECT_EQ(this->disk.read(this->to + "/a"), "content");
}

TYPED_TEST(Links, a_directory_without_files_is_not_made_again) {
  const auto linked = link_files(this->disk, this->from, this->to);
  ASSERT_TRUE(linked);
  EXPECT_EQ(linked->files, 0U);
  EXPECT_FALSE(this->disk.exists(this->to));
}

TYPED_TEST(Links, a_directory_that_is_not_there_is_said_so) {
  EXPECT_EQ(link_files(this->disk, this->root + "/none", this->to).error().kind,
            DiskError::Kind::not_found);
}

TEST(LinksOfTheRealDisk, take_no_room_and_a_name_that_is_taken_is_an_error) {
  const std::string root = testing::TempDir() + "/links_of_real." + std::to_string(::getpid());
  RealDisk disk;
  ASSERT_TRUE(disk.create_directories(root + "/from"));
  ASSERT_TRUE(disk.write_atomically(root + "/from/a", "content"));
  ASSERT_TRUE(link_files(disk, root + "/from", root + "/to"));
  EXPECT_EQ(std::filesystem::hard_link_count(root + "/to/a"), 2U);
  EXPECT_FALSE(link_files(disk, root + "/from", root + "/to"));
  std::filesystem::remove_all(root);
}

TYPED_TEST(Links, a_tree_is_removed_by_pieces) {
  ASSERT_TRUE(this->disk.create_directories(this->root + "/tree/b"));
  for (int i = 0; i < 10; ++i)
    this->put(this->root + "/tree/" + (i % 2 == 0 ? "b/" : "") + std::to_string(i), "content");
  int turns = 1;
  for (;; ++turns) {
    const auto gone = remove_some(this->disk, this->root + "/tree", 4);
    ASSERT_TRUE(gone) << gone.error().message;
    EXPECT_EQ(*gone, !this->disk.exists(this->root + "/tree"));
    if (*gone) break;
  }
  EXPECT_GT(turns, 3);
  EXPECT_LT(turns, 8);
  EXPECT_EQ(remove_some(this->disk, this->root + "/tree", 4), true);
}

}  // namespace
}  // namespace matinee::runtime
