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
            "ValidationException: ReturnValues can only be ALL_OLD or NONE");
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
            "ValidationException: Can not use both expression and non-expression parameters in the "
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
            "ValidationException: Invalid UpdateExpression: An expression attribute value used in "
            "expression is not defined; attribute value: :w");
  EXPECT_EQ(
      update(R"("UpdateExpression":"REMOVE x")" + values),
      "ValidationException: Value provided in ExpressionAttributeValues unused in expressions: "
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
            R"({"ConsumedCapacity":{"TableName":"films","CapacityUnits":5}})");
  const auto read = [this](std::string_view more) {
    const std::string reply =
        call("GetItem", fmt::format(R"({{"TableName":"films","Key":{{"p":{{"S":"a"}}}},)"
                                    R"("ProjectionExpression":"p","ReturnConsumedCapacity":{}}})",
                                    more));
    return reply.substr(reply.find("ConsumedCapacity"));
  };
  EXPECT_EQ(read(R"("TOTAL")"), R"(ConsumedCapacity":{"TableName":"films","CapacityUnits":1}})");
  EXPECT_EQ(
      read(R"("INDEXES","ConsistentRead":true)"),
      R"(ConsumedCapacity":{"TableName":"films","CapacityUnits":2,"Table":{"CapacityUnits":2}}})");
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
