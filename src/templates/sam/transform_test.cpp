// What AWS's translator makes of many templates is compared in tests/templates; here is what that
// cannot see.
#include "templates/sam/transform.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "templates/reader.h"

namespace matinee::templates::sam {
namespace {

SamContext context() {
  return {.parameters = {},
          .find_managed_policy = [](std::string_view name) -> std::optional<std::string> {
            if (name != "AmazonSQSFullAccess") return std::nullopt;
            return "arn:aws:iam::aws:policy/AmazonSQSFullAccess";
          }};
}

Value transform_text(std::string_view text) {
  return transform(read_template(text), context());
}

std::vector<SamFault> faults_of(std::string_view text) {
  try {
    transform_text(text);
  } catch (const SamError& error) {
    return error.faults();
  }
  return {};
}

TEST(SamTransform, is_wanted_by_its_name_alone_or_in_a_list) {
  EXPECT_TRUE(wants_transform(read_template("Transform: AWS::Serverless-2016-10-31")));
  EXPECT_TRUE(wants_transform(read_template("Transform: [A, AWS::Serverless-2016-10-31]")));
  EXPECT_FALSE(wants_transform(read_template("Transform: AWS::LanguageExtensions")));
  EXPECT_FALSE(wants_transform(read_template("Resources: {}")));
}

TEST(SamTransform, takes_its_own_name_out_of_the_template_and_leaves_others) {
  const Value alone = transform_text(R"(
Transform: AWS::Serverless-2016-10-31
Resources: {T: {Type: AWS::Serverless::SimpleTable}})");
  EXPECT_EQ(alone.find("Transform"), nullptr);
  const Value listed = transform_text(R"(
Transform: [MyMacro, AWS::Serverless-2016-10-31]
Resources: {T: {Type: AWS::Serverless::SimpleTable}})");
  EXPECT_EQ(to_json(*listed.find("Transform")), R"(["MyMacro"])");
}

TEST(SamTransform, collects_the_faults_of_all_resources_with_their_places) {
  const auto faults = faults_of(R"(Resources:
  A:
    Type: AWS::Serverless::SimpleTable
    Properties:
      Colour: red
  B:
    Type: AWS::Serverless::Function
    Properties:
      Handler: a
      Runtime: b
      InlineCode: c
      Events:
        Door:
          Type: Api
)");
  ASSERT_EQ(faults.size(), 2);
  EXPECT_EQ(faults[0].text(),
            "Resource with id [B] is invalid. Event with id [Door] is invalid. Events of type Api "
            "are not served here: there is no API Gateway.");
  EXPECT_EQ(faults[0].place.line, 14);
  EXPECT_EQ(faults[1].message,
            "property Colour not defined for resource of type AWS::Serverless::SimpleTable");
  EXPECT_EQ(faults[1].place.line, 5);
}

TEST(SamTransform, finds_all_faults_of_a_resource_where_it_is_only_looked_at) {
  const auto faults = find_faults(read_template(R"(Globals: {Function: {Colour: red}}
Resources:
  A:
    Type: AWS::Serverless::Function
    Properties:
      Handler: a
      Runtime: b
      InlineCode: c
      Height: 3
      Layers: none
      Events:
        Line:
          Type: SQS
          Properties:
            BatchSize: many
  Door:
    Type: AWS::Serverless::Api
  Good:
    Type: AWS::Serverless::SimpleTable
)"),
                                  context());
  std::vector<std::pair<std::string, std::uint32_t>> found;
  for (const SamFault& fault : faults) found.emplace_back(fault.resource, fault.place.line);
  EXPECT_THAT(found, ::testing::ElementsAre(std::pair("", 1), std::pair("Door", 17),
                                            std::pair("A", 9), std::pair("A", 10),
                                            std::pair("ALine", 15), std::pair("ALine", 15)));
  EXPECT_TRUE(
      find_faults(read_template("Resources: {T: {Type: AWS::Serverless::SimpleTable}}"), context())
          .empty());
}

TEST(SamTransform, says_all_faults_in_one_sentence_as_the_translator_does) {
  try {
    transform_text("Resources: {A: {Type: AWS::Serverless::SimpleTable, Properties: {X: y}}}");
    FAIL();
  } catch (const SamError& error) {
    EXPECT_STREQ(error.what(),
                 "Invalid Serverless Application Specification document. Number of errors found: "
                 "1. Resource with id [A] is invalid. property X not defined for resource of type "
                 "AWS::Serverless::SimpleTable");
  }
}

TEST(SamTransform, asks_for_the_arn_of_a_managed_policy_and_puts_it_into_the_partition) {
  SamContext in_china = context();
  in_china.partition = "aws-cn";
  const Value made = transform(read_template(R"(
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: {Handler: a, Runtime: b, InlineCode: c, Policies: [AmazonSQSFullAccess, Other]})"),
                               in_china);
  const Value& role = *made.find("Resources")->find("FRole");
  EXPECT_EQ(to_json(*role.find("Properties")->find("ManagedPolicyArns")),
            R"(["arn:aws-cn:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",)"
            R"("arn:aws-cn:iam::aws:policy/AmazonSQSFullAccess","Other"])");
}

TEST(SamTransform, ends_at_globals_that_every_resource_would_repeat) {
  std::string text = "Globals: {Function: {Description: " + std::string(100'000, 'x') + "}}\n";
  text += "Resources:\n";
  for (int i = 0; i < 1000; ++i)
    text += "  F" + std::to_string(i) + ": {Type: AWS::Serverless::Function}\n";
  const auto faults = faults_of(text);
  ASSERT_EQ(faults.size(), 1);
  EXPECT_EQ(faults[0].message, "Transformed template is too large");
}

}  // namespace
}  // namespace matinee::templates::sam
