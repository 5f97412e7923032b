#include "services/cloudformation/preparing/capabilities.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "templates/reader.h"

namespace matinee::cloudformation {
namespace {

using templates::read_value;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(Capabilities, identities_need_iam_and_named_ones_more) {
  const auto needed = needed_capabilities(read_value(R"({"Resources": {
      "Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "q"}},
      "R": {"Type": "AWS::IAM::Role", "Properties": {}},
      "S": {"Type": "AWS::IAM::Role"}}})"));
  EXPECT_THAT(needed.names(), ElementsAre("CAPABILITY_IAM"));
  EXPECT_EQ(needed.reason(), "The following resource(s) require capabilities: [AWS::IAM::Role]");
  const auto named = needed_capabilities(read_value(R"({"Resources": {
      "P": {"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "p"}},
      "U": {"Type": "AWS::IAM::User", "Properties": {"UserName": "u"}}}})"));
  EXPECT_THAT(named.names(), ElementsAre("CAPABILITY_NAMED_IAM"));
  EXPECT_THAT(needed_capabilities(read_value(R"({"Resources": {
      "P": {"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "p"}}}})"))
                  .names(),
              ElementsAre("CAPABILITY_IAM"));
}

TEST(Capabilities, transforms_need_to_be_allowed_wherever_they_stand) {
  const auto needed = needed_capabilities(read_value(R"({
      "Transform": ["AWS::Serverless-2016-10-31", {"Name": "Mine"}],
      "Resources": {"A": {"Fn::Transform": {"Name": "AWS::Include"}}}})"));
  EXPECT_THAT(needed.names(), ElementsAre("CAPABILITY_AUTO_EXPAND"));
  EXPECT_THAT(needed.causes, ElementsAre("AWS::Serverless-2016-10-31", "Mine", "AWS::Include"));
}

TEST(Capabilities, the_stronger_one_includes_the_other) {
  NeededCapabilities needed{.iam = true};
  EXPECT_THAT(missing_capabilities(needed, {}), ElementsAre("CAPABILITY_IAM"));
  EXPECT_THAT(missing_capabilities(needed, {"CAPABILITY_NAMED_IAM"}), IsEmpty());
  needed.named_iam = true;
  EXPECT_THAT(missing_capabilities(needed, {"CAPABILITY_IAM"}),
              ElementsAre("CAPABILITY_NAMED_IAM"));
  needed.auto_expand = true;
  EXPECT_THAT(missing_capabilities(needed, {"CAPABILITY_NAMED_IAM"}),
              ElementsAre("CAPABILITY_AUTO_EXPAND"));
}

}  // namespace
}  // namespace matinee::cloudformation
