#include "services/cloudwatch/alarm_rule.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>

namespace matinee::cloudwatch {
namespace {

/// "a" is in ALARM, "o" is OK, and of all others nothing is known.
bool is_true(std::string_view text) {
  return AlarmRule::parse(text).evaluate([](const std::string& name) {
    if (name == "a") return "ALARM";
    return name == "o" ? "OK" : "INSUFFICIENT_DATA";
  });
}

std::string fault_of(std::string_view text) {
  try {
    AlarmRule::parse(text);
  } catch (const RuleFault& fault) {
    return fault.message;
  }
  return "none";
}

TEST(AlarmRule, knows_states_and_constants) {
  EXPECT_TRUE(is_true("ALARM(a)"));
  EXPECT_FALSE(is_true("OK(a)"));
  EXPECT_TRUE(is_true("OK(\"o\")"));
  EXPECT_TRUE(is_true(" INSUFFICIENT_DATA ( x ) "));
  EXPECT_TRUE(is_true("TRUE"));
  EXPECT_FALSE(is_true("False"));
}

TEST(AlarmRule, binds_not_before_and_before_or) {
  EXPECT_TRUE(is_true("TRUE OR TRUE AND FALSE"));
  EXPECT_FALSE(is_true("(TRUE OR TRUE) AND FALSE"));
  EXPECT_TRUE(is_true("NOT FALSE OR TRUE"));
  EXPECT_FALSE(is_true("NOT (FALSE OR TRUE)"));
  EXPECT_FALSE(is_true("NOT TRUE AND FALSE"));
  EXPECT_TRUE(is_true("NOT NOT ALARM(a)\n AND\tNOT ALARM(o)"));
  EXPECT_TRUE(is_true("(ALARM(x) OR ALARM(a)) AND OK(o)"));
}

TEST(AlarmRule, names_each_alarm_once) {
  const AlarmRule rule = AlarmRule::parse(
      "ALARM(one name) OR OK(\"a (b)\") OR NOT ALARM(arn:aws:cloudwatch:r:1:alarm:x) OR "
      "OK(one name)");
  EXPECT_EQ(rule.alarms(),
            (std::vector<std::string>{"one name", "a (b)", "arn:aws:cloudwatch:r:1:alarm:x"}));
}

TEST(AlarmRule, says_where_it_is_wrong) {
  EXPECT_EQ(fault_of("()"), "Error in AlarmRule [Unsupported token ')' at char 1]");
  EXPECT_EQ(fault_of("ALARM()"), "Error in AlarmRule [Unsupported token ')' at char 6]");
  EXPECT_EQ(fault_of("TRUE XOR TRUE"), "Error in AlarmRule [Unsupported token 'XOR' at char 5]");
  EXPECT_EQ(fault_of("a"), "Error in AlarmRule [Unsupported token 'a' at char 0]");
  EXPECT_EQ(fault_of("ALARM(a"), "Error in AlarmRule [Unexpected end at char 7]");
  EXPECT_EQ(fault_of("ALARM(\"a)"), "Error in AlarmRule [Unexpected end at char 9]");
  EXPECT_EQ(fault_of("(TRUE"), "Error in AlarmRule [Unexpected end at char 5]");
  EXPECT_EQ(fault_of("TRUE AND"), "Error in AlarmRule [Unexpected end at char 8]");
  EXPECT_EQ(fault_of("TRUE TRUE"), "Error in AlarmRule [Unsupported token 'TRUE' at char 5]");
}

TEST(AlarmRule, a_rule_has_no_more_alarms_and_elements_than_it_may) {
  std::string alarms = "TRUE";
  for (int i = 0; i < 100; ++i) alarms += fmt::format(" OR ALARM({})", i);
  EXPECT_EQ(fault_of(alarms), "none");
  EXPECT_EQ(fault_of(alarms + " OR ALARM(101)"),
            "Error in AlarmRule [More than 100 alarms at char 1307]");
  const std::string nested = std::string(499, '(') + "TRUE" + std::string(499, ')');
  EXPECT_TRUE(is_true(nested));
  EXPECT_EQ(fault_of("(" + nested + ")"),
            "Error in AlarmRule [More than 500 elements at char 500]");
}

}  // namespace
}  // namespace matinee::cloudwatch
