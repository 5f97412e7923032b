#include "templates/tree.h"

#include <gtest/gtest.h>

namespace matinee::templates {
namespace {

TEST(Tree, writes_members_in_their_order_and_numbers_as_they_are) {
  Value value;
  value.set("b", Value::number("1000.0")).set("a", Value::number("0644")).set("c", "x\"y");
  value["list"].append(true);
  value["list"].append(Value());
  EXPECT_EQ(to_json(value), R"({"b":1000.0,"a":"0644","c":"x\"y","list":[true,null]})");
  EXPECT_EQ(to_sorted_json(value), R"({"a":"0644","b":1000.0,"c":"x\"y","list":[true,null]})");
}

TEST(Tree, are_equal_whatever_the_order_of_their_members) {
  Value one;
  one.set("a", 1).set("b", Value::list({"x"}));
  Value other;
  other.set("b", Value::list({"x"})).set("a", 1);
  EXPECT_EQ(one, other);
  other.set("a", "1");
  EXPECT_FALSE(one == other) << "a string is not a number";
}

TEST(Tree, sets_a_member_in_its_old_place_and_removes_it) {
  Value value;
  value.set("a", 1).set("b", 2).set("a", 3);
  EXPECT_EQ(to_json(value), R"({"a":3,"b":2})");
  EXPECT_TRUE(value.erase("a"));
  EXPECT_FALSE(value.erase("a"));
  EXPECT_EQ(to_json(value), R"({"b":2})");
}

TEST(Tree, takes_over_all_members_of_another_map) {
  Value value;
  value.set("a", 1).set("b", 2);
  Value more;
  more.set("c", 5).set("b", 4).set("d", 6);
  value.merge(more);
  EXPECT_EQ(to_json(value), R"({"a":1,"b":4,"c":5,"d":6})");
  Value nothing;
  nothing.merge(Value::map());
  EXPECT_EQ(to_json(nothing), "{}");
}

}  // namespace
}  // namespace matinee::templates
