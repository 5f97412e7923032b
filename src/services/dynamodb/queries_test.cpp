#include "services/dynamodb/service_fixture.h"

namespace matinee::dynamodb {
namespace {

class Queries : public DynamoDbTest {
 protected:
  Queries() { create_table("films", true); }

  void fill(std::string_view partition, int count) {
    for (int i = 1; i <= count; ++i) {
      put("films", fmt::format(R"({{"p":{{"S":"{}"}},"s":{{"N":"{}"}},"even":{{"BOOL":{}}}}})",
                               partition, i, i % 2 == 0));
    }
  }
  std::string query(std::string_view condition, std::string_view values,
                    std::string_view more = "") {
    return call("Query", fmt::format(R"({{"TableName":"films","KeyConditionExpression":"{}",)"
                                     R"("ExpressionAttributeValues":{{{}}}{}}})",
                                     condition, values, more));
  }
  // The sort keys in a reply, in order: "1 2 3".
  static std::string sort_keys(std::string_view reply) {
    std::string keys;
    constexpr std::string_view mark = R"("s":{"N":")";
    const std::size_t end = std::min(reply.find("LastEvaluatedKey"), reply.size());
    for (std::size_t at = reply.find(mark); at < end; at = reply.find(mark, at + 1)) {
      const std::size_t from = at + mark.size();
      if (!keys.empty()) keys += ' ';
      keys += reply.substr(from, reply.find('"', from) - from);
    }
    return keys;
  }
  static bool has(std::string_view reply, std::string_view part) {
    return reply.find(part) != std::string_view::npos;
  }
};

constexpr std::string_view a = R"(":p":{"S":"a"})";

TEST_F(Queries, items_of_a_partition_come_in_the_order_of_their_numbers) {
  fill("a", 12);
  fill("b", 3);
  put("films", R"({"p":{"S":"a"},"s":{"N":"-1.5"}})");
  EXPECT_EQ(sort_keys(query("p = :p", a)), "-1.5 1 2 3 4 5 6 7 8 9 10 11 12");
  EXPECT_EQ(sort_keys(query("p = :p", a, R"(,"ScanIndexForward":false,"Limit":3)")), "12 11 10");
  EXPECT_EQ(sort_keys(query("p = :p", R"(":p":{"S":"b"})")), "1 2 3");
  EXPECT_EQ(query("p = :p", R"(":p":{"S":"c"})"), R"({"Items":[],"Count":0,"ScannedCount":0})");
}

TEST_F(Queries, conditions_on_the_sort_key_select_a_range) {
  fill("a", 9);
  const std::string both = std::string(a) + R"(,":x":{"N":"4"})";
  const std::string three = both + R"(,":y":{"N":"6"})";
  EXPECT_EQ(sort_keys(query("p = :p AND s = :x", both)), "4");
  EXPECT_EQ(sort_keys(query("p = :p AND s < :x", both)), "1 2 3");
  EXPECT_EQ(sort_keys(query("p = :p AND s <= :x", both)), "1 2 3 4");
  EXPECT_EQ(sort_keys(query("s > :x AND p = :p", both)), "5 6 7 8 9");
  EXPECT_EQ(sort_keys(query(":x <= s AND p = :p", both)), "4 5 6 7 8 9");
  EXPECT_EQ(sort_keys(query("p = :p AND s BETWEEN :x AND :y", three)), "4 5 6");
  EXPECT_EQ(sort_keys(query("p = :p AND s > :x", both, R"(,"ScanIndexForward":false)")),
            "9 8 7 6 5");
}

TEST_F(Queries, pages_follow_each_other_without_gap_or_repetition_in_both_directions) {
  fill("a", 7);
  for (const char* direction : {"true", "false"}) {
    std::string keys;
    std::string start;
    for (int page = 0; page < 10; ++page) {
      const std::string reply = query(
          "p = :p", a, fmt::format(R"(,"Limit":3,"ScanIndexForward":{}{})", direction, start));
      keys += sort_keys(reply) + ";";
      const std::size_t at = reply.find(R"("LastEvaluatedKey":)");
      if (at == std::string::npos) break;
      const std::size_t from = at + std::string_view(R"("LastEvaluatedKey":)").size();
      start = R"(,"ExclusiveStartKey":)" + reply.substr(from, reply.find("}}", from) + 2 - from);
    }
    EXPECT_EQ(keys, *direction == 't' ? "1 2 3;4 5 6;7;" : "7 6 5;4 3 2;1;");
  }
}

TEST_F(Queries, a_limit_that_ends_with_the_last_item_still_gives_a_key_to_go_on_from) {
  fill("a", 2);
  EXPECT_TRUE(has(query("p = :p", a, R"(,"Limit":2)"), "LastEvaluatedKey"));
  EXPECT_FALSE(has(query("p = :p", a, R"(,"Limit":3)"), "LastEvaluatedKey"));
}

TEST_F(Queries, filters_apply_after_the_limit) {
  fill("a", 6);
  const std::string values = std::string(a) + R"(,":t":{"BOOL":true})";
  const std::string reply = query("p = :p", values, R"(,"FilterExpression":"even = :t","Limit":5)");
  EXPECT_EQ(sort_keys(reply), "2 4");
  EXPECT_TRUE(has(reply, R"("Count":2,"ScannedCount":5)")) << reply;
  EXPECT_EQ(query("p = :p", values, R"(,"FilterExpression":"even = :t","Select":"COUNT")"),
            R"({"Count":3,"ScannedCount":6})");
}

TEST_F(Queries, a_page_ends_at_one_megabyte) {
  const std::string text(300'000, 'x');
  for (int i = 0; i < 5; ++i) {
    put("films", fmt::format(R"({{"p":{{"S":"a"}},"s":{{"N":"{}"}},"t":{{"S":"{}"}}}})", i, text));
  }
  const std::string reply = query("p = :p", a, R"(,"ProjectionExpression":"s")");
  EXPECT_EQ(sort_keys(reply), "0 1 2 3");
  EXPECT_TRUE(has(reply, R"("LastEvaluatedKey":{"p":{"S":"a"},"s":{"N":"3"}})")) << reply;
}

TEST_F(Queries, conditions_that_no_index_answers_are_refused) {
  const std::string x = R"(,":x":{"N":"4"})";
  EXPECT_EQ(query("s = :x", R"(":x":{"N":"4"})"),
            "ValidationException: Query condition missed key schema element: p");
  EXPECT_EQ(query("p > :p", a), "ValidationException: Query key condition not supported");
  EXPECT_EQ(query("p = :p AND t = :x", std::string(a) + x),
            "ValidationException: Query condition missed key schema element: s");
  EXPECT_EQ(query("p = :p AND s = :x", std::string(a) + R"(,":x":{"S":"4"})"),
            "ValidationException: One or more parameter values were invalid: Condition parameter "
            "type does not match schema type");
  EXPECT_EQ(query("p = :p OR s = :x", std::string(a) + x),
            "ValidationException: Invalid operator used in KeyConditionExpression: OR");
  EXPECT_EQ(query("p = :p", std::string(a) + x, R"(,"FilterExpression":"s = :x")"),
            "ValidationException: Filter Expression can only contain non-primary key attributes: "
            "Primary key attribute: s");
  EXPECT_EQ(query("p = :p", a, R"(,"IndexName":"none")"),
            "ValidationException: The table does not have the specified index: none");
  EXPECT_EQ(
      call("Query", R"({"TableName":"films"})"),
      "ValidationException: Either the KeyConditions or KeyConditionExpression parameter must "
      "be specified in the request.");
}

TEST_F(Queries, a_start_key_must_belong_to_the_query) {
  const auto start = [this](std::string_view key) {
    return query("p = :p", a, fmt::format(R"(,"ExclusiveStartKey":{})", key));
  };
  EXPECT_EQ(start(R"({"p":{"S":"b"},"s":{"N":"1"}})"),
            "ValidationException: The provided starting key is outside query boundaries based on "
            "provided conditions");
  EXPECT_TRUE(start(R"({"p":{"S":"a"}})")
                  .starts_with("ValidationException: The provided starting key is invalid"));
  EXPECT_TRUE(start(R"({"p":{"S":"a"},"s":{"S":"1"}})")
                  .starts_with("ValidationException: The provided starting key is invalid"));
}

TEST_F(Queries, the_older_key_conditions_and_filters_work_as_well) {
  fill("a", 5);
  const std::string keys =
      R"({"TableName":"films","KeyConditions":{"p":{"ComparisonOperator":"EQ",)"
      R"("AttributeValueList":[{"S":"a"}]},"s":{"ComparisonOperator":"GE",)"
      R"("AttributeValueList":[{"N":"3"}]}})";
  EXPECT_EQ(sort_keys(call("Query", keys + "}")), "3 4 5");
  EXPECT_EQ(sort_keys(call("Query", keys + R"(,"QueryFilter":{"even":{"ComparisonOperator":"EQ",)"
                                           R"("AttributeValueList":[{"BOOL":true}]}}})")),
            "4");
}

TEST_F(Queries, a_scan_in_segments_finds_every_item_once) {
  for (int i = 0; i < 60; ++i) {
    put("films", fmt::format(R"({{"p":{{"S":"partition {}"}},"s":{{"N":"{}"}}}})", i, i));
  }
  std::set<std::string> seen;
  int total = 0;
  for (int segment = 0; segment < 4; ++segment) {
    std::istringstream keys(sort_keys(
        call("Scan",
             fmt::format(R"({{"TableName":"films","TotalSegments":4,"Segment":{}}})", segment))));
    for (std::string key; keys >> key; ++total) seen.insert(key);
  }
  EXPECT_EQ(total, 60);
  EXPECT_EQ(seen.size(), 60U);
  EXPECT_EQ(call("Scan", R"({"TableName":"films","Select":"COUNT"})"),
            R"({"Count":60,"ScannedCount":60})");
  EXPECT_EQ(call("Scan", R"({"TableName":"films","Segment":4,"TotalSegments":4})"),
            "ValidationException: The Segment parameter is zero-based and must be less than "
            "parameter TotalSegments: Segment: 4 is not less than TotalSegments: 4");
}

}  // namespace
}  // namespace matinee::dynamodb
