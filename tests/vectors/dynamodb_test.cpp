// DynamoDB: awsJson1_0 with attribute values, and errors that have members.
#include "dynamodb/errors.h"
#include "dynamodb/operations.h"
#include "messages.h"

namespace matinee::vectors {
namespace {

using protocol::Protocol;
namespace ops = dynamodb::operations;

TEST(DynamodbJson, an_item_comes_back_as_it_was_sent) {
  dynamodb::PutItemRequest request;
  request.table_name = "movies";
  request.item.emplace("title", dynamodb::AttributeValue("Metropolis"));
  request.item.emplace("silent", dynamodb::AttributeValue(true));
  const auto received = sent_and_received(ops::PutItem, request);
  EXPECT_EQ(received.table_name, "movies");
  EXPECT_EQ(received.item, request.item);
}

TEST(DynamodbJson, values_of_attributes_stand_in_the_models_place) {
  auto decoded = decode(
      ops::Query, Protocol::json,
      http(
          "POST", "/",
          R"({"TableName":"t","ExpressionAttributeValues":{":a":{"S":"x"},":b":{"BOOL":false}}})"));
  const auto& request = decoded.as<dynamodb::QueryRequest>();
  EXPECT_EQ(request.expression_attribute_values->at(":a"), dynamodb::AttributeValue("x"));
  EXPECT_EQ(request.expression_attribute_values->size(), 2u);
}

TEST(DynamodbJson, a_value_of_a_wrong_type_is_a_serialization_exception) {
  for (const char* body : {R"({"TableName":"t","Item":{"a":"x"}})", R"({"TableName":"t","Item":3})",
                           R"({"TableName":5})", R"({"TableName":"t","Item":{"a":{"S":1}}})"}) {
    try {
      decode(ops::PutItem, Protocol::json, http("POST", "/", body));
      ADD_FAILURE() << body;
    } catch (const protocol::ServiceError& error) {
      EXPECT_EQ(error.name(), "SerializationException") << body;
      EXPECT_EQ(error.status(), 400);
    }
  }
}

TEST(DynamodbJson, limits_of_the_model_are_told_in_dynamodbs_words) {
  auto decoded =
      decode(ops::CreateTable, Protocol::json,
             http("POST", "/",
                  R"({"TableName":"a","KeySchema":[{"AttributeName":"k","KeyType":"WRONG"}]})"));
  protocol::validate(*ops::CreateTable.input, decoded.object.get(), decoded.violations);
  const std::string text = protocol::describe(decoded.violations);
  EXPECT_NE(text.find("Value 'WRONG' at 'keySchema.1.member.keyType' failed to satisfy "
                      "constraint: Member must satisfy enum value set: [HASH, RANGE]"),
            std::string::npos)
      << text;
}

TEST(DynamodbJson, a_validation_exception_comes_from_the_framework) {
  const protocol::ServiceError error("ValidationException", 400, "no");
  const auto message = protocol::encode_error(dynamodb::model, Protocol::json, error, "r");
  EXPECT_EQ(message.body.bytes,
            R"({"__type":"com.amazon.coral.validate#ValidationException","message":"no"})");
  EXPECT_FALSE(message.headers.contains("x-amzn-query-error"));
}

TEST(DynamodbJson, an_error_of_the_service_has_its_version_in_the_name) {
  const dynamodb::ResourceNotFoundException error("gone");
  const auto message = protocol::encode_error(dynamodb::model, Protocol::json, error, "r");
  EXPECT_EQ(message.body.bytes,
            R"({"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",)"
            R"("message":"gone"})");
}

TEST(DynamodbJson, an_error_keeps_its_members_over_the_wire) {
  dynamodb::ConditionalCheckFailedException::Members members;
  members.item.emplace().emplace("k", dynamodb::AttributeValue("v"));
  const dynamodb::ConditionalCheckFailedException error("failed", members);
  const auto message = protocol::encode_error(dynamodb::model, Protocol::json, error, "r");
  EXPECT_TRUE(message.body.bytes.ends_with(R"("message":"failed","Item":{"k":{"S":"v"}}})"));
  const auto received = protocol::decode_error(ops::PutItem, message);
  try {
    received->raise();
  } catch (const dynamodb::ConditionalCheckFailedException& typed) {
    EXPECT_EQ(typed.data.item->at("k"), dynamodb::AttributeValue("v"));
    EXPECT_EQ(typed.message(), "failed");
    return;
  }
  FAIL();
}

TEST(DynamodbJson, an_empty_result_is_an_empty_object) {
  const dynamodb::PutItemResponse response{};
  EXPECT_EQ(protocol::encode_response(ops::PutItem, Protocol::json, &response, "r").body.bytes,
            "{}");
}

}  // namespace
}  // namespace matinee::vectors
