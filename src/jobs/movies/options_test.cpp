#include "jobs/movies/options.h"

#include <gtest/gtest.h>

#include "jobs/movies/layout.h"

namespace matinee::jobs::movies {
namespace {

TEST(MovieOptions, the_defaults_are_right) {
  EXPECT_EQ(find_option_fault({}), "");
}

TEST(MovieOptions, what_is_wrong_is_told_with_the_name_of_the_option) {
  const auto fault = [](auto change) {
    MovieOptions options;
    change(options);
    return find_option_fault(options);
  };
  EXPECT_EQ(fault([](MovieOptions& o) { o.count = 0; }),
            "--count must be between 1 and 1999998000, and 0 is not.");
  EXPECT_EQ(fault([](MovieOptions& o) { o.count = max_count + 1; }),
            "--count must be between 1 and 1999998000, and 1999998001 is not.");
  EXPECT_EQ(fault([](MovieOptions& o) { o.groups = 0; }),
            "--groups must be between 1 and 1000, and 0 is not.");
  EXPECT_EQ(fault([](MovieOptions& o) { o.job_id = "a/b"; }),
            "--job-id must have up to 60 letters, digits, '-', '_' and '.', and \"a/b\" does not.");
  EXPECT_TRUE(fault([](MovieOptions& o) { o.queue = "a b"; }).starts_with("--queue must be"));
  EXPECT_TRUE(fault([](MovieOptions& o) { o.queue = ".fifo"; }).starts_with("--queue must be"));
  EXPECT_TRUE(fault([](MovieOptions& o) { o.table = "ab"; }).starts_with("--table must be"));
  EXPECT_TRUE(fault([](MovieOptions& o) { o.bucket = "a_b"; }).starts_with("--bucket must be"));
  EXPECT_TRUE(fault([](MovieOptions& o) { o.bucket = "UPPER"; }).starts_with("--bucket must be"));
}

TEST(MovieOptions, only_a_name_that_ends_in_fifo_is_a_fifo_queue) {
  EXPECT_TRUE(MovieOptions{.queue = "a.fifo"}.is_fifo());
  EXPECT_FALSE(MovieOptions{.queue = "fifo"}.is_fifo());
}

TEST(MovieOptions, roles_have_names) {
  EXPECT_EQ(find_role("produce"), Role::produce);
  EXPECT_EQ(find_role("consume"), Role::consume);
  EXPECT_EQ(find_role("both"), std::nullopt);
}

}  // namespace
}  // namespace matinee::jobs::movies
