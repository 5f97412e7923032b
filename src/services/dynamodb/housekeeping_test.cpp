// What tables do by themselves: new indexes are filled, items expire.
#include "services/dynamodb/housekeeping.h"

#include "services/dynamodb/service_fixture.h"

namespace matinee::dynamodb {
namespace {

using std::chrono::seconds;

class HousekeepingTest : public DynamoDbTest {
 protected:
  std::string add_index(std::string_view more = "") {
    return call("UpdateTable",
                fmt::format(R"({{"TableName":"films","AttributeDefinitions":[{{"AttributeName":)"
                            R"("year","AttributeType":"N"}}],"GlobalSecondaryIndexUpdates":[)"
                            R"({{"Create":{{"IndexName":"by-year","KeySchema":[{{"AttributeName":)"
                            R"("year","KeyType":"HASH"}}],"Projection":{{"ProjectionType":)"
                            R"("KEYS_ONLY"}}}}}}{}]}})",
                            more));
  }
  std::string of_year(int year) {
    return call("Query", fmt::format(R"({{"TableName":"films","IndexName":"by-year","Select":)"
                                     R"("COUNT","KeyConditionExpression":"#y = :y",)"
                                     R"("ExpressionAttributeNames":{{"#y":"year"}},)"
                                     R"("ExpressionAttributeValues":{{":y":{{"N":"{}"}}}}}})",
                                     year));
  }
  void put_film(int number, int year) {
    put("films", fmt::format(R"({{"p":{{"S":"{:04}"}},"year":{{"N":"{}"}}}})", number, year));
  }
  GlobalSecondaryIndexDescription index() {
    return describe("films").global_secondary_indexes->at(0);
  }
  void expire_by(std::string_view attribute, bool enabled = true) {
    const std::string reply = call(
        "UpdateTimeToLive",
        fmt::format(R"({{"TableName":"films","TimeToLiveSpecification":{{"AttributeName":"{}",)"
                    R"("Enabled":{}}}}})",
                    attribute, enabled));
    ASSERT_NE(reply.find("TimeToLiveSpecification"), std::string::npos) << reply;
  }
  /// An item that expires so many seconds from now.
  void put_expiring(std::string_view key, std::int64_t from_now) {
    put("films",
        fmt::format(R"({{"p":{{"S":"{}"}},"until":{{"N":"{}"}}}})", key, now() + from_now));
  }
  std::int64_t now() { return runtime::to_seconds(machine.loop.now()); }
  std::string count() { return call("Scan", R"({"TableName":"films","Select":"COUNT"})"); }
};

constexpr std::string_view none = R"({"Count":0,"ScannedCount":0})";
constexpr std::string_view one = R"({"Count":1,"ScannedCount":1})";
constexpr std::string_view two = R"({"Count":2,"ScannedCount":2})";

TEST_F(HousekeepingTest, a_new_index_is_filled_with_what_the_table_has) {
  create_table("films", false);
  for (int film = 0; film < 2500; ++film) put_film(film, 1970 + film % 50);
  put("films", R"({"p":{"S":"timeless"}})");
  put("films", R"({"p":{"S":"odd"},"year":{"S":"soon"}})");
  const std::string reply = add_index();
  EXPECT_NE(reply.find(R"("IndexStatus":"CREATING")"), std::string::npos) << reply;
  EXPECT_EQ(index().backfilling, true);
  EXPECT_EQ(of_year(1979),
            "ValidationException: Cannot read from backfilling global secondary index: by-year");
  machine.loop.run_until_idle();
  EXPECT_EQ(index().index_status, "ACTIVE");
  EXPECT_FALSE(index().backfilling.has_value());
  EXPECT_EQ(index().item_count, 2500);
  EXPECT_EQ(of_year(1979), R"({"Count":50,"ScannedCount":50})");
}

TEST_F(HousekeepingTest, what_is_written_while_an_index_fills_is_in_it_once) {
  create_table("films", false);
  for (int film = 0; film < 3000; ++film) put_film(film, 1979);
  add_index();
  // Before any of it has been looked at, and between.
  for (int film = 0; film < 3000; film += 100) put_film(film, 1985);
  call("DeleteItem", R"({"TableName":"films","Key":{"p":{"S":"0001"}}})");
  call("DeleteItem", R"({"TableName":"films","Key":{"p":{"S":"2999"}}})");
  put_film(4000, 1985);
  machine.loop.run_until_idle();
  EXPECT_EQ(of_year(1979), R"({"Count":2968,"ScannedCount":2968})");
  EXPECT_EQ(of_year(1985), R"({"Count":31,"ScannedCount":31})");
  EXPECT_EQ(index().item_count, 2999);
}

TEST_F(HousekeepingTest, a_killed_program_goes_on_filling) {
  create_table("films", false);
  for (int film = 0; film < 2500; ++film) put_film(film, 1979);
  add_index();
  kill_and_restart();
  EXPECT_EQ(index().index_status, "CREATING");
  machine.loop.run_until_idle();
  EXPECT_EQ(index().index_status, "ACTIVE");
  EXPECT_EQ(of_year(1979), R"({"Count":2500,"ScannedCount":2500})");
}

TEST_F(HousekeepingTest, one_index_comes_or_goes_at_a_time) {
  create_table("films", false);
  put_film(1, 1979);
  const std::string limit =
      "LimitExceededException: Subscriber limit exceeded: Only 1 online index can be created or "
      "deleted simultaneously per table";
  EXPECT_EQ(add_index(R"(,{"Delete":{"IndexName":"other"}})"), limit);
  add_index();
  const std::string_view remove = R"({"TableName":"films","GlobalSecondaryIndexUpdates":[)"
                                  R"({"Delete":{"IndexName":"by-year"}}]})";
  EXPECT_EQ(add_index(R"(,{"Delete":{"IndexName":"other"}})"), limit);
  EXPECT_EQ(call("DeleteTable", R"({"TableName":"films"})"),
            "ResourceInUseException: Attempt to change a resource which is still in use: Cannot "
            "delete table while indexes are being created, updated, or deleted.");
  machine.loop.run_until_idle();
  const std::string reply = call("UpdateTable", remove);
  EXPECT_EQ(reply.find("by-year"), std::string::npos) << reply;
  EXPECT_EQ(reply.find(R"("AttributeName":"year")"), std::string::npos) << reply;
  EXPECT_TRUE(IndexEntries(*store, index_entries_id)
                  .is_empty(IndexEntries(*store, index_entries_id).all()));
  // A new one does not find what the old one has left.
  add_index();
  machine.loop.run_until_idle();
  EXPECT_EQ(of_year(1979), one);
  EXPECT_EQ(index().item_count, 1);
}

TEST_F(HousekeepingTest, an_index_needs_the_definitions_of_its_keys) {
  create_table("films", false);
  EXPECT_EQ(call("UpdateTable", R"({"TableName":"films","GlobalSecondaryIndexUpdates":[{"Create":)"
                                R"({"IndexName":"by-year","KeySchema":[{"AttributeName":"year",)"
                                R"("KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}}]})"),
            "ValidationException: One or more parameter values were invalid: "
            "AttributeDefinitions is not specified for index: by-year");
}

TEST_F(HousekeepingTest, an_index_leaves_out_what_could_not_be_a_key) {
  create_table("films", false);
  const auto put_year = [this](std::string_view name, std::string_view year) {
    put("films", fmt::format(R"({{"p":{{"S":"{}"}},"year":{}}})", name, year));
  };
  put_year("number", R"({"N":"1979"})");
  put_year("empty", R"({"S":""})");
  put_year("long", fmt::format(R"({{"S":"{}"}})", std::string(2049, '1')));
  put_year("longest", fmt::format(R"({{"S":"{}"}})", std::string(2048, '1')));
  call("UpdateTable", R"({"TableName":"films","AttributeDefinitions":[{"AttributeName":"year",)"
                      R"("AttributeType":"S"}],"GlobalSecondaryIndexUpdates":[{"Create":)"
                      R"({"IndexName":"by-year","KeySchema":[{"AttributeName":"year","KeyType":)"
                      R"("HASH"}],"Projection":{"ProjectionType":"KEYS_ONLY"}}}]})");
  machine.loop.run_until_idle();
  const std::string found = call("Scan", R"({"TableName":"films","IndexName":"by-year"})");
  EXPECT_NE(found.find(R"("Count":1,)"), std::string::npos) << found;
  EXPECT_NE(found.find("longest"), std::string::npos) << found;
  // They may leave as they are.
  EXPECT_EQ(call("DeleteItem", R"({"TableName":"films","Key":{"p":{"S":"empty"}}})"), "{}");
  EXPECT_EQ(call("DeleteItem", R"({"TableName":"films","Key":{"p":{"S":"long"}}})"), "{}");
  EXPECT_EQ(describe("films").global_secondary_indexes->front().item_count, 1);
}

TEST_F(HousekeepingTest, an_index_may_go_while_it_is_filled) {
  create_table("films", false);
  put_film(1, 1979);
  add_index();
  const std::string reply =
      call("UpdateTable", R"({"TableName":"films","GlobalSecondaryIndexUpdates":[{"Delete":)"
                          R"({"IndexName":"by-year"}}]})");
  EXPECT_NE(reply.find(R"("TableStatus":"UPDATING")"), std::string::npos) << reply;
  machine.loop.run_until_idle();
  EXPECT_TRUE(IndexEntries(*store, index_entries_id)
                  .is_empty(IndexEntries(*store, index_entries_id).all()));
  EXPECT_FALSE(describe("films").global_secondary_indexes.has_value());
  EXPECT_NE(call("DeleteTable", R"({"TableName":"films"})").find("DELETING"), std::string::npos);
}

TEST_F(HousekeepingTest, an_item_is_removed_when_its_second_has_come) {
  create_table("films", false);
  expire_by("until");
  put_expiring("soon", 60);
  put_expiring("later", 3600);
  put("films", R"({"p":{"S":"never"},"until":{"S":"1"}})");
  machine.loop.advance(seconds(61));
  EXPECT_EQ(count(), two);
  EXPECT_EQ(get("films", R"({"p":{"S":"soon"}})"), "{}");
  machine.loop.advance(seconds(3600));
  EXPECT_EQ(count(), one);
  EXPECT_EQ(describe("films").item_count, 1);
}

TEST_F(HousekeepingTest, a_new_second_counts_instead_of_the_old_one) {
  create_table("films", false);
  expire_by("until");
  put_expiring("moved", 60);
  put_expiring("moved", 600);
  put_expiring("kept", 60);
  put("films", R"({"p":{"S":"kept"}})");
  machine.loop.advance(seconds(300));
  EXPECT_EQ(count(), two);
  machine.loop.advance(seconds(301));
  EXPECT_EQ(count(), one);
}

TEST_F(HousekeepingTest, what_was_there_before_expires_as_well) {
  create_table("films", false);
  put_expiring("old", -60);
  put_expiring("ancient", -6LL * 365 * 86400);  // taken for a mistake
  put_expiring("soon", 60);
  expire_by("until");
  machine.loop.run_until_idle();
  EXPECT_EQ(get("films", R"({"p":{"S":"old"}})"), "{}");
  EXPECT_EQ(count(), two);
  machine.loop.advance(seconds(61));
  EXPECT_EQ(count(), one);
}

TEST_F(HousekeepingTest, a_restart_keeps_times_to_live) {
  create_table("films", false);
  expire_by("until");
  put_expiring("soon", 60);
  kill_and_restart();
  machine.loop.advance(seconds(61));
  EXPECT_EQ(count(), none);
}

TEST_F(HousekeepingTest, without_a_time_to_live_nothing_expires) {
  create_table("films", false);
  expire_by("until");
  put_expiring("soon", 60);
  expire_by("until", false);
  machine.loop.advance(seconds(61));
  EXPECT_EQ(count(), one);
  EXPECT_TRUE(ExpiryTable(*store, expiries_id).is_empty(ExpiryTable(*store, expiries_id).all()));
}

TEST_F(HousekeepingTest, thousands_expire_in_one_go) {
  create_table("films", false);
  expire_by("until");
  for (int film = 0; film < 1500; ++film) put_expiring(fmt::format("{}", film), 60);
  machine.loop.advance(seconds(61));
  EXPECT_EQ(count(), none);
}

TEST_F(HousekeepingTest, a_deleted_table_leaves_no_times_behind) {
  create_table("films", false);
  expire_by("until");
  put_expiring("soon", 60);
  call("DeleteTable", R"({"TableName":"films"})");
  EXPECT_TRUE(ExpiryTable(*store, expiries_id).is_empty(ExpiryTable(*store, expiries_id).all()));
  create_table("films", false);
  put_expiring("soon", 60);
  machine.loop.advance(seconds(61));
  EXPECT_EQ(count(), one);
}

TEST_F(HousekeepingTest, a_stream_tells_that_dynamodb_removed_an_item) {
  const std::string reply =
      call("CreateTable", R"({"TableName":"films","BillingMode":"PAY_PER_REQUEST",)"
                          R"("AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"}],)"
                          R"("KeySchema":[{"AttributeName":"p","KeyType":"HASH"}],)"
                          R"("StreamSpecification":{"StreamEnabled":true,"StreamViewType":)"
                          R"("KEYS_ONLY"}})");
  expire_by("until");
  put_expiring("soon", 60);
  put_expiring("deleted", 60);
  call("DeleteItem", R"({"TableName":"films","Key":{"p":{"S":"deleted"}}})");
  machine.loop.advance(seconds(61));
  std::vector<bool> expired;
  const auto kept = service->changes().list({context.account, context.region, "", {}, 1}).at(0);
  service->changes().read(kept.record, 1, 100, [&](std::uint64_t, const ChangeRecord& change) {
    if (change.kind == ChangeKind::remove) expired.push_back(change.expired);
    return true;
  });
  EXPECT_EQ(expired, (std::vector<bool>{false, true}));
}

}  // namespace
}  // namespace matinee::dynamodb
