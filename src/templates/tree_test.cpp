#include "templates/tree.h"

#include <gtest/gtest.h>

namespace matinee::templates {
namespace {

TEST(Tree, WritesMembersInTheirOrderAndNumbersAsTheyAre) {
  Value value;
  value.set("b", Value::number("1000.0")).set("a", Value::number("0644")).set("c", "x\"y");
  value["list"].append(true);
  value["list"].append(Value());
  EXPECT_EQ(to_json(value), R"({"b":1000.0,"a":"0644","c":"x\"y","list":[true,null]})");
  EXPECT_EQ(to_sorted_json(value), R"({"a":"0644","b":1000.0,"c":"x\"y","list":[true,null]})");
}

TEST(Tree, AreEqualWhateverTheOrderOfTheirMembers) {
  Value one;
  one.set("a", 1).set("b", Value::list({"x"}));
  Value other;
  other.set("b", Value::list({"x"})).set("a", 1);
  EXPECT_EQ(one, other);
  other.set("a", "1");
  EXPECT_FALSE(one == other) << "a string is not a number";
}

TEST(Tree, SetsAMemberInItsOldPlaceAndRemovesIt) {
  Value value;
  value.set("a", 1).set("b", 2).set("a", 3);
  EXPECT_EQ(to_json(value), R"({"a":3,"b":2})");
  EXPECT_TRUE(value.erase("a"));
  EXPECT_FALSE(value.erase("a"));
  EXPECT_EQ(to_json(value), R"({"b":2})");
}

}  // namespace
}  // namespace matinee::templates
