// The condition operators, one by one.
#include "policy/policy_fixture.h"
#include "policy/wildcard.h"

namespace matinee::policy {

using Conditions = PolicyTest;

TEST_F(Conditions, strings_are_equal_alike_or_neither) {
  values["k"] = {"Films/new"};
  EXPECT_TRUE(holds(R"({"StringEquals":{"K":["x","Films/new"]}})"));
  EXPECT_FALSE(holds(R"({"StringEquals":{"K":"films/new"}})"));
  EXPECT_FALSE(holds(R"({"StringEquals":{"K":"Films/*"}})"));
  EXPECT_TRUE(holds(R"({"StringEqualsIgnoreCase":{"K":"films/NEW"}})"));
  EXPECT_TRUE(holds(R"({"StringLike":{"K":"Films/n?w*"}})"));
  EXPECT_FALSE(holds(R"({"StringNotEquals":{"K":["x","Films/new"]}})"));
  EXPECT_TRUE(holds(R"({"StringNotEquals":{"K":["x","y"]}})"));
  EXPECT_FALSE(holds(R"({"StringNotEqualsIgnoreCase":{"K":"films/NEW"}})"));
  EXPECT_FALSE(holds(R"({"StringNotLike":{"K":"Films/*"}})"));
}

TEST_F(Conditions, numbers_are_compared_as_numbers) {
  values["k"] = {"10"};
  EXPECT_TRUE(holds(R"({"NumericEquals":{"k":"10.0"}})"));
  EXPECT_FALSE(holds(R"({"NumericNotEquals":{"k":10}})"));
  EXPECT_TRUE(holds(R"({"NumericLessThan":{"k":"11"}})"));
  EXPECT_FALSE(holds(R"({"NumericLessThan":{"k":"9"}})"));
  EXPECT_TRUE(holds(R"({"NumericLessThanEquals":{"k":"10"}})"));
  EXPECT_TRUE(holds(R"({"NumericGreaterThan":{"k":"9"}})"));
  EXPECT_FALSE(holds(R"({"NumericGreaterThan":{"k":"10"}})"));
  EXPECT_TRUE(holds(R"({"NumericGreaterThanEquals":{"k":"10"}})"));
  values["k"] = {"ten"};
  EXPECT_FALSE(holds(R"({"NumericLessThan":{"k":"11"}})"));
}

TEST_F(Conditions, dates_come_in_both_of_their_forms) {
  values["k"] = {"2024-02-29T12:00:00Z"};
  EXPECT_TRUE(holds(R"({"DateEquals":{"k":"1709208000"}})"));
  EXPECT_TRUE(holds(R"({"DateLessThan":{"k":"2024-03-01T00:00:00Z"}})"));
  EXPECT_FALSE(holds(R"({"DateLessThanEquals":{"k":"2024-02-29T11:59:59Z"}})"));
  EXPECT_TRUE(holds(R"({"DateGreaterThan":{"k":"2024-02-28T00:00:00Z"}})"));
  EXPECT_TRUE(holds(R"({"DateGreaterThanEquals":{"k":"2024-02-29T12:00:00Z"}})"));
  EXPECT_FALSE(holds(R"({"DateNotEquals":{"k":"1709208000"}})"));
}

TEST_F(Conditions, booleans_and_bytes_are_compared) {
  values["k"] = {"false"};
  EXPECT_TRUE(holds(R"({"Bool":{"k":"False"}})"));
  EXPECT_FALSE(holds(R"({"Bool":{"k":true}})"));
  values["k"] = {"QmluYXJ5"};
  EXPECT_TRUE(holds(R"({"BinaryEquals":{"k":"QmluYXJ5"}})"));
  EXPECT_FALSE(holds(R"({"BinaryEquals":{"k":"AAAA"}})"));
}

TEST_F(Conditions, addresses_are_within_ranges) {
  values["k"] = {"203.0.113.7"};
  EXPECT_TRUE(holds(R"({"IpAddress":{"k":["10.0.0.0/8","203.0.113.0/24"]}})"));
  EXPECT_TRUE(holds(R"({"IpAddress":{"k":"203.0.113.7"}})"));
  EXPECT_TRUE(holds(R"({"IpAddress":{"k":"0.0.0.0/0"}})"));
  EXPECT_FALSE(holds(R"({"IpAddress":{"k":"203.0.113.8/29"}})"));
  EXPECT_FALSE(holds(R"({"IpAddress":{"k":"2001:db8::/32"}})"));
  EXPECT_FALSE(holds(R"({"NotIpAddress":{"k":"203.0.113.0/24"}})"));
  EXPECT_TRUE(holds(R"({"NotIpAddress":{"k":"10.0.0.0/8"}})"));
  values["k"] = {"2001:db8:1::5"};
  EXPECT_TRUE(holds(R"({"IpAddress":{"k":"2001:db8::/32"}})"));
}

TEST_F(Conditions, parts_of_arns_are_compared_one_by_one) {
  values["k"] = {"arn:aws:sns:us-east-1:111122223333:films"};
  EXPECT_TRUE(holds(R"({"ArnLike":{"k":"arn:aws:sns:*:*:film?"}})"));
  EXPECT_TRUE(holds(R"({"ArnEquals":{"k":"arn:aws:sns:*:111122223333:*"}})"));
  EXPECT_FALSE(holds(R"({"ArnLike":{"k":"arn:aws:sns:*:films"}})")) << "a star is within a part";
  EXPECT_FALSE(holds(R"({"ArnNotLike":{"k":"arn:aws:sns:*:*:*"}})"));
  EXPECT_TRUE(holds(R"({"ArnNotEquals":{"k":"arn:aws:sqs:*:*:*"}})"));
}

TEST_F(Conditions, a_key_that_is_not_there_fails_all_but_the_negated) {
  EXPECT_FALSE(holds(R"({"StringEquals":{"k":"x"}})"));
  EXPECT_TRUE(holds(R"({"StringNotEquals":{"k":"x"}})"));
  EXPECT_TRUE(holds(R"({"NotIpAddress":{"k":"10.0.0.0/8"}})"));
  EXPECT_TRUE(holds(R"({"StringEqualsIfExists":{"k":"x"}})"));
  EXPECT_TRUE(holds(R"({"Null":{"k":"true"}})"));
  EXPECT_FALSE(holds(R"({"Null":{"k":"false"}})"));
  values["k"] = {"y"};
  EXPECT_FALSE(holds(R"({"StringEqualsIfExists":{"k":"x"}})"));
  EXPECT_FALSE(holds(R"({"Null":{"k":"true"}})"));
  EXPECT_TRUE(holds(R"({"Null":{"k":false}})"));
}

TEST_F(Conditions, several_values_are_taken_all_together_or_one_by_one) {
  values["k"] = {"a", "b"};
  EXPECT_TRUE(holds(R"({"ForAllValues:StringEquals":{"k":["a","b","c"]}})"));
  EXPECT_FALSE(holds(R"({"ForAllValues:StringEquals":{"k":["a"]}})"));
  EXPECT_TRUE(holds(R"({"ForAnyValue:StringEquals":{"k":["b","c"]}})"));
  EXPECT_FALSE(holds(R"({"ForAnyValue:StringLike":{"k":["c*"]}})"));
  EXPECT_TRUE(holds(R"({"ForAnyValue:StringNotEquals":{"k":["a"]}})"));
  EXPECT_FALSE(holds(R"({"ForAllValues:StringNotEquals":{"k":["a"]}})"));
  values.erase("k");
  EXPECT_TRUE(holds(R"({"ForAllValues:StringEquals":{"k":["a"]}})"));
  EXPECT_FALSE(holds(R"({"ForAnyValue:StringEquals":{"k":["a"]}})"));
  EXPECT_FALSE(holds(R"({"ForAnyValue:StringNotEquals":{"k":["a"]}})"));
}

TEST_F(Conditions, all_conditions_must_hold) {
  values["a"] = {"1"};
  values["b"] = {"2"};
  EXPECT_TRUE(holds(R"({"StringEquals":{"a":"1","b":"2"}})"));
  EXPECT_FALSE(holds(R"({"StringEquals":{"a":"1","b":"3"}})"));
  EXPECT_FALSE(holds(R"({"StringEquals":{"a":"1"},"NumericLessThan":{"b":"2"}})"));
}

TEST_F(Conditions, their_values_may_be_variables) {
  values["aws:principaltag/team"] = {"red*"};
  values["k"] = {"red*"};
  EXPECT_TRUE(holds(R"({"StringEquals":{"k":"${aws:PrincipalTag/team}"}})"));
  EXPECT_TRUE(holds(R"({"StringLike":{"k":"${aws:PrincipalTag/team}"}})"));
  values["k"] = {"redder"};
  EXPECT_FALSE(holds(R"({"StringLike":{"k":"${aws:PrincipalTag/team}"}})"));
  EXPECT_FALSE(holds(R"({"StringLike":{"k":"${aws:PrincipalTag/size}"}})"));
}

TEST(Wildcards, stars_take_any_text_and_question_marks_one_byte) {
  EXPECT_TRUE(matches_wildcards("*", ""));
  EXPECT_TRUE(matches_wildcards("a*b*c", "a-b-b-c"));
  EXPECT_FALSE(matches_wildcards("a*b*c", "a-b-b"));
  EXPECT_TRUE(matches_wildcards("a?c", "abc"));
  EXPECT_FALSE(matches_wildcards("a?c", "ac"));
  EXPECT_TRUE(matches_wildcards("**a**", "xxaxx"));
  EXPECT_FALSE(matches_wildcards("", "a"));
  EXPECT_TRUE(matches_wildcards("ABC", "abc", Case::insensitive));
  EXPECT_FALSE(matches_wildcards("ABC", "abc"));
}

TEST(Wildcards, long_texts_do_not_take_long) {
  EXPECT_FALSE(matches_wildcards("*a*a*a*a*a*a*a*b", std::string(5000, 'a')));
}

}  // namespace matinee::policy
