#include <gtest/gtest.h>

#include "services/cloudformation/preparing/prepared.h"
#include "services/cloudformation/preparing/preparing_fixture.h"

namespace matinee::cloudformation {
namespace {

class Preparing : public testing::Test {
 protected:
  ToldCalls calls;
  ToldObjects objects;
  TemplateSources sources{.calls = calls,
                          .objects = objects,
                          .caller = {.account = "111122223333", .region = "eu-west-1"}};
  std::vector<GivenParameter> parameters;

  Prepared prepared(std::string body) {
    return result_of(prepare(sources,
                             {.body = std::move(body),
                              .parameters = parameters,
                              .must_allow_expansion = false,
                              .stack_name = "S",
                              .stack_id = "arn:s"},
                             nullptr));
  }

  /// What the call itself answers, or what is told later of a transform.
  std::string refusal(std::string body) {
    try {
      prepared(std::move(body));
      return "none";
    } catch (const protocol::ServiceError& error) {
      return error.code() + ": " + error.message();
    } catch (const TransformFailure& failure) {
      return "later: " + failure.reason;
    }
  }
};

TEST_F(Preparing, finds_out_which_resources_are_made_and_what_they_need) {
  parameters = {{.name = "Size", .value = "large"}};
  const Prepared result = prepared(
      "Parameters: {Size: {Type: String}}\nConditions: {Large: !Equals [!Ref Size, large]}\n"
      "Resources:\n  A: {Type: AWS::SNS::Topic, Condition: Large}\n"
      "  B: {Type: AWS::SQS::Queue, Properties: {QueueName: !GetAtt A.TopicName}}\n");
  EXPECT_EQ(result.selection.resources, (std::vector<std::string>{"A", "B"}));
  EXPECT_TRUE(result.selection.needs.at("B").contains("A"));
  parameters = {{.name = "Size", .value = "small"}};
  EXPECT_EQ(refusal(result.original),
            "ValidationError: Template format error: Unresolved resource dependencies [A] in the "
            "Resources block of the template");
}

TEST_F(Preparing, refuses_values_that_there_cannot_be_before_anything_is_made) {
  EXPECT_EQ(refusal("Mappings: {M: {k: {v: x}}}\nResources:\n  A:\n    Type: AWS::SNS::Topic\n"
                    "    Properties: {TopicName: !FindInMap [M, !Ref AWS::Region, v]}\n"),
            "ValidationError: Template error: Unable to get mapping for M::eu-west-1::v");
}

TEST_F(Preparing, knows_loops_only_by_the_transform_that_brings_them) {
  const std::string loop =
      "Resources:\n  Fn::ForEach::Topics:\n  - Name\n  - [a, b]\n"
      "  - T${Name}: {Type: AWS::SNS::Topic, Properties: {TopicName: !Ref Name}}\n";
  EXPECT_EQ(refusal(loop),
            "ValidationError: Template format error: [/Resources/Fn::ForEach::Topics] resource "
            "definition is malformed");
  const Prepared result = prepared("Transform: AWS::LanguageExtensions\n" + loop);
  EXPECT_EQ(result.selection.resources, (std::vector<std::string>{"Ta", "Tb"}));
  EXPECT_EQ(result.processed,
            R"({"Resources":{"Ta":{"Type":"AWS::SNS::Topic","Properties":{"TopicName":"a"}},)"
            R"("Tb":{"Type":"AWS::SNS::Topic","Properties":{"TopicName":"b"}}}})");
  EXPECT_EQ(refusal("Transform: AWS::LanguageExtensions\nResources:\n"
                    "  Fn::ForEach::T: [N, [a-b], {'T${N}': {Type: AWS::SNS::Topic}}]\n"),
            "later: Transform AWS::LanguageExtensions failed with: OutputKey 'Ta-b' should be "
            "alphanumeric");
}

}  // namespace
}  // namespace matinee::cloudformation
