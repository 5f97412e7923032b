#include "cli/keys.h"

#include <gtest/gtest.h>

namespace matinee::cli {
namespace {

TEST(Keys, they_stand_a_line_each_with_comments_between_them) {
  Keys keys;
  EXPECT_TRUE(
      add_keys("# of the tests\nA:one\n\n  111122223333:two/with+signs=  \r\nB:b:c\n", keys));
  EXPECT_EQ(keys, (Keys{{"A", "one"}, {"111122223333", "two/with+signs="}, {"B", "b:c"}}));
}

TEST(Keys, in_a_variable_they_stand_side_by_side) {
  Keys keys;
  EXPECT_TRUE(add_keys("A:one B:two", keys));
  EXPECT_EQ(keys, (Keys{{"A", "one"}, {"B", "two"}}));
}

TEST(Keys, nothing_is_no_key_and_no_fault) {
  Keys keys;
  EXPECT_TRUE(add_keys("", keys));
  EXPECT_TRUE(add_keys(" \n # nothing", keys));
  EXPECT_TRUE(keys.empty());
}

TEST(Keys, a_word_without_both_parts_is_a_fault) {
  for (const char* text : {"A", "A:", ":one", "A:one\nB"}) {
    Keys keys;
    EXPECT_FALSE(add_keys(text, keys)) << text;
  }
}

TEST(Keys, what_is_written_is_read_back) {
  const Keys keys{{"A", "one"}, {"B", "two"}};
  Keys read;
  EXPECT_TRUE(add_keys(to_text(keys), read));
  EXPECT_EQ(read, keys);
}

}  // namespace
}  // namespace matinee::cli
