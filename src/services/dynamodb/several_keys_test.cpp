// Global indexes whose keys have several attributes: who is in them, their order, what queries may
// ask, and where pages go on.
#include "services/dynamodb/service_fixture.h"

namespace matinee::dynamodb {
namespace {

// Index "seats" with HASH cinema and hall, RANGE day (a number), row and seat (a number).
constexpr std::string_view seats = R"({"IndexName":"seats","KeySchema":[
  {"AttributeName":"cinema","KeyType":"HASH"},{"AttributeName":"hall","KeyType":"HASH"},
  {"AttributeName":"day","KeyType":"RANGE"},{"AttributeName":"row","KeyType":"RANGE"},
  {"AttributeName":"seat","KeyType":"RANGE"}],"Projection":{"ProjectionType":"KEYS_ONLY"}})";
constexpr std::string_view definitions = R"([{"AttributeName":"p","AttributeType":"S"},
  {"AttributeName":"cinema","AttributeType":"S"},{"AttributeName":"hall","AttributeType":"N"},
  {"AttributeName":"day","AttributeType":"N"},{"AttributeName":"row","AttributeType":"S"},
  {"AttributeName":"seat","AttributeType":"N"}])";

class SeveralKeys : public DynamoDbTest {
 protected:
  std::string create(std::string_view index = seats, std::string_view defined = definitions) {
    return call("CreateTable",
                fmt::format(R"({{"TableName":"tickets","BillingMode":"PAY_PER_REQUEST",)"
                            R"("AttributeDefinitions":{},"KeySchema":[{{"AttributeName":"p",)"
                            R"("KeyType":"HASH"}}],"GlobalSecondaryIndexes":[{}]}})",
                            defined, index));
  }
  // A key schema of strings: "aH bH cR".
  std::string create_with(std::string_view keys) {
    std::string elements;
    std::string defined = R"([{"AttributeName":"p","AttributeType":"S"})";
    for (std::size_t at = 0; at < keys.size(); at += 3) {
      const char name = keys[at];
      elements += fmt::format(R"({}{{"AttributeName":"{}","KeyType":"{}"}})", at ? "," : "", name,
                              keys[at + 1] == 'H' ? "HASH" : "RANGE");
      if (keys.substr(0, at).find(name) == keys.npos)
        defined += fmt::format(R"(,{{"AttributeName":"{}","AttributeType":"S"}})", name);
    }
    return create(fmt::format(R"({{"IndexName":"idx","KeySchema":[{}],)"
                              R"("Projection":{{"ProjectionType":"ALL"}}}})",
                              elements),
                  defined + "]");
  }
  void put_ticket(std::string_view p, std::string_view rest) {
    put("tickets",
        fmt::format(R"({{"p":{{"S":"{}"}},"cinema":{{"S":"Rex"}},"hall":{{"N":"1"}}{}}})", p,
                    rest));
  }
  static std::string place(std::string_view day, std::string_view row, std::string_view seat) {
    return fmt::format(R"(,"day":{{"N":"{}"}},"row":{{"S":"{}"}},"seat":{{"N":"{}"}})", day, row,
                       seat);
  }
  // What a query of the keys finds: the partition keys of its items, in order.
  std::string found(std::string_view condition = "", std::string_view values = "",
                    std::string_view more = "") {
    return keys_in(
        call("Query", fmt::format(R"({{"TableName":"tickets","IndexName":"seats",)"
                                  R"("KeyConditionExpression":"cinema = :c AND hall = :h{}",)"
                                  R"("ExpressionAttributeValues":{{":c":{{"S":"Rex"}},)"
                                  R"(":h":{{"N":"1"}}{}}}{}{}}})",
                                  condition, values, names_in(condition), more)));
  }
  static std::string names_in(std::string_view condition) {
    std::string names;
    if (condition.contains("#d")) names += R"("#d":"day")";
    if (condition.contains("#r")) names += std::string(names.empty() ? "" : ",") + R"("#r":"row")";
    return names.empty() ? "" : R"(,"ExpressionAttributeNames":{)" + names + "}";
  }
  static std::string keys_in(std::string_view reply) {
    if (!reply.starts_with("{")) return std::string(reply);
    std::string keys;
    constexpr std::string_view mark = R"("p":{"S":")";
    const std::string_view items = reply.substr(0, reply.find(R"("Count")"));
    for (std::size_t at = items.find(mark); at != items.npos; at = items.find(mark, at + 1)) {
      const std::size_t from = at + mark.size();
      if (!keys.empty()) keys += ' ';
      keys += items.substr(from, items.find('"', from) - from);
    }
    return keys;
  }
  void fill() {
    ASSERT_NE(create().find("CREATING"), std::string::npos);
    put_ticket("e", place("10", "A", "1"));
    put_ticket("b", place("2", "A", "10"));
    put_ticket("a", place("2", "A", "9"));
    put_ticket("d", place("2", "B", "1"));
    put_ticket("c", place("2", "AA", "1"));
  }
};

TEST_F(SeveralKeys, are_described_in_order_and_survive_a_kill) {
  fill();
  kill_and_restart();
  const auto keys = describe("tickets").global_secondary_indexes->at(0).key_schema.value();
  std::string described;
  for (const KeySchemaElement& element : keys)
    described += element.attribute_name + ":" + element.key_type + " ";
  EXPECT_EQ(described, "cinema:HASH hall:HASH day:RANGE row:RANGE seat:RANGE ");
  EXPECT_EQ(found(), "a b c d e");
}

TEST_F(SeveralKeys, order_is_by_the_whole_row_and_numbers_are_numbers) {
  fill();
  EXPECT_EQ(found(), "a b c d e");
  EXPECT_EQ(found("", "", R"(,"ScanIndexForward":false)"), "e d c b a");
  put("tickets",
      R"({"p":{"S":"other"},"cinema":{"S":"Rex"},"hall":{"N":"11"})" + place("2", "A", "9") + "}");
  EXPECT_EQ(found(), "a b c d e");
}

TEST_F(SeveralKeys, an_item_that_lacks_one_of_them_is_not_in_the_index) {
  fill();
  put_ticket("f", R"(,"day":{"N":"2"},"row":{"S":"A"})");
  put("tickets", R"({"p":{"S":"g"},"cinema":{"S":"Rex"})" + place("2", "A", "9") + "}");
  EXPECT_EQ(found(), "a b c d e");
  call("UpdateItem", R"({"TableName":"tickets","Key":{"p":{"S":"f"}},"UpdateExpression":)"
                     R"("SET seat = :s","ExpressionAttributeValues":{":s":{"N":"-3"}}})");
  EXPECT_EQ(found(), "f a b c d e");
  call("UpdateItem",
       R"({"TableName":"tickets","Key":{"p":{"S":"a"}},"UpdateExpression":"REMOVE hall"})");
  EXPECT_EQ(found(), "f b c d e");
  EXPECT_EQ(describe("tickets").global_secondary_indexes->at(0).item_count, 5);
}

TEST_F(SeveralKeys, range_attributes_are_given_from_the_left_and_the_last_one_may_be_a_range) {
  fill();
  const std::string d = R"(,":d":{"N":"2"})";
  const std::string r = R"(,":r":{"S":"A"})";
  EXPECT_EQ(found(" AND #d = :d", d), "a b c d");
  EXPECT_EQ(found(" AND #d > :d", d), "e");
  EXPECT_EQ(found(" AND #d = :d AND #r = :r", d + r), "a b");
  EXPECT_EQ(found(" AND #d = :d AND #r > :r", d + r), "c d");
  EXPECT_EQ(found(" AND #d = :d AND begins_with(#r, :r)", d + r), "a b c");
  EXPECT_EQ(found(" AND #d = :d AND #r = :r AND seat BETWEEN :s AND :t",
                  d + r + R"(,":s":{"N":"1"},":t":{"N":"9"})"),
            "a");
}

TEST_F(SeveralKeys, gaps_and_ranges_in_the_middle_are_refused_by_the_attributes_name) {
  fill();
  const std::string missed = "ValidationException: Query condition missed key schema element: ";
  const std::string refused = "ValidationException: Query key condition not supported: ";
  const std::string values = R"(,":d":{"N":"2"},":r":{"S":"A"})";
  EXPECT_EQ(found(" AND #r = :r", R"(,":r":{"S":"A"})"), missed + "day");
  EXPECT_EQ(found(" AND #d = :d AND seat = :d", R"(,":d":{"N":"2"})"), missed + "row");
  EXPECT_EQ(found(" AND #d > :d AND #r = :r", values), refused + "day");
  EXPECT_EQ(found(" AND p = :d", R"(,":d":{"S":"a"})"), missed + "day");
  EXPECT_EQ(call("Query", R"({"TableName":"tickets","IndexName":"seats","KeyConditionExpression":)"
                          R"("cinema = :c","ExpressionAttributeValues":{":c":{"S":"Rex"}}})"),
            missed + "hall");
  EXPECT_EQ(call("Query", R"({"TableName":"tickets","IndexName":"seats","KeyConditionExpression":)"
                          R"("cinema = :c AND hall > :h","ExpressionAttributeValues":)"
                          R"({":c":{"S":"Rex"},":h":{"N":"1"}}})"),
            refused + "hall");
  // Of the older parameters the same is asked.
  EXPECT_EQ(
      keys_in(call("Query",
                   R"({"TableName":"tickets","IndexName":"seats","KeyConditions":{)"
                   R"("cinema":{"ComparisonOperator":"EQ","AttributeValueList":[{"S":"Rex"}]},)"
                   R"("hall":{"ComparisonOperator":"EQ","AttributeValueList":[{"N":"1"}]},)"
                   R"("day":{"ComparisonOperator":"GE","AttributeValueList":[{"N":"3"}]}}})")),
      "e");
  create_table("plain", true);
  EXPECT_EQ(
      call("Query", R"({"TableName":"plain","KeyConditionExpression":"p = :p AND s = :s AND )"
                    R"(x = :s","ExpressionAttributeValues":{":p":{"S":"a"},":s":{"N":"1"}}})"),
      "ValidationException: Conditions can be of length 1 or 2 only");
}

TEST_F(SeveralKeys, a_page_ends_with_the_whole_key_and_the_next_one_goes_on_there) {
  fill();
  std::string start;
  std::string all;
  for (int page = 0; page < 6; ++page) {
    const std::string reply =
        call("Query", R"({"TableName":"tickets","IndexName":"seats","Limit":2,)"
                      R"("KeyConditionExpression":"cinema = :c AND hall = :h",)"
                      R"("ExpressionAttributeValues":{":c":{"S":"Rex"},":h":{"N":"1"}})" +
                          start + "}");
    if (const std::string keys = keys_in(reply); !keys.empty()) all += keys + " ";
    constexpr std::string_view mark = R"("LastEvaluatedKey":)";
    const std::size_t at = reply.find(mark);
    if (at == reply.npos) break;
    const std::string key = reply.substr(at + mark.size());
    for (std::string_view name : {"cinema", "hall", "day", "row", "seat", "p"})
      EXPECT_NE(key.find(fmt::format(R"("{}":)", name)), key.npos) << key;
    start = R"(,"ExclusiveStartKey":)" + key.substr(0, key.find("}}") + 2);
  }
  EXPECT_EQ(all, "a b c d e ");
  EXPECT_TRUE(found("", "", R"(,"ExclusiveStartKey":{"p":{"S":"a"},"cinema":{"S":"Rex"}})")
                  .starts_with("ValidationException: The provided starting key is invalid"));
}

TEST_F(SeveralKeys, key_attributes_are_no_part_of_a_filter_and_limited_together) {
  fill();
  EXPECT_EQ(found("", R"(,":s":{"N":"1"})", R"(,"FilterExpression":"seat = :s")"),
            "ValidationException: Filter Expression can only contain non-primary key attributes: "
            "Primary key attribute: seat");
  ASSERT_NE(create_with("aH bH cR dR").find("already exists"), std::string::npos);
  call("DeleteTable", R"({"TableName":"tickets"})");
  ASSERT_NE(create_with("aH bH cR dR").find("CREATING"), std::string::npos);
  const std::string long_text(1500, 'x');
  EXPECT_EQ(call("PutItem", fmt::format(R"({{"TableName":"tickets","Item":{{"p":{{"S":"1"}},)"
                                        R"("a":{{"S":"{}"}},"b":{{"S":"{}"}}}}}})",
                                        long_text, long_text)),
            "ValidationException: One or more parameter values were invalid: Size of hashkey has "
            "exceeded the maximum size limit of2048 bytes");
}

TEST_F(SeveralKeys, key_schemas_that_are_none_are_refused) {
  const std::string invalid = "ValidationException: One or more parameter values were invalid: ";
  EXPECT_EQ(create_with("aH bR cH"),
            invalid + "All HASH key attributes must precede RANGE key attributes in the KeySchema");
  EXPECT_EQ(create_with("aR bR cR"),
            "ValidationException: Invalid KeySchema: The first KeySchemaElement is not a HASH key "
            "type");
  EXPECT_EQ(create_with("aH bH cH dH eH"),
            invalid + "The KeySchema exceeds the maximum allowed number of HASH key attributes");
  EXPECT_EQ(create_with("aH bR cR dR eR fR"),
            invalid + "The KeySchema exceeds the maximum allowed number of RANGE key attributes");
  EXPECT_EQ(create_with("aH bH aR"),
            "ValidationException: The KeySchema contains multiple key attributes with the same "
            "name");
  EXPECT_NE(create_with("aH bH cH dH eR fR gR hR").find("CREATING"), std::string::npos);
}

TEST_F(SeveralKeys, an_index_that_is_added_later_is_filled) {
  create_table("tickets", false);
  put_ticket("b", place("2", "A", "10"));
  put_ticket("a", place("2", "A", "9"));
  put_ticket("z", "");
  const std::string reply =
      call("UpdateTable", fmt::format(R"({{"TableName":"tickets","AttributeDefinitions":{},)"
                                      R"("GlobalSecondaryIndexUpdates":[{{"Create":{}}}]}})",
                                      definitions, seats));
  ASSERT_NE(reply.find("UPDATING"), std::string::npos) << reply;
  machine.loop.run_until_idle();
  EXPECT_EQ(found(), "a b");
}

}  // namespace
}  // namespace matinee::dynamodb
