#include "resources/schema.h"

#include <gtest/gtest.h>

#include "templates/text_readers.h"

namespace matinee::resources {
namespace {

std::string problems(std::string_view type, std::string_view properties) {
  std::string all;
  const Schema* schema = find_schema(type);
  if (!schema) return "no such type";
  for (const Fault& fault : schema->check(templates::read_json(properties)))
    all += (all.empty() ? "" : "; ") + fault.path + ": " + fault.problem;
  return all;
}

TEST(Schema, right_properties_have_no_faults_also_as_texts) {
  EXPECT_EQ(problems("AWS::SQS::Queue", R"({"QueueName": "a", "DelaySeconds": "5",
      "FifoQueue": "true", "Tags": [{"Key": "a", "Value": "b"}],
      "RedrivePolicy": {"maxReceiveCount": "3", "deadLetterTargetArn": "a"}})"),
            "");
  EXPECT_EQ(problems("AWS::SQS::QueuePolicy",
                     R"({"PolicyDocument": "{\"Version\": \"2012-10-17\"}", "Queues": ["a"]})"),
            "");
}

TEST(Schema, all_faults_are_told_at_once_in_awss_words) {
  EXPECT_EQ(problems("AWS::SSM::Parameter", R"({"Value": ["a"], "Color": "red"})"),
            ": required key [Type] not found; /Value: expected type: String, found: JSONArray; "
            ": extraneous key [Color] is not permitted");
  EXPECT_EQ(problems("AWS::SQS::Queue", R"({"DelaySeconds": "soon", "Tags": [{"Key": ""}]})"),
            "/DelaySeconds: expected type: Integer, found: String; "
            "/Tags/0: required key [Value] not found; "
            "/Tags/0/Key: expected minLength: 1, actual: 0");
  EXPECT_EQ(problems("AWS::SQS::Queue", R"({"DelaySeconds": 901})"),
            "/DelaySeconds: failed validation constraint for keyword [maximum]");
  EXPECT_EQ(problems("AWS::Lambda::Url", R"({"TargetFunctionArn": "f", "AuthType": "KEY"})"),
            "/AuthType: failed validation constraint for keyword [enum]");
  EXPECT_EQ(problems("AWS::SQS::Queue", R"({"Arn": "a"})"),
            ": extraneous key [Arn] is not permitted");
}

TEST(Schema, functions_are_not_looked_into) {
  EXPECT_EQ(problems("AWS::SQS::Queue", R"({"DelaySeconds": {"Ref": "Delay"},
      "Tags": {"Fn::If": ["a", [], {"Ref": "AWS::NoValue"}]}})"),
            "");
  EXPECT_EQ(problems("AWS::SSM::Parameter", R"({"Fn::Transform": {"Name": "AWS::Include"}})"), "");
  EXPECT_EQ(problems("AWS::SQS::QueuePolicy", R"({"PolicyDocument": {}, "Queues": {"Key": "a"}})"),
            "/Queues: expected type: JSONArray, found: JSONObject");
}

TEST(Schema, faults_have_their_places_in_the_text) {
  const auto faults =
      find_schema("AWS::SQS::Queue")->check(templates::read_json("{\n \"Colour\": \"red\"\n}"));
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].place.line, 2u);
  EXPECT_EQ(faults[0].place.column, 2u);
}

TEST(Schema, is_described_as_in_events_and_in_cloud_control) {
  const auto faults = find_schema("AWS::SSM::Parameter")->check(templates::read_json("{}"));
  EXPECT_EQ(describe({faults[1]}),
            "Property validation failure: [The property {/Type} is required]");
  const auto more = find_schema("AWS::SQS::Queue")->check(templates::read_json(R"({"X": 1})"));
  EXPECT_EQ(describe_model(more),
            "Model validation failed (#: extraneous key [X] is not permitted)");
  EXPECT_EQ(describe(more),
            "Property validation failure: [Encountered unsupported properties in {/}: [X]]");
}

TEST(Schema, tells_what_replaces_what_is_read_and_what_get_att_knows) {
  const Schema& queue = *find_schema("AWS::SQS::Queue");
  EXPECT_EQ(queue.create_only(),
            (std::vector<std::string>{"/properties/FifoQueue", "/properties/QueueName"}));
  EXPECT_EQ(queue.primary_identifier(), std::vector<std::string>{"/properties/QueueUrl"});
  EXPECT_EQ(queue.tag_property(), "Tags");
  EXPECT_TRUE(queue.has_attribute("Arn"));
  EXPECT_TRUE(queue.has_attribute("DelaySeconds"));
  EXPECT_FALSE(queue.has_attribute("Endpoint"));
  EXPECT_FALSE(queue.has_attribute("Arn.More"));
  EXPECT_TRUE(find_schema("AWS::Lambda::Function")->has_attribute("SnapStartResponse.ApplyOn"));
  EXPECT_EQ(std::ranges::count(queue.properties(), "Arn"), 0);
}

TEST(Schema, gives_what_services_tell_its_own_form) {
  const Schema& queue = *find_schema("AWS::SQS::Queue");
  const auto shaped = queue.shape(templates::read_json(R"({"delaySeconds": "5", "FifoQueue": "true",
      "RedrivePolicy": "{\"maxReceiveCount\":3}", "Tags": {"a": "b"}, "CreatedTimestamp": "1"})"));
  EXPECT_EQ(to_sorted_json(shaped),
            R"({"DelaySeconds":5,"FifoQueue":true,"RedrivePolicy":{"maxReceiveCount":3},)"
            R"("Tags":[{"Key":"a","Value":"b"}]})");
  const auto parameter =
      find_schema("AWS::SSM::Parameter")
          ->shape(templates::read_json(R"({"Tags": [{"Key": "a", "Value": "b"}]})"));
  EXPECT_EQ(to_json(parameter), R"({"Tags":{"a":"b"}})");
}

TEST(Schema, is_there_for_every_type_and_for_no_other) {
  EXPECT_GT(all_schemas().size(), 65u);
  for (const std::string& name : all_schemas()) {
    ASSERT_NE(find_schema(name), nullptr) << name;
    EXPECT_EQ(find_schema(name)->type_name(), name);
  }
  EXPECT_EQ(find_schema("AWS::SQS::Nothing"), nullptr);
  EXPECT_EQ(find_schema("AWS::Nothing::Queue"), nullptr);
  EXPECT_EQ(find_schema("Custom::Thing"), nullptr);
}

}  // namespace
}  // namespace matinee::resources
