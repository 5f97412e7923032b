#include "services/ecr/lifecycle.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace matinee::ecr {
namespace {

constexpr std::string_view by_age =
    R"("tagStatus":"any","countType":"sinceImagePushed","countUnit":"days","countNumber":14)";

std::string rule(std::string_view selection, std::string_view rest = "",
                 std::string_view action = R"({"type":"expire"})") {
  return fmt::format(R"({{"rules":[{{"rulePriority":1,{}"selection":{{{}}},"action":{}}}]}})", rest,
                     selection, action);
}

std::string fault(const std::string& text) {
  return fault_of_lifecycle(text).value_or("none");
}

TEST(LifecyclePolicy, follows_the_forms_that_aws_documents) {
  EXPECT_EQ(fault(rule(by_age)), "none");
  EXPECT_EQ(fault(rule(by_age, R"("description":"old ones",)")), "none");
  EXPECT_EQ(fault(rule(R"("tagStatus":"tagged","tagPrefixList":["v"],)"
                       R"("countType":"imageCountMoreThan","countNumber":1)")),
            "none");
  EXPECT_EQ(fault(rule(R"("tagStatus":"tagged","tagPatternList":["v*"],)"
                       R"("countType":"imageCountMoreThan","countNumber":1)")),
            "none");
  EXPECT_EQ(fault(rule(by_age, "", R"({"type":"transition","targetStorageClass":"archive"})")),
            "none");
}

TEST(LifecyclePolicy, that_is_none_is_told) {
  EXPECT_EQ(fault("rules"), "it is not a JSON object");
  EXPECT_EQ(fault(R"({"rules":[]})"), "a lifecycle policy has 1 to 50 rules");
  EXPECT_EQ(fault("{}"), "a lifecycle policy needs a valid rules");
  EXPECT_EQ(fault(R"({"rules":[1]})"), "a rule is an object");
}

TEST(LifecyclePolicy, with_a_rule_that_cannot_be_is_told) {
  EXPECT_EQ(fault(rule(by_age, R"("name":"x",)")), "a rule knows no member name");
  EXPECT_EQ(fault(rule(R"("tagStatus":"tagged","countType":"imageCountMoreThan","countNumber":1)")),
            "tagPrefixList or tagPatternList go with the tagStatus tagged, and only with it");
  EXPECT_EQ(fault(rule(R"("tagStatus":"any","countType":"imageCountMoreThan","countUnit":"days",)"
                       R"("countNumber":1)")),
            "countUnit is days, and only where images are counted by their age");
  EXPECT_EQ(fault(rule(R"("tagStatus":"any","countType":"imageCountMoreThan","countNumber":0)")),
            "countNumber is a whole number above 0");
  EXPECT_EQ(fault(rule(by_age, "", R"({"type":"delete"})")),
            "an action is expire, or transition to archive");
}

TEST(LifecyclePolicy, with_two_rules_of_one_priority_is_told) {
  const std::string one = fmt::format(
      R"({{"rulePriority":7,"selection":{{{}}},"action":{{"type":"expire"}}}})", by_age);
  EXPECT_EQ(fault(fmt::format(R"({{"rules":[{},{}]}})", one, one)),
            "two rules have the rulePriority 7");
}

}  // namespace
}  // namespace matinee::ecr
