#include "services/dynamodb/service_fixture.h"

namespace matinee::dynamodb {
namespace {

// A table with every kind of index. Keys: p, s; local "by-rank" on rank; global "by-director" on
// director and s, keys only; global "by-genre" on genre alone, with the title.
class Indexes : public DynamoDbTest {
 protected:
  Indexes() {
    const std::string reply = call("CreateTable", R"({"TableName":"films",
      "BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[
        {"AttributeName":"p","AttributeType":"S"},{"AttributeName":"s","AttributeType":"S"},
        {"AttributeName":"rank","AttributeType":"N"},{"AttributeName":"genre","AttributeType":"S"},
        {"AttributeName":"director","AttributeType":"S"}],
      "KeySchema":[{"AttributeName":"p","KeyType":"HASH"},{"AttributeName":"s","KeyType":"RANGE"}],
      "LocalSecondaryIndexes":[{"IndexName":"by-rank","KeySchema":[
        {"AttributeName":"p","KeyType":"HASH"},{"AttributeName":"rank","KeyType":"RANGE"}],
        "Projection":{"ProjectionType":"KEYS_ONLY"}}],
      "GlobalSecondaryIndexes":[{"IndexName":"by-director","KeySchema":[
        {"AttributeName":"director","KeyType":"HASH"},{"AttributeName":"s","KeyType":"RANGE"}],
        "Projection":{"ProjectionType":"ALL"}},
        {"IndexName":"by-genre","KeySchema":[{"AttributeName":"genre","KeyType":"HASH"}],
        "Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["title"]}}]})");
    EXPECT_NE(reply.find("CREATING"), std::string::npos) << reply;
  }

  std::string query(std::string_view index, std::string_view key, std::string_view value,
                    std::string_view more = "") {
    return call("Query",
                fmt::format(R"({{"TableName":"films","IndexName":"{}","KeyConditionExpression":)"
                            R"("{} = :v","ExpressionAttributeValues":{{":v":{{"S":"{}"}}}}{}}})",
                            index, key, value, more));
  }
  static bool has(std::string_view reply, std::string_view part) {
    return reply.find(part) != std::string_view::npos;
  }
};

TEST_F(Indexes, hold_the_items_that_have_their_keys_and_what_they_project) {
  put("films", R"({"p":{"S":"a"},"s":{"S":"1"},"genre":{"S":"noir"},"title":{"S":"M"},)"
               R"("year":{"N":"1931"}})");
  put("films", R"({"p":{"S":"a"},"s":{"S":"2"},"title":{"S":"none"}})");
  EXPECT_EQ(query("by-genre", "genre", "noir"),
            R"({"Items":[{"genre":{"S":"noir"},"p":{"S":"a"},"s":{"S":"1"},"title":{"S":"M"}}],)"
            R"("Count":1,"ScannedCount":1})");
  EXPECT_EQ(call("Scan", R"({"TableName":"films","IndexName":"by-genre","Select":"COUNT"})"),
            R"({"Count":1,"ScannedCount":1})");
  EXPECT_EQ(query("by-director", "director", "Lang"), R"({"Items":[],"Count":0,"ScannedCount":0})");
}

TEST_F(Indexes, follow_every_kind_of_write) {
  put("films", R"({"p":{"S":"a"},"s":{"S":"1"},"genre":{"S":"noir"}})");
  const auto update = [this](std::string_view expression, std::string_view values) {
    return call("UpdateItem", fmt::format(R"({{"TableName":"films","Key":{{"p":{{"S":"a"}},"s":)"
                                          R"({{"S":"1"}}}},"UpdateExpression":"{}"{}}})",
                                          expression, values));
  };
  EXPECT_EQ(update("SET genre = :g", R"(,"ExpressionAttributeValues":{":g":{"S":"epic"}})"), "{}");
  EXPECT_TRUE(has(query("by-genre", "genre", "noir"), R"("Count":0)"));
  EXPECT_TRUE(has(query("by-genre", "genre", "epic"), R"("Count":1)"));
  EXPECT_EQ(update("REMOVE genre", ""), "{}");
  EXPECT_TRUE(has(query("by-genre", "genre", "epic"), R"("Count":0)"));
  put("films", R"({"p":{"S":"a"},"s":{"S":"1"},"genre":{"S":"epic"}})");
  EXPECT_TRUE(has(query("by-genre", "genre", "epic"), R"("Count":1)"));
  EXPECT_EQ(describe("films").global_secondary_indexes->at(1).item_count, 1);
  call("DeleteItem", R"({"TableName":"films","Key":{"p":{"S":"a"},"s":{"S":"1"}}})");
  EXPECT_TRUE(has(query("by-genre", "genre", "epic"), R"("Count":0)"));
  EXPECT_EQ(describe("films").global_secondary_indexes->at(1).item_count, 0);
  EXPECT_EQ(describe("films").global_secondary_indexes->at(1).index_size_bytes, 0);
}

TEST_F(Indexes, entries_with_the_same_key_are_told_apart_and_paged_through) {
  for (int i = 0; i < 5; ++i) {
    put("films", fmt::format(R"({{"p":{{"S":"{}"}},"s":{{"S":"1"}},"genre":{{"S":"noir"}}}})", i));
  }
  std::string start;
  int found = 0;
  for (int page = 0; page < 10; ++page) {
    const std::string reply = query("by-genre", "genre", "noir", R"(,"Limit":2)" + start);
    const std::size_t at = reply.find(R"("LastEvaluatedKey":)");
    found += has(reply, R"("Count":2)") ? 2 : has(reply, R"("Count":1)") ? 1 : 0;
    if (at == std::string::npos) break;
    const std::size_t from = at + std::string_view(R"("LastEvaluatedKey":)").size();
    start = R"(,"ExclusiveStartKey":)" + reply.substr(from, reply.find("}}", from) + 2 - from);
  }
  EXPECT_EQ(found, 5);
}

TEST_F(Indexes, a_local_index_fetches_what_it_lacks_and_a_global_one_refuses) {
  put("films", R"({"p":{"S":"a"},"s":{"S":"1"},"rank":{"N":"7"},"title":{"S":"M"},)"
               R"("genre":{"S":"noir"},"year":{"N":"1931"}})");
  EXPECT_EQ(query("by-rank", "p", "a"),
            R"({"Items":[{"p":{"S":"a"},"rank":{"N":"7"},"s":{"S":"1"}}],"Count":1,)"
            R"("ScannedCount":1})");
  EXPECT_EQ(query("by-rank", "p", "a", R"(,"ProjectionExpression":"title")"),
            R"({"Items":[{"title":{"S":"M"}}],"Count":1,"ScannedCount":1})");
  EXPECT_TRUE(has(query("by-rank", "p", "a", R"(,"Select":"ALL_ATTRIBUTES")"), "1931"));
  EXPECT_EQ(query("by-genre", "genre", "noir", R"(,"Select":"ALL_ATTRIBUTES")"),
            "ValidationException: One or more parameter values were invalid: Select type "
            "ALL_ATTRIBUTES is not supported for global secondary index by-genre because its "
            "projection type is not ALL");
  EXPECT_EQ(
      query("by-genre", "genre", "noir",
            R"(,"ProjectionExpression":"#y","ExpressionAttributeNames":{"#y":"year"})"),
      "ValidationException: One or more parameter values were invalid: Global secondary index "
      "by-genre does not project [year]");
}

TEST_F(Indexes, what_a_local_index_fetches_counts_for_the_size_of_a_page) {
  const std::string long_text(300'000, 'x');
  for (int i = 0; i < 5; ++i)
    put("films", fmt::format(R"({{"p":{{"S":"a"}},"s":{{"S":"{0}"}},"rank":{{"N":"{0}"}},)"
                             R"("title":{{"S":"{1}"}}}})",
                             i, long_text));
  constexpr std::string_view last = R"({"p":{"S":"a"},"rank":{"N":"3"},"s":{"S":"3"}})";
  const std::string first_page = query("by-rank", "p", "a", R"(,"Select":"ALL_ATTRIBUTES")");
  EXPECT_TRUE(
      has(first_page, fmt::format(R"("Count":4,"ScannedCount":4,"LastEvaluatedKey":{}}})", last)));
  const std::string second_page =
      query("by-rank", "p", "a",
            fmt::format(R"(,"Select":"ALL_ATTRIBUTES","ExclusiveStartKey":{})", last));
  EXPECT_TRUE(has(second_page, R"("Count":1,"ScannedCount":1})"));
  EXPECT_TRUE(has(query("by-rank", "p", "a"), R"("Count":5,"ScannedCount":5})"));
}

TEST_F(Indexes, a_global_index_is_not_read_consistently) {
  EXPECT_EQ(query("by-genre", "genre", "noir", R"(,"ConsistentRead":true)"),
            "ValidationException: Consistent reads are not supported on global secondary indexes");
  EXPECT_TRUE(has(query("by-rank", "p", "a", R"(,"ConsistentRead":true)"), R"("Count":0)"));
}

TEST_F(Indexes, an_item_with_a_mistyped_index_key_is_refused) {
  EXPECT_EQ(call("PutItem", R"({"TableName":"films","Item":{"p":{"S":"a"},"s":{"S":"1"},)"
                            R"("rank":{"S":"high"}}})"),
            "ValidationException: One or more parameter values were invalid: Type mismatch for "
            "Index Key rank Expected: N Actual: S IndexName: by-rank");
}

TEST_F(Indexes, capacity_of_indexes_is_counted_one_by_one) {
  EXPECT_EQ(call("PutItem", R"({"TableName":"films","Item":{"p":{"S":"a"},"s":{"S":"1"},)"
                            R"("genre":{"S":"noir"},"rank":{"N":"1"}},)"
                            R"("ReturnConsumedCapacity":"INDEXES"})"),
            R"({"ConsumedCapacity":{"TableName":"films","CapacityUnits":3.0,"Table":)"
            R"({"CapacityUnits":1.0},"LocalSecondaryIndexes":{"by-rank":{"CapacityUnits":1.0}},)"
            R"("GlobalSecondaryIndexes":{"by-genre":{"CapacityUnits":1.0}}}})");
}

TEST_F(Indexes, entries_survive_a_kill_and_go_with_their_table) {
  put("films", R"({"p":{"S":"a"},"s":{"S":"1"},"director":{"S":"Lang"}})");
  kill_and_restart();
  EXPECT_TRUE(has(query("by-director", "director", "Lang"), R"("Count":1)"));
  call("DeleteTable", R"({"TableName":"films"})");
  auto cursor = store->cursor(storage::KeyRange::of_prefix(std::string("\x02\x02", 2)));
  EXPECT_FALSE(cursor.valid());
}

TEST_F(Indexes, writes_tell_of_the_item_collection_where_there_is_a_local_index) {
  const std::string metrics =
      R"({"ItemCollectionKey":{"p":{"S":"a"}},"SizeEstimateRangeGB":[0.0,1.0]})";
  const std::string single = R"({"ItemCollectionMetrics":)" + metrics + "}";
  const std::string of_films = R"("ItemCollectionMetrics":{"films":[)" + metrics + "]}";
  constexpr std::string_view size = R"("ReturnItemCollectionMetrics":"SIZE")";
  constexpr std::string_view item = R"({"p":{"S":"a"},"s":{"S":"1"}})";
  const auto with = [&](std::string_view member, std::string_view more) {
    return fmt::format(R"({{"TableName":"films","{}":{},{}}})", member, item, more);
  };
  EXPECT_EQ(call("PutItem", with("Item", size)), single);
  EXPECT_EQ(call("PutItem", with("Item", R"("ReturnItemCollectionMetrics":"NONE")")), "{}");
  EXPECT_EQ(call("UpdateItem", with("Key", size)), single);
  EXPECT_EQ(call("DeleteItem", with("Key", size)), single);
  const std::string batch = call(
      "BatchWriteItem",
      fmt::format(R"({{"RequestItems":{{"films":[{{"PutRequest":{{"Item":{}}}}},)"
                  R"({{"DeleteRequest":{{"Key":{{"p":{{"S":"a"}},"s":{{"S":"2"}}}}}}}}]}},{}}})",
                  item, size));
  EXPECT_TRUE(has(batch, of_films)) << batch;
  const std::string transaction =
      call("TransactWriteItems",
           fmt::format(R"({{"TransactItems":[{{"Put":{{"TableName":"films","Item":{}}}}}],{}}})",
                       item, size));
  EXPECT_TRUE(has(transaction, of_films)) << transaction;
  create_table("plain", false);
  EXPECT_EQ(call("PutItem",
                 fmt::format(R"({{"TableName":"plain","Item":{{"p":{{"S":"a"}}}},{}}})", size)),
            "{}");
}

TEST_F(Indexes, what_is_read_of_an_index_is_listed_beside_the_table) {
  constexpr std::string_view asked = R"(,"ReturnConsumedCapacity":"INDEXES")";
  EXPECT_TRUE(has(query("by-rank", "p", "a", asked),
                  R"("ConsumedCapacity":{"TableName":"films","CapacityUnits":0.5,"Table":)"
                  R"({"CapacityUnits":0.0},"LocalSecondaryIndexes":{"by-rank":)"
                  R"({"CapacityUnits":0.5}}})"));
  const std::string scanned =
      call("Scan", fmt::format(R"({{"TableName":"films","IndexName":"by-genre"{}}})", asked));
  EXPECT_TRUE(
      has(scanned, R"("Table":{"CapacityUnits":0.0},"GlobalSecondaryIndexes":{"by-genre":)"))
      << scanned;
}

TEST_F(Indexes, an_update_of_an_index_key_is_refused_in_words_that_tell_where_the_value_is_from) {
  put("films", R"({"p":{"S":"a"},"s":{"S":"1"},"e":{"N":"5"},"b":{"S":""}})");
  const auto update = [this](std::string_view expression, std::string_view values = "") {
    return call("UpdateItem", fmt::format(R"({{"TableName":"films","Key":{{"p":{{"S":"a"}},"s":)"
                                          R"({{"S":"1"}}}},"UpdateExpression":"{}"{}}})",
                                          expression, values));
  };
  EXPECT_EQ(
      update("SET genre = e"),
      "ValidationException: The update expression attempted to update the secondary index key "
      "to unsupported type");
  EXPECT_EQ(
      update("ADD genre :n", R"(,"ExpressionAttributeValues":{":n":{"N":"1"}})"),
      "ValidationException: The update expression attempted to update the secondary index key "
      "to unsupported type");
  EXPECT_EQ(update("SET genre = :n", R"(,"ExpressionAttributeValues":{":n":{"N":"1"}})"),
            "ValidationException: One or more parameter values were invalid: Type mismatch for "
            "Index Key genre Expected: S Actual: N IndexName: by-genre");
  const std::string empty =
      "ValidationException: One or more parameter values are not valid. The update expression "
      "attempted to update a secondary index key to a value that is not supported. The "
      "AttributeValue for a key attribute cannot contain an empty string value.";
  EXPECT_EQ(update("SET genre = :e", R"(,"ExpressionAttributeValues":{":e":{"S":""}})"), empty);
  EXPECT_EQ(update("SET genre = b"), empty);
  EXPECT_EQ(update("SET genre.x = :e", R"(,"ExpressionAttributeValues":{":e":{"S":"x"}})"),
            "ValidationException: Key attributes must be scalars; list random access '[]' and map "
            "lookup '.' are not allowed: IndexKey: genre");
  EXPECT_EQ(update("REMOVE genre[0]"),
            "ValidationException: Key attributes must be scalars; list random access '[]' and map "
            "lookup '.' are not allowed: IndexKey: genre");
  EXPECT_EQ(update("SET genre = :g", R"(,"ExpressionAttributeValues":{":g":{"S":"noir"}})"), "{}");
}

TEST_F(Indexes, expressions_do_not_reach_into_keys) {
  const auto refused = [](std::string_view what) {
    return fmt::format(
        "ValidationException: Key attributes must be scalars; list random access '[]' and map "
        "lookup '.' are not allowed: {}",
        what);
  };
  const auto with = [this](std::string_view operation, std::string_view member,
                           std::string_view more) {
    return call(operation, fmt::format(R"({{"TableName":"films","{}":{{"p":{{"S":"a"}},"s":)"
                                       R"({{"S":"1"}}}},{}}})",
                                       member, more));
  };
  constexpr std::string_view condition = R"x("ConditionExpression":"attribute_exists(genre.x)")x";
  EXPECT_EQ(with("PutItem", "Item", condition), refused("IndexKey: genre"));
  EXPECT_EQ(with("UpdateItem", "Key", condition), refused("IndexKey: genre"));
  EXPECT_EQ(with("DeleteItem", "Key", condition), refused("IndexKey: genre"));
  EXPECT_EQ(with("GetItem", "Key", R"("ProjectionExpression":"p[0]")"), refused("Key: p"));
  EXPECT_EQ(call("BatchGetItem", R"({"RequestItems":{"films":{"Keys":[{"p":{"S":"a"},"s":)"
                                 R"({"S":"1"}}],"ProjectionExpression":"s.x"}}})"),
            refused("Key: s"));
}

TEST_F(Indexes, start_keys_and_key_conditions_are_looked_at_before_what_is_projected) {
  const std::string all = R"(,"Select":"ALL_ATTRIBUTES")";
  EXPECT_TRUE(query("by-genre", "genre", "noir", all + R"(,"ExclusiveStartKey":{"p":{"S":"a"}})")
                  .starts_with("ValidationException: The provided starting key is invalid"));
  EXPECT_EQ(query("by-genre", "title", "M", all),
            "ValidationException: Query condition missed key schema element: genre");
}

}  // namespace
}  // namespace matinee::dynamodb
