#include "services/cloudformation/special/attachments.h"

#include <gtest/gtest.h>

#include "templates/reader.h"

namespace matinee::cloudformation {
namespace {

using templates::read_value;

TEST(Attachments, of_other_resources_are_no_part_of_a_role) {
  Attachments attachments("AWS::IAM::Role", "worker");
  attachments.add("AWS::IAM::Policy", "x",
                  read_value(R"({"PolicyName": "a", "Roles": ["worker"]})"));
  attachments.add("AWS::IAM::Policy", "x",
                  read_value(R"({"PolicyName": "b", "Roles": ["other"]})"));
  attachments.add("AWS::IAM::RolePolicy", "x",
                  read_value(R"({"PolicyName": "c", "RoleName": "worker"})"));
  attachments.add("AWS::IAM::UserPolicy", "x",
                  read_value(R"({"PolicyName": "d", "UserName": "worker"})"));
  attachments.add("AWS::IAM::ManagedPolicy", "arn:m", read_value(R"({"Roles": ["worker"]})"));
  const auto actual = read_value(
      R"({"Policies": [{"PolicyName": "a"}, {"PolicyName": "b"}, {"PolicyName": "c"},
          {"PolicyName": "d"}], "ManagedPolicyArns": ["arn:m", "arn:n"]})");
  EXPECT_EQ(
      to_json(attachments.without(actual, read_value("{}"))),
      R"({"Policies":[{"PolicyName":"b"},{"PolicyName":"d"}],"ManagedPolicyArns":["arn:n"]})");
  EXPECT_EQ(to_json(attachments.without(
                actual, read_value(R"({"Policies": [{"PolicyName": "a"}], "ManagedPolicyArns":
                    ["arn:m"]})"))),
            R"({"Policies":[{"PolicyName":"a"},{"PolicyName":"b"},{"PolicyName":"d"}],)"
            R"("ManagedPolicyArns":["arn:m","arn:n"]})");
}

TEST(Attachments, of_a_user_are_groups_too) {
  Attachments attachments("AWS::IAM::User", "ann");
  attachments.add("AWS::IAM::UserToGroupAddition", "x",
                  read_value(R"({"GroupName": "staff", "Users": ["ann", "bob"]})"));
  EXPECT_EQ(to_json(attachments.without(read_value(R"({"Groups": ["staff", "admins"]})"),
                                        read_value("{}"))),
            R"({"Groups":["admins"]})");
}

TEST(Attachments, of_other_types_there_are_none) {
  EXPECT_FALSE(Attachments("AWS::SQS::Queue", "q").are_possible());
  EXPECT_FALSE(Attachments("AWS::IAM::Policy", "p").are_possible());
}

}  // namespace
}  // namespace matinee::cloudformation
