#include "cli/deploy_report.h"

#include <gmock/gmock.h>

#include "cli/deploy_options.h"

namespace matinee::cli {
namespace {

using jobs::deploy::DeploySummary;
using jobs::deploy::ResourceChange;
using jobs::deploy::StackEvent;
using testing::HasSubstr;

using Kind = ResourceChange::Kind;
using Replacement = ResourceChange::Replacement;

TEST(DeployReport, changes_are_a_table_with_what_they_mean) {
  EXPECT_EQ(
      changes_text(
          {{.kind = Kind::add, .name = "Queue", .type = "AWS::SQS::Queue", .id = "", .causes = {}},
           {.kind = Kind::modify,
            .name = "Topic",
            .type = "AWS::SNS::Topic",
            .id = "",
            .causes = {"DisplayName", "Tags"}},
           {.kind = Kind::modify,
            .name = "Table",
            .type = "AWS::DynamoDB::Table",
            .id = "",
            .replacement = Replacement::yes,
            .causes = {"TableName"}},
           {.kind = Kind::remove,
            .name = "LongerName",
            .type = "AWS::SQS::Queue",
            .id = "",
            .causes = {}}}),
      "  + add      Queue       AWS::SQS::Queue\n"
      "  ~ change   Topic       AWS::SNS::Topic  DisplayName, Tags\n"
      "  ! replace  Table       AWS::DynamoDB::Table  TableName\n"
      "  - remove   LongerName  AWS::SQS::Queue\n"
      "1 to add, 1 to change, 1 to replace, 1 to remove\n");
}

TEST(DeployReport, a_failure_is_told_with_its_reason) {
  const StackEvent failed{.time = {},
                          .name = "Queue",
                          .type = "AWS::SQS::Queue",
                          .id = "",
                          .status = "CREATE_FAILED",
                          .reason = "It exists."};
  EXPECT_EQ(event_line(failed, 8),
            "  00:00:00  FAILED       Queue     AWS::SQS::Queue\n"
            "            It exists.");
  DeploySummary summary{.result = DeploySummary::Result::failed,
                        .stack = "films",
                        .stack_id = "",
                        .status = "ROLLBACK_COMPLETE",
                        .change_set = "",
                        .failure = {{"Queue", "AWS::SQS::Queue", "It exists."}},
                        .seconds = 1.5};
  EXPECT_EQ(to_text(summary),
            "films is ROLLBACK_COMPLETE, after 1.50 s. First to fail:\n"
            "  Queue (AWS::SQS::Queue): It exists.\n");
  EXPECT_THAT(to_json(summary), HasSubstr(R"("failure":{"resource":"Queue")"));
}

TEST(DeployOptions, a_pair_may_have_anything_in_its_value) {
  EXPECT_EQ(read_pairs({"A=b=c", "B="}, "--parameter"),
            (std::map<std::string, std::string>{{"A", "b=c"}, {"B", ""}}));
  EXPECT_EQ(read_pairs({"=x"}, "--tag").error(), "--tag must be NAME=VALUE, and \"=x\" is not.");
  EXPECT_EQ(read_pairs({"A=1", "A=1"}, "--tag").error(), "--tag A is given twice.");
}

TEST(DeployOptions, a_refusal_for_want_of_capabilities_names_the_options) {
  EXPECT_THAT(remedy_for("Requires capabilities : [CAPABILITY_IAM, CAPABILITY_AUTO_EXPAND]"),
              HasSubstr("--capability CAPABILITY_IAM --capability CAPABILITY_AUTO_EXPAND"));
  EXPECT_EQ(remedy_for("Something else"), "");
}

}  // namespace
}  // namespace matinee::cli
