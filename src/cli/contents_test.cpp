#include "cli/contents.h"

#include <gtest/gtest.h>

namespace matinee::cli {
namespace {

TEST(Contents, each_kind_of_resource_is_named_on_a_line_of_its_own) {
  const Contents contents{.region = "eu-west-1",
                          .queues = {.names = {"a", "b"}},
                          .tables = {},
                          .buckets = {.names = {"c"}, .has_more = true}};
  EXPECT_EQ(describe(contents),
            "In eu-west-1:\n"
            "  queues   a, b\n"
            "  tables   none\n"
            "  buckets  c and more\n");
}

TEST(Contents, of_many_names_the_first_are_shown_and_the_others_counted) {
  const Contents contents{.region = "r",
                          .queues = {},
                          .tables = {.names = {"a", "b", "c", "d", "e", "f", "g"}},
                          .buckets = {}};
  EXPECT_TRUE(describe(contents).contains("  tables   a, b, c, d, e and 2 more\n"));
}

}  // namespace
}  // namespace matinee::cli
