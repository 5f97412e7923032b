// What is wrong with a request is told in AWS's order and words: styles of parameters first, then
// values, parameter by parameter, then expressions, then the table.
#include "services/dynamodb/service_fixture.h"

namespace matinee::dynamodb {
namespace {

constexpr std::string_view empty_value =
    "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes";
constexpr std::string_view two_types =
    "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the "
    "supported datatypes";

class RequestValues : public DynamoDbTest {
 protected:
  RequestValues() { create_table("films", false); }

  // The message of a refusal, which must be a ValidationException.
  std::string refusal(std::string_view operation, std::string_view request) {
    const std::string reply = call(operation, request);
    constexpr std::string_view code = "ValidationException: ";
    EXPECT_TRUE(reply.starts_with(code)) << reply;
    return reply.substr(std::min(code.size(), reply.size()));
  }
  std::string put(std::string_view item, std::string_view more = "") {
    return refusal("PutItem", fmt::format(R"({{"TableName":"films","Item":{}{}}})", item, more));
  }
  std::string update(std::string_view more) {
    return refusal("UpdateItem",
                   fmt::format(R"({{"TableName":"films","Key":{{"p":{{"S":"a"}}}},{}}})", more));
  }
  std::string update_with(std::string_view value) {
    return update(fmt::format(R"("UpdateExpression":"SET a = :a","ExpressionAttributeValues":)"
                              R"({{":a":{}}})",
                              value));
  }
  static std::string counted(std::string_view message) {
    return "1 validation error detected: " + std::string(message);
  }
};

TEST_F(RequestValues, values_of_expressions_are_named_with_their_key) {
  const auto wrapped = [](std::string_view inner) {
    return counted(
        fmt::format("ExpressionAttributeValues contains invalid value: {} for key :a", inner));
  };
  EXPECT_EQ(update_with("{}"), wrapped(empty_value));
  EXPECT_EQ(update_with(R"({"S":"a","N":"1"})"), wrapped(two_types));
  EXPECT_EQ(update_with(R"({"N":"x"})"),
            wrapped("The parameter cannot be converted to a numeric value: x"));
  EXPECT_EQ(update_with(R"({"L":[{"S":"a"},{}]})"), wrapped(empty_value));
  EXPECT_EQ(update_with(R"({"NS":[]})"),
            wrapped("One or more parameter values were invalid: An number set  may not be empty"));
  EXPECT_EQ(update_with(R"({"N":"1e126"})"),
            wrapped("Number overflow. Attempting to store a number with magnitude larger than "
                    "supported range"));
  EXPECT_EQ(
      refusal("Scan", R"({"TableName":"films","FilterExpression":"a = :a",)"
                      R"("ExpressionAttributeValues":{":a":{}}})"),
      fmt::format("ExpressionAttributeValues contains invalid value: {} for key :a", empty_value));
}

TEST_F(RequestValues, two_styles_are_told_before_any_value) {
  EXPECT_EQ(refusal("GetItem", R"({"TableName":"films","Key":{"p":{}},"AttributesToGet":["a"],)"
                               R"("ProjectionExpression":"a"})"),
            "Can not use both expression and non-expression parameters in the same request: "
            "Non-expression parameters: {AttributesToGet} Expression parameters: "
            "{ProjectionExpression}");
  EXPECT_EQ(
      put(R"({"p":{}})", R"(,"Expected":{"a":{"Exists":false}},"ConditionExpression":"a = b")"),
      counted("Can not use both expression and non-expression parameters in the same request: "
              "Non-expression parameters: {Expected} Expression parameters: "
              "{ConditionExpression}"));
  EXPECT_EQ(put(R"({"p":{}})", R"(,"ExpressionAttributeNames":{"#a":"a"})"),
            counted("ExpressionAttributeNames can only be specified when using expressions"));
}

TEST_F(RequestValues, values_are_told_before_expressions_and_these_before_the_table) {
  EXPECT_EQ(put(R"({"p":{}})", R"(,"ConditionExpression":"a ==")"), counted(empty_value));
  EXPECT_EQ(put(R"({"p":{}})", R"(,"ReturnValues":"ALL_NEW")"), counted(empty_value));
  EXPECT_EQ(
      refusal("GetItem", R"({"TableName":"none","Key":{"p":{}},"ProjectionExpression":"a ="})"),
      empty_value);
  EXPECT_TRUE(refusal("GetItem", R"({"TableName":"none","Key":{"p":{"S":"a"}},)"
                                 R"("ProjectionExpression":"a ="})")
                  .starts_with("Invalid ProjectionExpression: Syntax error"));
  EXPECT_EQ(call("PutItem", R"({"TableName":"films","Item":{"p":{},"q":{"S":5}}})"),
            "SerializationException: NUMBER_VALUE cannot be converted to String");
}

TEST_F(RequestValues, every_parameter_with_values_is_looked_at) {
  EXPECT_EQ(refusal("DeleteItem", R"({"TableName":"films","Key":{"p":{}}})"), counted(empty_value));
  EXPECT_EQ(put(R"({"p":{"S":"a"}})", R"(,"Expected":{"a":{"Value":{}}})"), counted(empty_value));
  EXPECT_EQ(put(R"({"p":{"S":"a"}})",
                R"(,"Expected":{"a":{"ComparisonOperator":"EQ","AttributeValueList":[{}]}})"),
            counted(empty_value));
  EXPECT_EQ(update(R"("AttributeUpdates":{"a":{"Value":{}}})"), counted(empty_value));
  EXPECT_EQ(refusal("Scan", R"({"TableName":"films","ScanFilter":{"a":{"ComparisonOperator":"EQ",)"
                            R"("AttributeValueList":[{}]}}})"),
            empty_value);
  const std::string key =
      R"("KeyConditions":{"p":{"ComparisonOperator":"EQ","AttributeValueList":)";
  EXPECT_EQ(refusal("Query", R"({"TableName":"films",)" + key + "[{}]}}}"), empty_value);
  EXPECT_EQ(refusal("Query", R"({"TableName":"films",)" + key +
                                 R"([{"S":"a"}]}},"QueryFilter":{"a":{"ComparisonOperator":"EQ",)"
                                 R"("AttributeValueList":[{}]}}})"),
            empty_value);
  for (std::string_view operation : {"Query", "Scan"}) {
    const std::string more = operation == "Query" ? "," + key + R"([{"S":"a"}]}})" : "";
    EXPECT_EQ(
        refusal(operation, R"({"TableName":"films","ExclusiveStartKey":{"p":{}})" + more + "}"),
        fmt::format("The provided starting key is invalid: {}", empty_value));
  }
  EXPECT_EQ(
      refusal("BatchWriteItem", R"({"RequestItems":{"films":[{"PutRequest":{"Item":{"p":{}}}}]}})"),
      empty_value);
  EXPECT_EQ(refusal("BatchWriteItem",
                    R"({"RequestItems":{"films":[{"DeleteRequest":{"Key":{"p":{}}}}]}})"),
            empty_value);
  EXPECT_EQ(refusal("BatchGetItem", R"({"RequestItems":{"films":{"Keys":[{"p":{}}]}}})"),
            empty_value);
  EXPECT_EQ(refusal("TransactGetItems",
                    R"({"TransactItems":[{"Get":{"TableName":"films","Key":{"p":{}}}}]})"),
            empty_value);
  for (std::string_view part :
       {R"("Put":{"TableName":"films","Item":{"p":{}}})",
        R"("Update":{"TableName":"films","Key":{"p":{}},"UpdateExpression":"REMOVE a"})",
        R"("Delete":{"TableName":"films","Key":{"p":{}}})",
        R"x("ConditionCheck":{"TableName":"films","Key":{"p":{}},"ConditionExpression":)x"
        R"x("attribute_exists(p)"})x"})
    EXPECT_EQ(refusal("TransactWriteItems", fmt::format(R"({{"TransactItems":[{{{}}}]}})", part)),
              empty_value)
        << part;
}

TEST_F(RequestValues, placeholders_have_names_and_short_keys) {
  const auto names = [this](std::string_view map) {
    return update(
        fmt::format(R"("UpdateExpression":"REMOVE a","ExpressionAttributeNames":{})", map));
  };
  EXPECT_EQ(names(R"({"#a":""})"),
            counted("ExpressionAttributeNames contains invalid value: Empty attribute name for key "
                    "#a"));
  const std::string longest(254, 'x');
  EXPECT_TRUE(names(fmt::format(R"({{"#{}":"a"}})", longest)).find("unused") != std::string::npos);
  EXPECT_EQ(names(fmt::format(R"({{"#{}-":"a"}})", longest)),
            counted("ExpressionAttributeNames contains invalid key: The expression attribute map "
                    "contains a key that is too long; size of key: 256"));
  EXPECT_EQ(update(fmt::format(R"("UpdateExpression":"REMOVE a","ExpressionAttributeValues":)"
                               R"({{":{}x":{{"S":"a"}}}})",
                               longest)),
            counted("ExpressionAttributeValues contains invalid key: The expression attribute map "
                    "contains a key that is too long;"));
}

TEST_F(RequestValues, names_of_attributes_are_shorter_than_64_kilobytes_wherever_they_are) {
  const std::string longest(65'535, 'x');
  const std::string large = "Attribute name is too large, must be less than 65536 bytes";
  DynamoDbTest::put("films", fmt::format(R"({{"p":{{"S":"a"}},"{}":{{"N":"1"}}}})", longest));
  EXPECT_EQ(put(fmt::format(R"({{"p":{{"S":"a"}},"{}x":{{"N":"1"}}}})", longest)), counted(large));
  EXPECT_EQ(put(fmt::format(R"({{"p":{{"S":"a"}},"{}é":{{"N":"1"}}}})", longest.substr(1))),
            counted(large));
  EXPECT_EQ(put(fmt::format(R"({{"p":{{"S":"a"}},"m":{{"M":{{"{}x":{{"N":"1"}}}}}}}})", longest)),
            counted(large));
  EXPECT_EQ(update(fmt::format(R"("UpdateExpression":"SET #n = p","ExpressionAttributeNames":)"
                               R"({{"#n":"{}x"}})",
                               longest)),
            counted(large));
  EXPECT_EQ(refusal("BatchWriteItem",
                    fmt::format(R"({{"RequestItems":{{"films":[{{"PutRequest":{{"Item":)"
                                R"({{"p":{{"S":"a"}},"{}x":{{"N":"1"}}}}}}}}]}}}})",
                                longest)),
            large);
}

TEST_F(RequestValues, keys_of_a_batch_are_distinct_even_where_there_is_no_table) {
  EXPECT_EQ(refusal("BatchGetItem",
                    R"({"RequestItems":{"none":{"Keys":[{"p":{"S":"a"}},{"p":{"S":"a"}}]}}})"),
            "Provided list of item keys contains duplicates");
  EXPECT_EQ(refusal("BatchGetItem",
                    R"({"RequestItems":{"films":{"Keys":[{"p":{}}],"AttributesToGet":["a"],)"
                    R"("ProjectionExpression":"a"}}})")
                .substr(0, 30),
            "Can not use both expression an");
}

TEST_F(RequestValues, a_null_that_is_false_is_taken_for_a_null) {
  DynamoDbTest::put("films", R"({"p":{"S":"a"},"n":{"NULL":false}})");
  EXPECT_EQ(get("films", R"({"p":{"S":"a"}})"), R"({"Item":{"n":{"NULL":true},"p":{"S":"a"}}})");
}

TEST_F(RequestValues, refusals_of_single_writes_begin_with_a_count_before_the_table_is_looked_at) {
  const std::string_view names = R"("ExpressionAttributeNames":{"#x":"x"})";
  EXPECT_EQ(
      update(fmt::format(R"("UpdateExpression":"REMOVE a",{})", names)),
      counted("Value provided in ExpressionAttributeNames unused in expressions: keys: {#x}"));
  EXPECT_EQ(update(R"("UpdateExpression":"")"),
            counted("Invalid UpdateExpression: The expression can not be empty;"));
  EXPECT_EQ(update(R"("UpdateExpression":"REMOVE a, a.b")"),
            counted("Invalid UpdateExpression: Two document paths overlap with each other; must "
                    "remove or rewrite one of these paths; path one: [a], path two: [a, b]"));
  EXPECT_EQ(update(R"("UpdateExpression":"REMOVE a","ExpressionAttributeValues":{})"),
            counted("ExpressionAttributeValues must not be empty"));
  EXPECT_EQ(put(R"({"p":{"S":"a"},"s":{"SS":[]}})"),
            counted("One or more parameter values were invalid: An string set  may not be empty"));
  EXPECT_EQ(put(R"({"p":{"S":"a"},"s":{"SS":["a","a"]}})"),
            counted("One or more parameter values were invalid: Input collection [\"a\", \"a\"] "
                    "contains duplicates."));
  EXPECT_EQ(put(R"({"p":{"S":"a"}})", R"(,"ExpressionAttributeValues":{":a":{"S":"a"}})"),
            counted("ExpressionAttributeValues can only be specified when using expressions"));
  EXPECT_EQ(refusal("DeleteItem", R"({"TableName":"films","Key":{"p":{"S":"a"}},)"
                                  R"("ConditionExpression":"a = :a"})"),
            counted("Invalid ConditionExpression: An expression attribute value used in expression "
                    "is not defined; attribute value: :a"));
}

TEST_F(RequestValues, other_operations_and_faults_that_need_the_table_have_no_count) {
  EXPECT_EQ(refusal("UpdateItem", R"({"TableName":"films","Key":{"p":{"N":"1"}}})"),
            "The provided key element does not match the schema");
  EXPECT_EQ(
      refusal("Scan", R"({"TableName":"films","ExpressionAttributeValues":{":a":{"S":"a"}}})"),
      "ExpressionAttributeValues can only be specified when using expressions: "
      "FilterExpression is null");
  EXPECT_EQ(refusal("Query", R"({"TableName":"films","KeyConditionExpression":"p = :p",)"
                             R"("ExpressionAttributeValues":{":p":{"S":"a"}},)"
                             R"("ExpressionAttributeNames":{"#x":"x"}})"),
            "Value provided in ExpressionAttributeNames unused in expressions: keys: {#x}");
  EXPECT_EQ(refusal("TransactWriteItems", R"({"TransactItems":[{"Put":{"TableName":"films","Item":)"
                                          R"({"p":{"S":"a"},"s":{"SS":["a","a"]}}}}]})"),
            "One or more parameter values were invalid: Input collection [a, a] contains "
            "duplicates.");
}

TEST_F(RequestValues, a_value_that_is_nested_too_deep_is_told_without_a_count) {
  std::string value = R"({"S":"x"})";
  for (int level = 0; level < 33; ++level) value = R"({"L":[)" + value + "]}";
  EXPECT_EQ(put(fmt::format(R"({{"p":{{"S":"a"}},"v":{}}})", value)),
            "Nesting Levels have exceeded supported limits: Attributes in the item have nested "
            "levels beyond supported limit");
}

TEST_F(RequestValues, select_and_projections_name_the_parameter_that_was_given) {
  const auto query = [this](std::string_view more) {
    return refusal(
        "Query", fmt::format(R"({{"TableName":"none","KeyConditions":{{"p":{{"ComparisonOperator":)"
                             R"("EQ","AttributeValueList":[{{"S":"a"}}]}}}},{}}})",
                             more));
  };
  const auto scan = [this](std::string_view more) {
    return refusal("Scan", fmt::format(R"({{"TableName":"none",{}}})", more));
  };
  const std::string cannot = "Cannot specify the ";
  EXPECT_EQ(query(R"("Select":"COUNT","ProjectionExpression":"p")"),
            counted(cannot + "ProjectionExpression when choosing to get only the Count"));
  EXPECT_EQ(scan(R"("Select":"COUNT","ProjectionExpression":"p")"),
            cannot + "ProjectionExpression when choosing to get only the Count");
  EXPECT_EQ(scan(R"("Select":"COUNT","AttributesToGet":["p"])"),
            cannot + "AttributesToGet when choosing to get only the Count");
  for (std::string_view select : {"ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"})
    EXPECT_EQ(
        query(fmt::format(R"("IndexName":"gix","Select":"{}","ProjectionExpression":"p")", select)),
        counted(cannot + "ProjectionExpression when choosing to get ALL_ATTRIBUTES"));
  EXPECT_EQ(query(R"("Select":"ALL_PROJECTED_ATTRIBUTES")"),
            counted("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName"));
  EXPECT_EQ(scan(R"("Select":"ALL_PROJECTED_ATTRIBUTES")"),
            "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName");
  EXPECT_EQ(query(R"("Select":"SPECIFIC_ATTRIBUTES")"),
            counted("Must specify the AttributesToGet or ProjectionExpression when choosing to get "
                    "SPECIFIC_ATTRIBUTES"));
}

}  // namespace
}  // namespace matinee::dynamodb
