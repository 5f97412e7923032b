// What the lineage of a trace counts.
#include "services/lineage.h"

#include <gtest/gtest.h>

#include "runtime/simulated/simulation.h"

namespace matinee::services {

namespace {

constexpr std::string_view root =
    "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8";
constexpr std::string_view one = "arn:aws:lambda:us-east-1:000000000000:function:one";
constexpr std::string_view other = "arn:aws:lambda:us-east-1:000000000000:function:other";

}  // namespace

TEST(Lineage, each_pass_through_a_function_is_counted_and_what_stands_before_stays) {
  const Passed first = pass_through(root, one);
  EXPECT_EQ(first.passes, 1U);
  EXPECT_TRUE(first.header.starts_with(root)) << first.header;
  EXPECT_TRUE(first.header.ends_with(":1")) << first.header;
  const Passed second = pass_through(first.header, one);
  EXPECT_EQ(second.passes, 2U);
  EXPECT_EQ(second.header.size(), first.header.size());
  EXPECT_EQ(passes_through(second.header, one), 2U);
}

TEST(Lineage, traces_of_the_same_passes_have_the_same) {
  EXPECT_TRUE(have_same_lineage("Root=1-a;Lineage=a87bd80c:1;Sampled=0", "Lineage=a87bd80c:1"));
  EXPECT_FALSE(have_same_lineage("Root=1-a;Lineage=a87bd80c:1", "Root=1-a;Lineage=a87bd80c:2"));
  EXPECT_TRUE(have_same_lineage("Root=1-a", "Root=1-b"));
}

TEST(Lineage, functions_are_counted_each_for_itself) {
  const Passed passed =
      pass_through(pass_through(pass_through(root, one).header, other).header, one);
  EXPECT_EQ(passed.passes, 2U);
  EXPECT_EQ(passes_through(passed.header, other), 1U);
  EXPECT_EQ(passes_through(passed.header, "arn:aws:lambda:us-east-1:000000000000:function:third"),
            0U);
}

TEST(Lineage, what_others_have_written_is_kept_and_what_is_none_is_left_out) {
  const Passed passed =
      pass_through("Root=1-a;Lineage=a87bd80c:1|nonsense|68fd508a:5|12:x;Sampled=1", one);
  EXPECT_TRUE(passed.header.starts_with("Root=1-a;Sampled=1;Lineage=a87bd80c:1|68fd508a:5|"))
      << passed.header;
  EXPECT_EQ(passed.passes, 1U);
}

TEST(Lineage, it_does_not_grow_without_end) {
  std::string header(root);
  for (int i = 0; i < 100; ++i)
    header = pass_through(header, "arn:aws:lambda:::function:f" + std::to_string(i)).header;
  EXPECT_LT(header.size(), 500U);
  EXPECT_EQ(passes_through(header, "arn:aws:lambda:::function:f99"), 1U);
  EXPECT_EQ(passes_through(header, "arn:aws:lambda:::function:f0"), 0U);
}

TEST(Lineage, a_bus_hands_on_the_rest_of_the_trace) {
  EXPECT_EQ(without_lineage(pass_through(root, one).header), root);
  EXPECT_EQ(without_lineage(root), root);
  EXPECT_EQ(without_lineage(""), "");
}

TEST(Lineage, a_trace_begins_where_there_is_none) {
  runtime::Simulation machine;
  runtime::Runtime runtime = machine.runtime();
  const runtime::Time time{std::chrono::seconds(0x5759e988)};
  const std::string made = with_root("", time, runtime.random);
  EXPECT_TRUE(made.starts_with("Root=1-5759e988-")) << made;
  EXPECT_TRUE(made.ends_with(";Sampled=0")) << made;
  EXPECT_NE(made, with_root("garbage", time, runtime.random));
  EXPECT_EQ(with_root(std::string(root), time, runtime.random), root);
}

}  // namespace matinee::services
