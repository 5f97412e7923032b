#include "services/cloudformation/planning/doubts.h"

#include <gtest/gtest.h>

#include "templates/reader.h"

namespace matinee::cloudformation {
namespace {

std::string mix(const std::vector<std::string>& perhaps, const std::string& wanted) {
  std::vector<Value> values;
  for (const std::string& one : perhaps) values.push_back(templates::read_value(one));
  return templates::to_json(mixed(values, templates::read_value(wanted)));
}

TEST(Doubts, what_is_surely_there_stays) {
  EXPECT_EQ(mix({R"({"A": 1, "B": [1]})"}, R"({"A": 2})"), R"({"A":1,"B":[1]})");
  EXPECT_EQ(mix({R"({"A": 1, "B": 1})", R"({"A": 1, "B": 2})"}, R"({"A": 1, "B": 3})"),
            R"({"A":1,"B":2})");
}

TEST(Doubts, a_property_differs_from_what_is_wanted_where_one_of_them_does) {
  EXPECT_EQ(mix({R"({"A": 1})", R"({"A": 2})"}, R"({"A": 2})"), R"({"A":1})");
  EXPECT_EQ(mix({R"({"A": 1})", R"({"A": 2})"}, R"({"A": 1})"), R"({"A":2})");
  EXPECT_EQ(mix({R"({})", R"({"A": 2})"}, R"({"A": 2})"), R"({})");
  EXPECT_EQ(mix({R"({})", R"({"A": 2})"}, R"({})"), R"({"A":2})");
  EXPECT_EQ(mix({R"({"A": {"X": 1}})", R"({"A": {"X": 1, "Y": 2}})"}, R"({"A": {"X": 1}})"),
            R"({"A":{"X":1,"Y":2}})");
}

TEST(Doubts, lists_have_what_is_to_go_and_what_is_surely_there) {
  const std::string one = R"({"A": ["a", "b"]})";
  const std::string two = R"({"A": ["b", "c"]})";
  EXPECT_EQ(mix({one, two}, R"({"A": ["b", "d"]})"), R"({"A":["a","c","b"]})");
  EXPECT_EQ(mix({one, two}, one), R"({"A":["c","b"]})");
  EXPECT_EQ(mix({one, two}, R"({})"), R"({"A":["a","b","c"]})");
  EXPECT_EQ(mix({R"({})", one}, one), R"({})");
  EXPECT_EQ(mix({R"({"A": ["b", "a"]})", one}, one), R"({"A":["b","a"]})");
}

}  // namespace
}  // namespace matinee::cloudformation
