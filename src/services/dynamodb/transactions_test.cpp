#include "services/dynamodb/service_fixture.h"

namespace matinee::dynamodb {
namespace {

class Transactions : public DynamoDbTest {
 protected:
  Transactions() {
    create_table("films", false);
    create_table("seats", true);
  }

  std::string write(std::string_view items, std::string_view more = "") {
    return call("TransactWriteItems", fmt::format(R"({{"TransactItems":[{}]{}}})", items, more));
  }
  static bool has(std::string_view reply, std::string_view part) {
    return reply.find(part) != std::string_view::npos;
  }
};

constexpr std::string_view put_film =
    R"x({"Put":{"TableName":"films","Item":{"p":{"S":"a"},"n":{"N":"1"}},)x"
    R"x("ConditionExpression":"attribute_not_exists(p)"}})x";
constexpr std::string_view put_seat =
    R"({"Put":{"TableName":"seats","Item":{"p":{"S":"a"},"s":{"N":"1"}}}})";

TEST_F(Transactions, write_items_of_several_tables_together) {
  EXPECT_EQ(write(fmt::format("{},{}", put_film, put_seat)), "{}");
  EXPECT_EQ(get("films", R"({"p":{"S":"a"}})"), R"({"Item":{"n":{"N":"1"},"p":{"S":"a"}}})");
  EXPECT_EQ(write(R"({"Update":{"TableName":"films","Key":{"p":{"S":"a"}},"UpdateExpression":)"
                  R"("SET n = n + :o","ExpressionAttributeValues":{":o":{"N":"1"}}}},)"
                  R"({"Delete":{"TableName":"seats","Key":{"p":{"S":"a"},"s":{"N":"1"}}}})"),
            "{}");
  EXPECT_EQ(get("films", R"({"p":{"S":"a"}})"), R"({"Item":{"n":{"N":"2"},"p":{"S":"a"}}})");
  EXPECT_EQ(get("seats", R"({"p":{"S":"a"},"s":{"N":"1"}})"), "{}");
}

TEST_F(Transactions, one_failed_condition_cancels_everything_and_says_which) {
  put("films", R"({"p":{"S":"a"}})");
  const std::string reply = write(fmt::format("{},{}", put_seat, put_film));
  EXPECT_TRUE(has(reply, "TransactionCanceledException")) << reply;
  EXPECT_TRUE(has(reply, "specific reasons [None, ConditionalCheckFailed]")) << reply;
  EXPECT_TRUE(has(reply,
                  R"("CancellationReasons":[{"Code":"None"},{"Code":)"
                  R"("ConditionalCheckFailed","Message":"The conditional request failed"}])"))
      << reply;
  EXPECT_EQ(get("seats", R"({"p":{"S":"a"},"s":{"N":"1"}})"), "{}");
}

TEST_F(Transactions, a_check_alone_changes_nothing) {
  constexpr std::string_view check =
      R"x({"ConditionCheck":{"TableName":"films","Key":{"p":{"S":"a"}},)x"
      R"x("ConditionExpression":"attribute_exists(p)"}})x";
  EXPECT_TRUE(has(write(fmt::format("{},{}", check, put_seat)), "[ConditionalCheckFailed, None]"));
  put("films", R"({"p":{"S":"a"}})");
  EXPECT_EQ(write(fmt::format("{},{}", check, put_seat)), "{}");
  EXPECT_EQ(get("films", R"({"p":{"S":"a"}})"), R"({"Item":{"p":{"S":"a"}}})");
}

TEST_F(Transactions, the_same_token_carries_a_transaction_out_once_for_ten_minutes) {
  constexpr std::string_view add =
      R"({"Update":{"TableName":"films","Key":{"p":{"S":"a"}},"UpdateExpression":"ADD n :o",)"
      R"("ExpressionAttributeValues":{":o":{"N":"1"}}}})";
  constexpr std::string_view token = R"(,"ClientRequestToken":"once")";
  EXPECT_EQ(write(add, token), "{}");
  EXPECT_EQ(write(add, token), "{}");
  EXPECT_EQ(get("films", R"({"p":{"S":"a"}})"), R"({"Item":{"n":{"N":"1"},"p":{"S":"a"}}})");
  EXPECT_TRUE(write(put_seat, token).starts_with("IdempotentParameterMismatchException"));
  kill_and_restart();
  EXPECT_EQ(write(add, token), "{}");
  EXPECT_EQ(get("films", R"({"p":{"S":"a"}})"), R"({"Item":{"n":{"N":"1"},"p":{"S":"a"}}})");
  machine.loop.advance(std::chrono::minutes(10));
  EXPECT_EQ(write(add, token), "{}");
  EXPECT_EQ(get("films", R"({"p":{"S":"a"}})"), R"({"Item":{"n":{"N":"2"},"p":{"S":"a"}}})");
}

TEST_F(Transactions, a_key_that_does_not_fit_cancels_the_transaction_and_names_its_part) {
  const std::string mismatch =
      R"("CancellationReasons":[{"Code":"None"},{"Code":"ValidationError","Message":)"
      R"("The provided key element does not match the schema"}])";
  for (std::string_view key :
       {R"({"p":{"N":"1"}})", R"({"p":{"L":[]}})", "{}", R"({"p":{"S":"a"},"q":{"S":"a"}})"}) {
    for (std::string_view part :
         {R"("Update":{{"TableName":"films","Key":{},"UpdateExpression":"REMOVE a"}})",
          R"("Delete":{{"TableName":"films","Key":{}}})",
          R"x("ConditionCheck":{{"TableName":"films","Key":{},"ConditionExpression":)x"
          R"x("attribute_exists(p)"}})x"}) {
      const std::string reply =
          write(fmt::format("{},{{{}}}", put_seat, fmt::format(fmt::runtime(part), key)));
      EXPECT_TRUE(has(reply, "TransactionCanceledException")) << reply;
      EXPECT_TRUE(has(reply,
                      "Transaction cancelled, please refer cancellation reasons for specific "
                      "reasons [None, ValidationError]"))
          << reply;
      EXPECT_TRUE(has(reply, mismatch)) << reply;
    }
  }
  EXPECT_EQ(get("seats", R"({"p":{"S":"a"},"s":{"N":"1"}})"), "{}");
  EXPECT_TRUE(has(write(R"({"Put":{"TableName":"films","Item":{"p":{"N":"1"}}}})"),
                  "specific reasons [ValidationError]"));
  EXPECT_TRUE(
      has(call("TransactGetItems", R"({"TransactItems":[{"Get":{"TableName":"films","Key":{}}}]})"),
          R"("CancellationReasons":[{"Code":"ValidationError","Message":"The provided key )"
          R"(element does not match the schema"}])"));
}

TEST_F(Transactions, no_condition_is_looked_at_where_a_key_does_not_fit) {
  put("films", R"({"p":{"S":"a"}})");
  EXPECT_TRUE(
      has(write(fmt::format(R"({},{{"Delete":{{"TableName":"films","Key":{{}}}}}})", put_film)),
          "specific reasons [None, ValidationError]"));
}

TEST_F(Transactions, what_is_wrong_with_the_request_itself_is_no_reason_of_a_part) {
  const std::string empty =
      "ValidationException: One or more parameter values are not valid. The AttributeValue for a "
      "key attribute cannot contain an empty string value. Key: p";
  constexpr std::string_view misfit = R"({"Delete":{"TableName":"films","Key":{"p":{"N":"1"}}}})";
  EXPECT_EQ(write(fmt::format(R"({},{{"Delete":{{"TableName":"films","Key":{{"p":{{"S":""}}}}}}}})",
                              misfit)),
            empty);
  EXPECT_EQ(write(R"({"Put":{"TableName":"films","Item":{"p":{"S":""}}}})"), empty);
  EXPECT_EQ(call("TransactGetItems",
                 R"({"TransactItems":[{"Get":{"TableName":"films","Key":{"p":{"S":""}}}}]})"),
            empty);
  EXPECT_TRUE(write(fmt::format(R"({},{{"Update":{{"TableName":"films","Key":{{"p":{{"S":"a"}}}},)"
                                R"("UpdateExpression":"REMOVE"}}}})",
                                misfit))
                  .starts_with("ValidationException: Invalid UpdateExpression: Syntax error"));
  EXPECT_EQ(write(fmt::format("{},{},{}", misfit, put_seat, put_seat)),
            "ValidationException: Transaction request cannot include multiple operations on one "
            "item");
  EXPECT_EQ(write(R"({"Delete":{"TableName":"none","Key":{"p":{"S":"a"}}}})"),
            "ResourceNotFoundException: Requested resource not found");
}

TEST_F(Transactions, placeholders_without_an_expression_are_let_through) {
  EXPECT_EQ(write(R"({"Put":{"TableName":"films","Item":{"p":{"S":"a"}},)"
                  R"("ExpressionAttributeNames":{"#a":"a"},"ExpressionAttributeValues":)"
                  R"({":a":{"S":"a"}}}})"),
            "{}");
  EXPECT_EQ(call("TransactGetItems",
                 R"({"TransactItems":[{"Get":{"TableName":"films","Key":{"p":{"S":"a"}},)"
                 R"("ExpressionAttributeNames":{"#a":"a"}}}]})"),
            R"({"Responses":[{"Item":{"p":{"S":"a"}}}]})");
  EXPECT_TRUE(write(R"x({"Delete":{"TableName":"films","Key":{"p":{"S":"a"}},)x"
                    R"x("ConditionExpression":"attribute_exists(p)","ExpressionAttributeNames":)x"
                    R"x({"#a":"a"}}})x")
                  .starts_with("ValidationException: Value provided in ExpressionAttributeNames "
                               "unused"));
}

TEST_F(Transactions, an_update_that_only_takes_away_makes_no_item) {
  EXPECT_EQ(write(R"({"Update":{"TableName":"films","Key":{"p":{"S":"a"}},"UpdateExpression":)"
                  R"("REMOVE x.y"}})"),
            "{}");
  EXPECT_EQ(get("films", R"({"p":{"S":"a"}})"), "{}");
}

TEST_F(Transactions, a_repeated_one_is_charged_for_reading_what_the_first_wrote) {
  const std::string item = fmt::format(
      R"({{"Put":{{"TableName":"films","Item":{{"p":{{"S":"a"}},"t":{{"S":"{}"}}}}}}}})",
      std::string(5000, 'x'));
  constexpr std::string_view more =
      R"(,"ClientRequestToken":"once","ReturnConsumedCapacity":"TOTAL")";
  const auto charged = [](int units, std::string_view kind) {
    return fmt::format(
        R"({{"ConsumedCapacity":[{{"TableName":"films","CapacityUnits":{}.0,"{}":{}.0}}]}})", units,
        kind, units);
  };
  EXPECT_EQ(write(item, more), charged(10, "WriteCapacityUnits"));
  EXPECT_EQ(write(item, more), charged(4, "ReadCapacityUnits"));
}

TEST_F(Transactions, reads_are_of_four_megabytes_at_most) {
  constexpr std::size_t half = 200'000;
  std::string gets;
  for (int i = 0; i < 21; ++i) {
    put("films",
        fmt::format(R"({{"p":{{"S":"{}"}},"t":{{"S":"{}"}}}})", i, std::string(half, 'x')));
    gets += fmt::format(R"({}{{"Get":{{"TableName":"films","Key":{{"p":{{"S":"{}"}}}},)"
                        R"("ProjectionExpression":"p"}}}})",
                        i == 0 ? "" : ",", i);
  }
  EXPECT_EQ(call("TransactGetItems", R"({"TransactItems":[)" + gets + "]}"),
            "ValidationException: Transaction size exceeds the maximum allowed size of 4 MB");
  put("films", R"({"p":{"S":"0"}})");
  EXPECT_TRUE(call("TransactGetItems", R"({"TransactItems":[)" + gets + "]}")
                  .starts_with(R"({"Responses":[)"));
}

TEST_F(Transactions, an_item_is_in_a_transaction_once) {
  EXPECT_EQ(write(fmt::format("{},{}", put_seat, put_seat)),
            "ValidationException: Transaction request cannot include multiple operations on one "
            "item");
  EXPECT_EQ(write("{}"),
            "ValidationException: TransactItems can only contain one of Check, Put, Update or "
            "Delete");
}

TEST_F(Transactions, reads_give_one_reply_for_each_item) {
  put("films", R"({"p":{"S":"a"},"n":{"N":"1"}})");
  EXPECT_EQ(call("TransactGetItems",
                 R"({"TransactItems":[{"Get":{"TableName":"films","Key":{"p":{"S":"a"}},)"
                 R"("ProjectionExpression":"n"}},{"Get":{"TableName":"films","Key":)"
                 R"({"p":{"S":"b"}}}}],"ReturnConsumedCapacity":"INDEXES"})"),
            R"({"ConsumedCapacity":[{"TableName":"films","CapacityUnits":4.0,)"
            R"("ReadCapacityUnits":4.0,"Table":{"ReadCapacityUnits":4.0,"CapacityUnits":4.0}}],)"
            R"("Responses":[{"Item":{"n":{"N":"1"}}},{}]})");
}

}  // namespace
}  // namespace matinee::dynamodb
