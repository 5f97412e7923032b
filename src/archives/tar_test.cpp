// The heads of tar archives.
#include "archives/tar.h"

#include <gtest/gtest.h>

namespace matinee::archives {
namespace {

TEST(Tar, what_is_written_is_read) {
  for (const std::uint64_t size :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{512}, (std::uint64_t{1} << 33) - 1,
        std::uint64_t{1} << 33, std::uint64_t{1} << 50}) {
    const std::string head = tar_head("store/000012.sst", size);
    ASSERT_EQ(head.size(), tar_block);
    const auto entry = read_tar_head(head);
    ASSERT_TRUE(entry) << size;
    EXPECT_EQ(entry->name, "store/000012.sst");
    EXPECT_EQ(entry->size, size);
    EXPECT_TRUE(entry->is_file);
  }
}

TEST(Tar, padding_fills_blocks) {
  EXPECT_EQ(tar_padding(0), 0U);
  EXPECT_EQ(tar_padding(1), 511U);
  EXPECT_EQ(tar_padding(512), 0U);
  EXPECT_EQ(tar_padding(513), 511U);
}

TEST(Tar, a_changed_byte_anywhere_is_noticed) {
  const std::string head = tar_head("SNAPSHOT", 40);
  for (std::size_t i = 0; i < head.size(); ++i) {
    std::string changed = head;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    const auto entry = read_tar_head(changed);
    // A digit of the sum's own that is a blank or an end already may change to what means the same.
    EXPECT_TRUE(!entry || (i >= 148 && i < 156 && entry->name == "SNAPSHOT")) << i;
  }
  EXPECT_FALSE(read_tar_head(head.substr(1)));
  EXPECT_FALSE(read_tar_head(std::string(tar_block, '\0')));
}

TEST(Tar, the_end_is_two_blocks_of_zeros) {
  EXPECT_EQ(tar_end().size(), 2 * tar_block);
  EXPECT_TRUE(is_tar_end(tar_end()));
  EXPECT_FALSE(is_tar_end(tar_head("a", 0)));
}

}  // namespace
}  // namespace matinee::archives
