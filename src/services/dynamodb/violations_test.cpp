// Requests that break the rules of the model, and of names, told as AWS tells them.
#include "services/dynamodb/service_fixture.h"

namespace matinee::dynamodb {
namespace {

class Violations : public DynamoDbTest {
 protected:
  std::string refusal(std::string_view operation, std::string_view request) {
    const std::string reply = call(operation, request);
    constexpr std::string_view code = "ValidationException: ";
    EXPECT_TRUE(reply.starts_with(code)) << reply;
    return reply.substr(std::min(code.size(), reply.size()));
  }
  std::string put(std::string_view table, std::string_view more = "") {
    return refusal("PutItem", fmt::format(R"({{"TableName":"{}","Item":{{}}{}}})", table, more));
  }
  static std::string one(std::string_view violation) {
    return fmt::format("1 validation error detected: {}", violation);
  }
};

constexpr std::string_view name_pattern =
    " at 'tableName' failed to satisfy constraint: Member must satisfy regular expression pattern: "
    "[a-zA-Z0-9_.-]+";

TEST_F(Violations, bad_names_of_tables_break_a_rule_like_those_of_the_model) {
  EXPECT_EQ(put("bad table!@#"), one(fmt::format("Value 'bad table!@#'{}", name_pattern)));
  const std::string longest(256, 'x');
  EXPECT_EQ(put(longest),
            one(fmt::format("Value '{}' at 'tableName' failed to satisfy constraint: Member must "
                            "have length less than or equal to 255",
                            longest)));
  EXPECT_EQ(put(std::string(1025, 'x')).substr(0, 38), "1 validation error detected: Value 'xx");
  for (std::string_view operation : {"CreateTable", "DescribeTable", "GetItem"})
    EXPECT_NE(refusal(operation, R"({"TableName":"ab","Key":{}})")
                  .find("Value 'ab' at 'tableName' failed to satisfy constraint: Member must have "
                        "length greater than or equal to 3"),
              std::string::npos);
  EXPECT_EQ(refusal("CreateTable", R"({"TableName":"ab"})"),
            one("Value 'ab' at 'tableName' failed to satisfy constraint: Member must have length "
                "greater than or equal to 3"));
  EXPECT_EQ(put("a!"),
            fmt::format("2 validation errors detected: Value 'a!'{}; Value 'a!' at 'tableName' "
                        "failed to satisfy constraint: Member must have length greater than or "
                        "equal to 3",
                        name_pattern));
}

TEST_F(Violations, names_count_together_with_the_rules_of_the_model) {
  EXPECT_EQ(
      put("no!", R"(,"ReturnConsumedCapacity":"hi")"),
      fmt::format("2 validation errors detected: Value 'hi' at 'returnConsumedCapacity' failed "
                  "to satisfy constraint: Member must satisfy enum value set: [INDEXES, TOTAL, "
                  "NONE]; Value 'no!'{}",
                  name_pattern));
  EXPECT_EQ(refusal("UpdateItem", R"({"TableName":"no!","Key":{},"UpdateExpression":"=="})"),
            one(fmt::format("Value 'no!'{}", name_pattern)));
}

TEST_F(Violations, an_empty_name_is_told_alone_and_a_missing_one_by_operations_on_tables) {
  EXPECT_EQ(
      put("", R"(,"ReturnConsumedCapacity":"hi")"),
      one("Value at 'TableName' failed to satisfy constraint: Member must have length greater "
          "than or equal to 1"));
  EXPECT_EQ(refusal("DescribeTable", R"({"TableName":""})"),
            fmt::format("2 validation errors detected: Value ''{}; Value '' at 'tableName' failed "
                        "to satisfy constraint: Member must have length greater than or equal to 3",
                        name_pattern));
  for (std::string_view operation : {"CreateTable", "DescribeTable", "DeleteTable"})
    EXPECT_EQ(refusal(operation, "{}"),
              "The parameter 'TableName' is required but was not present in the request");
  EXPECT_EQ(refusal("GetItem", R"({"Key":{}})"),
            one("Value null at 'tableName' failed to satisfy constraint: Member must not be null"));
}

TEST_F(Violations, names_inside_of_batches_and_transactions_are_looked_at) {
  EXPECT_EQ(
      refusal("BatchGetItem", R"({"RequestItems":{"no!":{"Keys":[{"p":{"S":"a"}}]}}})"),
      one(R"(Value '{no!={"Keys":[{"p":{"S":"a"}}]}}' at 'requestItems' failed to satisfy )"
          "constraint: Map keys must satisfy constraint: [Member must have length less than or "
          "equal to 255, Member must have length greater than or equal to 3, Member must "
          "satisfy regular expression pattern: [a-zA-Z0-9_.-]+]"));
  EXPECT_EQ(refusal("TransactWriteItems", R"({"TransactItems":[{"Put":{"TableName":"films","Item":)"
                                          R"({}}},{"Delete":{"TableName":"no!","Key":{}}}]})"),
            one("Value 'no!' at 'transactItems.2.member.delete.tableName' failed to satisfy "
                "constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"));
  EXPECT_EQ(
      refusal("TransactGetItems", R"({"TransactItems":[{"Get":{"TableName":"no!","Key":{}}}]})"),
      one("Value 'no!' at 'transactItems.1.member.get.tableName' failed to satisfy "
          "constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"));
}

TEST_F(Violations, keys_of_maps_are_told_as_they_are) {
  EXPECT_EQ(refusal("BatchGetItem", R"({"RequestItems":{"Films":{"Keys":[{"p":{"S":"a"}}],)"
                                    R"("AttributesToGet":[]}}})"),
            one("Value '[]' at 'requestItems.Films.member.attributesToGet' failed to satisfy "
                "constraint: Member must have length greater than or equal to 1"));
}

TEST_F(Violations, enumerations_are_listed_in_awss_order) {
  const auto set = [](std::string_view path, std::string_view values) {
    return fmt::format(
        "Value 'hi' at '{}' failed to satisfy constraint: Member must satisfy enum "
        "value set: [{}]",
        path, values);
  };
  EXPECT_EQ(
      refusal("Scan", R"({"TableName":"films","Select":"hi"})"),
      one(set("select", "SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES")));
  EXPECT_EQ(refusal("CreateTable", R"({"TableName":"films","AttributeDefinitions":)"
                                   R"([{"AttributeName":"p","AttributeType":"hi"}]})"),
            one(set("attributeDefinitions.1.member.attributeType", "B, N, S")));
  EXPECT_EQ(
      put("films", R"(,"ReturnValues":"hi","ReturnItemCollectionMetrics":"hi",)"
                   R"("ReturnConsumedCapacity":"hi")"),
      "3 validation errors detected: " + set("returnConsumedCapacity", "INDEXES, TOTAL, NONE") +
          "; " + set("returnItemCollectionMetrics", "SIZE, NONE") + "; " +
          set("returnValues", "ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW"));
  EXPECT_EQ(refusal("UpdateItem", R"({"TableName":"films","Key":{},"ReturnValues":"hi",)"
                                  R"("ReturnConsumedCapacity":"hi"})"),
            one("Failed to satisfy constraint: Member must satisfy enum value set: [ALL_OLD, "
                "UPDATED_OLD, ALL_NEW, UPDATE_NEW, NONE]"));
}

TEST_F(Violations, a_limit_of_nothing_is_refused_without_an_echo_by_queries) {
  EXPECT_EQ(
      refusal("Query", R"({"TableName":"films","Limit":0})"),
      one("Value at 'Limit' failed to satisfy constraint: Member must have value greater than "
          "or equal to 1"));
  EXPECT_EQ(refusal("Scan", R"({"TableName":"films","Limit":0})"),
            one("Value '0' at 'limit' failed to satisfy constraint: Member must have value greater "
                "than or equal to 1"));
}

TEST_F(Violations, batches_of_many_bad_names_are_not_echoed_whole) {
  const std::string keys = R"({"Keys":[{"p":{"S":"a"}}]})";
  std::string tables;
  for (int i = 0; i < 5000; ++i) tables += fmt::format(R"({}"k{}":{})", i ? "," : "", i, keys);
  const std::string many =
      refusal("BatchGetItem", fmt::format(R"({{"RequestItems":{{{}}}}})", tables));
  EXPECT_TRUE(many.contains("Value '{k0=")) << many;
  EXPECT_TRUE(
      many.contains(", ...}' at 'requestItems' failed to satisfy constraint: Map keys must"))
      << many;
  EXPECT_LT(many.size(), 10'000U);
}

TEST_F(Violations, batches_are_not_empty_and_not_too_large) {
  EXPECT_EQ(refusal("BatchGetItem", R"({"RequestItems":{}})"),
            "The requestItems parameter is required for BatchGetItem");
  EXPECT_EQ(refusal("BatchWriteItem", R"({"RequestItems":{}})"),
            "The requestItems parameter is required for BatchWriteItem");
  const auto repeated = [](std::string_view element, int count) {
    std::string list;
    for (int i = 0; i < count; ++i) list.append(i == 0 ? "" : ",").append(element);
    return list;
  };
  EXPECT_EQ(refusal("BatchGetItem", fmt::format(R"({{"RequestItems":{{"Tab":{{"Keys":[{}]}}}}}})",
                                                repeated(R"({"p":{"S":"a"}})", 101))),
            one("Value at 'RequestItems.Tab.member.Keys' failed to satisfy constraint: Member must "
                "have length less than or equal to 100"));
  const std::string writes = refusal(
      "BatchWriteItem", fmt::format(R"({{"RequestItems":{{"Tab":[{}]}}}})",
                                    repeated(R"({"PutRequest":{"Item":{"p":{"S":"a"}}}})", 26)));
  EXPECT_TRUE(
      writes.starts_with(R"(1 validation error detected: Value '{Tab=[{"PutRequest":{"Item":{"p")"))
      << writes;
  EXPECT_TRUE(writes.ends_with(
      "]}' at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: "
      "[Member must have length less than or equal to 25, Member must have length greater than or "
      "equal to 1]"))
      << writes;
  const std::string actions = refusal(
      "TransactWriteItems",
      fmt::format(R"({{"TransactItems":[{}]}})",
                  repeated(R"({"Delete":{"TableName":"films","Key":{"p":{"S":"a"}}}})", 101)));
  EXPECT_TRUE(
      actions.ends_with("]' at 'transactItems' failed to satisfy constraint: Member must "
                        "have length less than or equal to 100"))
      << actions;
}

TEST_F(Violations, a_table_has_two_key_elements_at_most) {
  const std::string reply = refusal(
      "CreateTable", R"({"TableName":"films","BillingMode":"PAY_PER_REQUEST",)"
                     R"("AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"}],)"
                     R"("KeySchema":[{"AttributeName":"p","KeyType":"HASH"},)"
                     R"({"AttributeName":"q","KeyType":"RANGE"},)"
                     R"({"AttributeName":"r","KeyType":"RANGE"}]})");
  EXPECT_TRUE(reply.starts_with("1 validation error detected: Value '[{")) << reply;
  EXPECT_TRUE(
      reply.ends_with("]' at 'keySchema' failed to satisfy constraint: Member must have "
                      "length less than or equal to 2"))
      << reply;
}

}  // namespace
}  // namespace matinee::dynamodb
