#include "services/dynamodb/service_fixture.h"

namespace matinee::dynamodb {
namespace {

class Items : public DynamoDbTest {
 protected:
  Items() { create_table("films", false); }

  std::string put_with(std::string_view item, std::string_view more) {
    return call("PutItem", fmt::format(R"({{"TableName":"films","Item":{},{}}})", item, more));
  }
  std::string update(std::string_view more) {
    return call("UpdateItem",
                fmt::format(R"({{"TableName":"films","Key":{{"p":{{"S":"a"}}}},{}}})", more));
  }
  std::string stored() { return get("films", R"({"p":{"S":"a"}})"); }
};

TEST_F(Items, an_item_is_got_as_it_was_put) {
  const std::string item =
      R"({"l":{"L":[{"N":"1.5"},{"BOOL":true}]},"p":{"S":"a"},"ss":{"SS":["x","y"]}})";
  put("films", item);
  EXPECT_EQ(stored(), "{\"Item\":" + item + "}");
  EXPECT_EQ(get("films", R"({"p":{"S":"b"}})"), "{}");
}

TEST_F(Items, a_put_replaces_the_whole_item_and_returns_the_old_one_when_asked) {
  put("films", R"({"p":{"S":"a"},"x":{"N":"1"}})");
  EXPECT_EQ(put_with(R"({"p":{"S":"a"},"y":{"N":"2"}})", R"("ReturnValues":"ALL_OLD")"),
            R"({"Attributes":{"p":{"S":"a"},"x":{"N":"1"}}})");
  EXPECT_EQ(stored(), R"({"Item":{"p":{"S":"a"},"y":{"N":"2"}}})");
  EXPECT_EQ(describe("films").item_count, 1);
  EXPECT_EQ(describe("films").table_size_bytes, 5);
  EXPECT_EQ(put_with(R"({"p":{"S":"a"}})", R"("ReturnValues":"ALL_NEW")"),
            "ValidationException: 1 validation error detected: ReturnValues can only be ALL_OLD or "
            "NONE");
}

TEST_F(Items, a_condition_decides_whether_anything_is_written) {
  const std::string once = R"x("ConditionExpression":"attribute_not_exists(p)")x";
  EXPECT_EQ(put_with(R"({"p":{"S":"a"},"x":{"N":"1"}})", once), "{}");
  const std::string failure = put_with(R"({"p":{"S":"a"},"x":{"N":"2"}})", once);
  EXPECT_NE(failure.find("ConditionalCheckFailedException"), std::string::npos) << failure;
  EXPECT_NE(failure.find("The conditional request failed"), std::string::npos) << failure;
  EXPECT_EQ(failure.find("Item"), std::string::npos);
  EXPECT_EQ(stored(), R"({"Item":{"p":{"S":"a"},"x":{"N":"1"}}})");
  const std::string shown =
      put_with(R"({"p":{"S":"a"}})", once + R"(,"ReturnValuesOnConditionCheckFailure":"ALL_OLD")");
  EXPECT_NE(shown.find(R"("Item":{"p":{"S":"a"},"x":{"N":"1"}})"), std::string::npos) << shown;
}

TEST_F(Items, the_older_expectations_work_as_well) {
  EXPECT_EQ(put_with(R"({"p":{"S":"a"},"x":{"N":"1"}})", R"("Expected":{"p":{"Exists":false}})"),
            "{}");
  EXPECT_NE(put_with(R"({"p":{"S":"a"}})", R"("Expected":{"p":{"Exists":false}})")
                .find("ConditionalCheckFailedException"),
            std::string::npos);
  EXPECT_EQ(put_with(R"({"p":{"S":"a"}})",
                     R"("Expected":{"x":{"ComparisonOperator":"GT","AttributeValueList":)"
                     R"([{"N":"0"}]},"z":{"ComparisonOperator":"NOT_NULL"}},)"
                     R"("ConditionalOperator":"OR")"),
            "{}");
  EXPECT_EQ(put_with(R"({"p":{"S":"a"}})",
                     R"("Expected":{"p":{"Exists":false}},"ConditionExpression":"p = p")"),
            "ValidationException: 1 validation error detected: Can not use both expression and "
            "non-expression parameters in the "
            "same request: Non-expression parameters: {Expected} Expression parameters: "
            "{ConditionExpression}");
}

TEST_F(Items, keys_must_be_there_have_their_type_and_not_be_empty) {
  const std::string prefix = "ValidationException: One or more parameter values ";
  const auto refusal = [this](std::string_view item) {
    return call("PutItem", fmt::format(R"({{"TableName":"films","Item":{}}})", item));
  };
  EXPECT_EQ(refusal(R"({"x":{"S":"a"}})"), prefix + "were invalid: Missing the key p in the item");
  EXPECT_EQ(refusal(R"({"p":{"N":"1"}})"),
            prefix + "were invalid: Type mismatch for key p expected: S actual: N");
  EXPECT_EQ(refusal(R"({"p":{"S":""}})"),
            prefix +
                "are not valid. The AttributeValue for a key attribute cannot contain an empty "
                "string value. Key: p");
  EXPECT_EQ(refusal(fmt::format(R"({{"p":{{"S":"{}"}}}})", std::string(2049, 'x'))),
            prefix +
                "were invalid: Size of hashkey has exceeded the maximum size limit of2048 "
                "bytes");
  const std::string mismatch =
      "ValidationException: The provided key element does not match the schema";
  EXPECT_EQ(get("films", R"({"p":{"N":"1"}})"), mismatch);
  EXPECT_EQ(get("films", R"({"p":{"S":"a"},"s":{"S":"a"}})"), mismatch);
}

TEST_F(Items, an_item_holds_four_hundred_kilobytes_and_not_one_byte_more) {
  const auto item = [](std::size_t bytes) {
    return fmt::format(R"({{"p":{{"S":"a"}},"t":{{"S":"{}"}}}})", std::string(bytes, 'x'));
  };
  put("films", item(409'600 - 3));
  EXPECT_EQ(call("PutItem", fmt::format(R"({{"TableName":"films","Item":{}}})", item(409'598))),
            "ValidationException: Item size has exceeded the maximum allowed size");
  EXPECT_EQ(
      update(R"("UpdateExpression":"SET u = :x","ExpressionAttributeValues":{":x":{"S":"y"}})"),
      "ValidationException: Item size to update has exceeded the maximum allowed size");
  EXPECT_EQ(describe("films").table_size_bytes, 409'600);
}

TEST_F(Items, an_update_creates_what_is_missing_and_returns_what_is_asked_for) {
  const std::string add =
      R"("UpdateExpression":"ADD n :one SET t = :t","ExpressionAttributeValues":)"
      R"({":one":{"N":"1"},":t":{"S":"x"}},"ReturnValues":)";
  EXPECT_EQ(update(add + R"("ALL_NEW")"),
            R"({"Attributes":{"n":{"N":"1"},"p":{"S":"a"},"t":{"S":"x"}}})");
  EXPECT_EQ(update(add + R"("UPDATED_OLD")"), R"({"Attributes":{"n":{"N":"1"},"t":{"S":"x"}}})");
  EXPECT_EQ(update(add + R"("UPDATED_NEW")"), R"({"Attributes":{"n":{"N":"3"},"t":{"S":"x"}}})");
  EXPECT_EQ(update(add + R"("ALL_OLD")"),
            R"({"Attributes":{"n":{"N":"3"},"p":{"S":"a"},"t":{"S":"x"}}})");
  EXPECT_EQ(update(add + R"("NONE")"), "{}");
  EXPECT_EQ(stored(), R"({"Item":{"n":{"N":"5"},"p":{"S":"a"},"t":{"S":"x"}}})");
}

TEST_F(Items, an_update_without_changes_makes_an_item_of_the_key) {
  EXPECT_EQ(call("UpdateItem", R"({"TableName":"films","Key":{"p":{"S":"a"}}})"), "{}");
  EXPECT_EQ(stored(), R"({"Item":{"p":{"S":"a"}}})");
}

TEST_F(Items, an_update_that_only_takes_away_makes_no_item) {
  for (std::string_view removal :
       {R"("UpdateExpression":"REMOVE a")", R"("UpdateExpression":"REMOVE x.y, z[0]")",
        R"("UpdateExpression":"DELETE s :s","ExpressionAttributeValues":{":s":{"SS":["x"]}})",
        R"("UpdateExpression":"REMOVE a DELETE s :s","ExpressionAttributeValues":)"
        R"({":s":{"NS":["1"]}})",
        R"("AttributeUpdates":{"a":{"Action":"DELETE"}})",
        R"("AttributeUpdates":{"a":{"Action":"DELETE"},"s":{"Action":"DELETE","Value":)"
        R"({"SS":["x"]}}})"}) {
    for (std::string_view values : {"ALL_NEW", "ALL_OLD", "UPDATED_NEW", "UPDATED_OLD", "NONE"})
      EXPECT_EQ(update(fmt::format(R"({},"ReturnValues":"{}")", removal, values)), "{}") << removal;
    EXPECT_EQ(stored(), "{}") << removal;
  }
  EXPECT_EQ(describe("films").item_count, 0);
  EXPECT_NE(update(R"x("UpdateExpression":"REMOVE a","ConditionExpression":"attribute_exists(p)")x")
                .find("ConditionalCheckFailedException"),
            std::string::npos);
  EXPECT_EQ(update(R"("UpdateExpression":"REMOVE a","ReturnConsumedCapacity":"TOTAL")"),
            R"({"ConsumedCapacity":{"TableName":"films","CapacityUnits":1.0}})");
}

TEST_F(Items, an_update_that_takes_away_and_gives_makes_an_item) {
  EXPECT_EQ(update(R"("UpdateExpression":"REMOVE a SET b = :b","ExpressionAttributeValues":)"
                   R"({":b":{"N":"1"}})"),
            "{}");
  EXPECT_EQ(stored(), R"({"Item":{"b":{"N":"1"},"p":{"S":"a"}}})");
}

TEST_F(Items, an_update_without_any_action_makes_an_item_of_its_key) {
  EXPECT_EQ(update(R"("AttributeUpdates":{})"), "{}");
  EXPECT_EQ(stored(), R"({"Item":{"p":{"S":"a"}}})");
}

TEST_F(Items, paths_that_lead_nowhere_are_refused_where_there_is_an_item) {
  const std::string invalid =
      "ValidationException: The document path provided in the update expression is invalid for "
      "update";
  EXPECT_EQ(update(R"("UpdateExpression":"SET x.y = :v","ExpressionAttributeValues":)"
                   R"({":v":{"N":"1"}})"),
            invalid);
  put("films", R"({"p":{"S":"a"}})");
  EXPECT_EQ(update(R"("UpdateExpression":"REMOVE x.y")"), invalid);
  EXPECT_EQ(update(R"("UpdateExpression":"REMOVE x[0]")"), invalid);
  EXPECT_EQ(update(R"("UpdateExpression":"REMOVE x")"), "{}");
}

TEST_F(Items, the_older_updates_have_words_of_their_own_for_types_that_do_not_fit) {
  put("films", R"({"p":{"S":"a"},"b":{"S":"x"},"s":{"SS":["x"]},"n":{"N":"1"}})");
  const std::string mismatch = "ValidationException: Type mismatch for attribute to update";
  for (std::string_view change :
       {R"("b":{"Action":"ADD","Value":{"N":"1"}})",
        R"("s":{"Action":"DELETE","Value":{"NS":["1"]}})",
        R"("b":{"Action":"ADD","Value":{"SS":["y"]}})", R"("n":{"Action":"ADD","Value":{"L":[]}})",
        R"("b":{"Action":"DELETE","Value":{"SS":["y"]}})"})
    EXPECT_EQ(update(fmt::format(R"("AttributeUpdates":{{{}}})", change)), mismatch) << change;
  EXPECT_EQ(update(R"("UpdateExpression":"ADD b :n","ExpressionAttributeValues":{":n":{"N":"1"}})"),
            "ValidationException: An operand in the update expression has an incorrect data type");
}

TEST_F(Items, the_older_not_contains_needs_an_attribute) {
  const auto expecting = [this](std::string_view attribute, std::string_view comparison) {
    return update(fmt::format(R"("AttributeUpdates":{{"n":{{"Value":{{"N":"1"}}}}}},"Expected":)"
                              R"({{"{}":{{"ComparisonOperator":"{}","AttributeValueList":)"
                              R"([{{"S":"a"}}]}}}})",
                              attribute, comparison));
  };
  put("films", R"({"p":{"S":"a"},"t":{"S":"bcd"},"u":{"S":"bad"}})");
  EXPECT_NE(expecting("nope", "NOT_CONTAINS").find("ConditionalCheckFailed"), std::string::npos);
  EXPECT_NE(expecting("u", "NOT_CONTAINS").find("ConditionalCheckFailed"), std::string::npos);
  EXPECT_EQ(expecting("t", "NOT_CONTAINS"), "{}");
  EXPECT_EQ(expecting("nope", "NE"), "{}");
  EXPECT_EQ(call("Scan", R"({"TableName":"films","Select":"COUNT","ScanFilter":{"nope":)"
                         R"({"ComparisonOperator":"NOT_CONTAINS","AttributeValueList":)"
                         R"([{"S":"a"}]}}})"),
            R"({"Count":0,"ScannedCount":1})");
}

TEST_F(Items, a_conditional_operator_joins_conditions_and_stands_not_alone) {
  const std::string lone = "ConditionalOperator cannot be used without Filter or Expected";
  const std::string counted = "ValidationException: 1 validation error detected: " + lone;
  EXPECT_EQ(update(R"("AttributeUpdates":{"n":{"Value":{"N":"1"}}},"ConditionalOperator":"OR")"),
            counted);
  EXPECT_EQ(update(R"("Expected":{},"ConditionalOperator":"OR")"), counted);
  EXPECT_EQ(put_with(R"({"p":{"S":"a"}})", R"("ConditionalOperator":"AND")"), counted);
  EXPECT_EQ(call("DeleteItem", R"({"TableName":"films","Key":{"p":{"S":"a"}},)"
                               R"("ConditionalOperator":"AND"})"),
            counted);
  EXPECT_EQ(call("Scan", R"({"TableName":"films","ConditionalOperator":"AND"})"),
            "ValidationException: " + lone);
  EXPECT_EQ(call("Query", R"({"TableName":"films","ConditionalOperator":"AND","KeyConditions":)"
                          R"({"p":{"ComparisonOperator":"EQ","AttributeValueList":[{"S":"a"}]}}})"),
            "ValidationException: " + lone);
  EXPECT_EQ(stored(), "{}");
}

TEST_F(Items, a_sum_that_keeps_too_many_digits_is_called_an_overflow) {
  const std::string overflow =
      "ValidationException: Number overflow. Attempting to store a number with magnitude larger "
      "than supported range";
  const std::string_view values =
      R"("ExpressionAttributeValues":{":x":{"N":"1e50"},":y":{"N":"1"}})";
  EXPECT_EQ(update(fmt::format(R"("UpdateExpression":"SET b = :x - :y",{})", values)), overflow);
  EXPECT_EQ(update(fmt::format(R"("UpdateExpression":"SET b = :x + :y",{})", values)), overflow);
  put("films", R"({"p":{"S":"a"},"b":{"N":"1e50"}})");
  EXPECT_EQ(update(R"("UpdateExpression":"ADD b :y","ExpressionAttributeValues":{":y":{"N":"1"}})"),
            overflow);
  EXPECT_EQ(update(R"("AttributeUpdates":{"b":{"Action":"ADD","Value":{"N":"1"}}})"), overflow);
}

TEST_F(Items, an_update_that_fails_changes_nothing) {
  put("films", R"({"p":{"S":"a"},"x":{"N":"1"}})");
  const std::string values = R"(,"ExpressionAttributeValues":{":v":{"N":"2"}})";
  EXPECT_EQ(
      update(R"("UpdateExpression":"SET p = :v")" + values),
      "ValidationException: One or more parameter values were invalid: Cannot update attribute "
      "p. This attribute is part of the key");
  EXPECT_EQ(
      update(R"("UpdateExpression":"SET x = :v, y.z = :v")" + values),
      "ValidationException: The document path provided in the update expression is invalid for "
      "update");
  EXPECT_EQ(update(R"("UpdateExpression":"SET x = :v, y = :w")" + values),
            "ValidationException: 1 validation error detected: Invalid UpdateExpression: An "
            "expression attribute value used in "
            "expression is not defined; attribute value: :w");
  EXPECT_EQ(update(R"("UpdateExpression":"REMOVE x")" + values),
            "ValidationException: 1 validation error detected: Value provided in "
            "ExpressionAttributeValues unused in expressions: "
            "keys: {:v}");
  EXPECT_EQ(stored(), R"({"Item":{"p":{"S":"a"},"x":{"N":"1"}}})");
}

TEST_F(Items, the_older_updates_work_as_well) {
  const std::string updates =
      R"("AttributeUpdates":{"n":{"Action":"ADD","Value":{"N":"2"}},"t":{"Value":{"S":"x"}},)"
      R"("gone":{"Action":"DELETE"}})";
  put("films", R"({"p":{"S":"a"},"gone":{"S":"x"},"n":{"N":"1"}})");
  EXPECT_EQ(update(updates), "{}");
  EXPECT_EQ(stored(), R"({"Item":{"n":{"N":"3"},"p":{"S":"a"},"t":{"S":"x"}}})");
}

TEST_F(Items, a_deleted_item_is_gone_and_counted_out) {
  put("films", R"({"p":{"S":"a"},"x":{"N":"1"}})");
  const std::string key = R"({"TableName":"films","Key":{"p":{"S":"a"}},"ReturnValues":"ALL_OLD"})";
  EXPECT_EQ(call("DeleteItem", key), R"({"Attributes":{"p":{"S":"a"},"x":{"N":"1"}}})");
  EXPECT_EQ(call("DeleteItem", key), "{}");
  EXPECT_EQ(stored(), "{}");
  EXPECT_EQ(describe("films").item_count, 0);
  EXPECT_EQ(describe("films").table_size_bytes, 0);
}

TEST_F(Items, projections_choose_what_is_returned) {
  put("films", R"({"p":{"S":"a"},"x":{"N":"1"},"m":{"M":{"k":{"S":"v"},"o":{"S":"w"}}}})");
  EXPECT_EQ(call("GetItem", R"({"TableName":"films","Key":{"p":{"S":"a"}},"ProjectionExpression":)"
                            R"("#x, m.k","ExpressionAttributeNames":{"#x":"x"}})"),
            R"({"Item":{"m":{"M":{"k":{"S":"v"}}},"x":{"N":"1"}}})");
  EXPECT_EQ(call("GetItem", R"({"TableName":"films","Key":{"p":{"S":"a"}},)"
                            R"("AttributesToGet":["x"]})"),
            R"({"Item":{"x":{"N":"1"}}})");
}

TEST_F(Items, consumed_capacity_is_counted_in_blocks) {
  const std::string item =
      fmt::format(R"({{"p":{{"S":"a"}},"t":{{"S":"{}"}}}})", std::string(5000, 'x'));
  EXPECT_EQ(put_with(item, R"("ReturnConsumedCapacity":"TOTAL")"),
            R"({"ConsumedCapacity":{"TableName":"films","CapacityUnits":5.0}})");
  const auto read = [this](std::string_view more) {
    const std::string reply =
        call("GetItem", fmt::format(R"({{"TableName":"films","Key":{{"p":{{"S":"a"}}}},)"
                                    R"("ProjectionExpression":"p","ReturnConsumedCapacity":{}}})",
                                    more));
    return reply.substr(reply.find("ConsumedCapacity"));
  };
  EXPECT_EQ(read(R"("TOTAL")"), R"(ConsumedCapacity":{"TableName":"films","CapacityUnits":1.0}})");
  EXPECT_EQ(read(R"("INDEXES","ConsistentRead":true)"),
            R"(ConsumedCapacity":{"TableName":"films","CapacityUnits":2.0,)"
            R"("Table":{"CapacityUnits":2.0}}})");
}

TEST_F(Items, a_batch_writes_and_reads_many_items) {
  EXPECT_EQ(
      call("BatchWriteItem", R"({"RequestItems":{"films":[{"PutRequest":{"Item":{"p":{"S":"a"}}}},)"
                             R"({"PutRequest":{"Item":{"p":{"S":"b"}}}},)"
                             R"({"DeleteRequest":{"Key":{"p":{"S":"c"}}}}]}})"),
      R"({"UnprocessedItems":{}})");
  EXPECT_EQ(call("BatchGetItem", R"({"RequestItems":{"films":{"Keys":[{"p":{"S":"b"}},)"
                                 R"({"p":{"S":"none"}},{"p":{"S":"a"}}]}}})"),
            R"({"Responses":{"films":[{"p":{"S":"b"}},{"p":{"S":"a"}}]},"UnprocessedKeys":{}})");
}

TEST_F(Items, a_batch_with_one_bad_request_writes_nothing) {
  const auto write = [this](std::string_view second) {
    return call("BatchWriteItem",
                fmt::format(R"({{"RequestItems":{{"films":[{{"PutRequest":{{"Item":)"
                            R"({{"p":{{"S":"a"}}}}}}}},{}]}}}})",
                            second));
  };
  EXPECT_EQ(write(R"({"PutRequest":{"Item":{"p":{"N":"1"}}}})"),
            "ValidationException: The provided key element does not match the schema");
  EXPECT_EQ(write(R"({"DeleteRequest":{"Key":{"p":{"S":"a"}}}})"),
            "ValidationException: Provided list of item keys contains duplicates");
  EXPECT_EQ(stored(), "{}");
}

TEST_F(Items, an_item_is_in_a_batch_once_however_its_table_is_named) {
  context.account = "111122223333";
  context.region = "eu-west-1";
  create_table("films", false);
  const std::string arn = "arn:aws:dynamodb:eu-west-1:111122223333:table/films";
  EXPECT_EQ(call("BatchWriteItem",
                 fmt::format(R"({{"RequestItems":{{"films":[{{"PutRequest":{{"Item":{{"p":)"
                             R"({{"S":"a"}}}}}}}}],"{}":[{{"DeleteRequest":{{"Key":{{"p":)"
                             R"({{"S":"a"}}}}}}}}]}}}})",
                             arn)),
            "ValidationException: Provided list of item keys contains duplicates");
  EXPECT_EQ(call("BatchGetItem",
                 fmt::format(R"({{"RequestItems":{{"films":{{"Keys":[{{"p":{{"S":"a"}}}}]}},"{}":)"
                             R"({{"Keys":[{{"p":{{"S":"a"}}}}]}}}}}})",
                             arn)),
            "ValidationException: Provided list of item keys contains duplicates");
}

TEST_F(Items, a_write_that_is_rolled_back_is_not_counted) {
  put("films", R"({"p":{"S":"a"}})");
  EXPECT_TRUE(call("BatchWriteItem", R"({"RequestItems":{"films":[{"PutRequest":{"Item":)"
                                     R"({"p":{"S":"b"}}}},{"PutRequest":{"Item":{}}}]}})")
                  .starts_with("ValidationException"));
  EXPECT_EQ(describe("films").item_count, 1);
  put("films", R"({"p":{"S":"c"}})");
  EXPECT_EQ(describe("films").item_count, 2);
  EXPECT_EQ(describe("films").table_size_bytes, 4);
}

TEST_F(Items, many_kinds_of_damaged_requests_are_refused) {
  for (std::string_view request :
       {R"({"TableName":"films","Item":{"p":{"S":1}}})", R"({"TableName":"films","Item":[]})",
        R"({"TableName":"films","Item":{"p":{}}})", R"({"TableName":"films","Item":{"p":"a"}})",
        R"({"TableName":"films"})", R"({"TableName":5,"Item":{}})", R"({"TableName":"films",)"}) {
    const std::string reply = call("PutItem", request);
    EXPECT_TRUE(reply.starts_with("SerializationException") ||
                reply.starts_with("ValidationException"))
        << request << " " << reply;
  }
}

}  // namespace
}  // namespace matinee::dynamodb
