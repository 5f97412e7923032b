// The order in which scans find partitions: AWS's for tables of today, and the older one for tables
// that were made with it.
#include "services/dynamodb/partition_hash.h"
#include "services/dynamodb/service_fixture.h"

namespace matinee::dynamodb {
namespace {

class ScanOrder : public DynamoDbTest {
 protected:
  // The partition keys that a scan finds, in order: "a b c".
  std::string scanned(std::string_view table, std::string_view more = "") {
    const std::string reply = call("Scan", fmt::format(R"({{"TableName":"{}"{}}})", table, more));
    std::string keys;
    constexpr std::string_view mark = R"("p":{")";
    for (std::size_t at = reply.find(mark); at != reply.npos; at = reply.find(mark, at + 1)) {
      const std::size_t from = at + mark.size() + 4;
      if (!keys.empty()) keys += ' ';
      keys += reply.substr(from, reply.find('"', from) - from);
    }
    return keys;
  }
  void fill(std::string_view table, std::initializer_list<std::string_view> keys) {
    for (std::string_view key : keys)
      put(table, fmt::format(R"({{"p":{{"S":"{}"}},"q":{{"S":"{}"}}}})", key, key));
  }
  // A table as programs wrote it before they knew AWS's order: with an index on "q".
  void make_older_table() {
    KeySchema keys{.partition = {"p", KeyType::string}};
    KeySchema index_keys{.partition = {"q", KeyType::string}};
    TableRecord table{
        .name = "older",
        .attributes = {{"p", KeyType::string}, {"q", KeyType::string}},
        .keys = keys,
        .indexes = {{.number = 1, .name = "gix", .global = true, .keys = index_keys}}};
    storage::Transaction transaction(*store);
    Catalog(*store).add(context, table);
    transaction.commit();
    ASSERT_TRUE(store->flush().has_value());
  }
};

TEST_F(ScanOrder, partitions_come_in_awss_order) {
  create_table("films", false);
  fill("films", {"1", "2", "3", "hello", "0"});
  EXPECT_EQ(scanned("films"), "2 1 hello 0 3");
  create_table("seats", false);
  fill("seats", {"B", "A"});
  EXPECT_EQ(scanned("seats"), "A B");
}

TEST_F(ScanOrder, hashes_are_the_first_bits_of_md5) {
  // The first four digits of the MD5 of "Outliers" and the key's bytes.
  EXPECT_EQ(outliers_hash("hello"), 0x8f05);
  EXPECT_EQ(outliers_hash(Binary{"hello"}), 0x8f05);
  EXPECT_EQ(outliers_hash(Number(1)), 0xc3a0);
  EXPECT_EQ(outliers_hash(Number(-25)), 0x0b8c);
}

TEST_F(ScanOrder, segments_cut_the_range_into_equal_parts) {
  create_table("films", false);
  fill("films", {"1", "2", "3", "hello", "0"});
  std::string all;
  for (int segment = 0; segment < 4; ++segment) {
    const std::string part =
        scanned("films", fmt::format(R"(,"TotalSegments":4,"Segment":{})", segment));
    if (!part.empty()) all += (all.empty() ? "" : " ") + part;
  }
  EXPECT_EQ(all, "2 1 hello 0 3");
}

TEST_F(ScanOrder, an_older_table_keeps_its_order_its_items_and_its_indexes) {
  make_older_table();
  fill("older", {"A", "B"});
  kill_and_restart();
  fill("older", {"C"});
  EXPECT_EQ(scanned("older").size(), 5U);
  EXPECT_LT(fnv_hash(std::string_view("B\0\0", 3)), fnv_hash(std::string_view("A\0\0", 3)));
  EXPECT_LT(scanned("older").find('B'), scanned("older").find('A'));
  for (std::string_view key : {"A", "B", "C"}) {
    EXPECT_NE(get("older", fmt::format(R"({{"p":{{"S":"{}"}}}})", key)), "{}") << key;
    EXPECT_NE(call("Query", fmt::format(R"({{"TableName":"older","IndexName":"gix",)"
                                        R"("KeyConditionExpression":"q = :q",)"
                                        R"("ExpressionAttributeValues":{{":q":{{"S":"{}"}}}},)"
                                        R"("Select":"COUNT"}})",
                                        key))
                  .find(R"("Count":1)"),
              std::string::npos);
  }
  call("DeleteItem", R"({"TableName":"older","Key":{"p":{"S":"A"}}})");
  EXPECT_EQ(get("older", R"({"p":{"S":"A"}})"), "{}");
}

}  // namespace
}  // namespace matinee::dynamodb
