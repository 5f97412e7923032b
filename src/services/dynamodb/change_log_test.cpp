// Streams by the clock and across restarts. What clients see:
// tests/clients/test_dynamodb_streams.py.
#include "services/dynamodb/change_log.h"

#include "services/dynamodb/service_fixture.h"

namespace matinee::dynamodb {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

class ChangeLogTest : public DynamoDbTest {
 protected:
  void make(std::string_view view = "NEW_AND_OLD_IMAGES") {
    const std::string reply = call(
        "CreateTable",
        fmt::format(R"({{"TableName":"films","BillingMode":"PAY_PER_REQUEST",)"
                    R"("AttributeDefinitions":[{{"AttributeName":"p","AttributeType":"S"}}],)"
                    R"("KeySchema":[{{"AttributeName":"p","KeyType":"HASH"}}],)"
                    R"("StreamSpecification":{{"StreamEnabled":true,"StreamViewType":"{}"}}}})",
                    view));
    ASSERT_NE(reply.find("LatestStreamArn"), std::string::npos) << reply;
  }
  void put_film(int number) { put("films", fmt::format(R"({{"p":{{"S":"{}"}}}})", number)); }
  KeptStream stream() {
    const std::vector<KeptStream> found =
        service->changes().list({context.account, context.region, "films", {}, 10});
    EXPECT_EQ(found.size(), 1U);
    return found.at(0);
  }
  /// The keys of all changes that can be read, shard by shard.
  std::vector<std::vector<std::string>> told() {
    const KeptStream kept = stream();
    std::vector<std::vector<std::string>> result;
    for (const KeptShard& shard : service->changes().shards(kept.record)) {
      std::vector<std::string>& films = result.emplace_back();
      const std::uint64_t from =
          std::max(shard.first, service->changes().first_readable(kept.record));
      service->changes().read(
          kept.record, from, shard.record.last.value_or(1'000'000),
          [&](std::uint64_t, const ChangeRecord& change) {
            films.push_back(*change.now->attributes.at("p").find<std::string>());
            return true;
          });
    }
    return result;
  }
  using Shards = std::vector<std::vector<std::string>>;
};

TEST_F(ChangeLogTest, a_shard_ends_after_four_hours_and_its_child_goes_on) {
  make();
  put_film(1);
  machine.loop.advance(hours(3));
  put_film(2);
  machine.loop.advance(hours(2));
  put_film(3);
  EXPECT_EQ(told(), (Shards{{"1", "2"}, {"3"}}));
  const std::vector<KeptShard> shards = service->changes().shards(stream().record);
  EXPECT_EQ(shards[1].record.parent, shards[0].record.id);
  EXPECT_EQ(shards[0].record.last, 2U);
  EXPECT_FALSE(shards[1].record.last.has_value());
}

TEST_F(ChangeLogTest, a_shard_in_which_nothing_has_happened_goes_on) {
  make();
  const std::string id = service->changes().shards(stream().record).at(0).record.id;
  machine.loop.advance(hours(5));
  put_film(1);
  const std::vector<KeptShard> shards = service->changes().shards(stream().record);
  ASSERT_EQ(shards.size(), 1U);
  EXPECT_EQ(shards[0].record.id, id);
  EXPECT_EQ(told(), Shards{{"1"}});
}

TEST_F(ChangeLogTest, what_is_older_than_24_hours_cannot_be_read) {
  make();
  for (int film = 1; film <= 30; ++film) {
    put_film(film);
    machine.loop.advance(hours(1));
  }
  std::vector<std::string> films;
  for (const auto& shard : told()) films.insert(films.end(), shard.begin(), shard.end());
  // The newest is an hour old: those of one hour to 24 are left.
  ASSERT_EQ(films.size(), 24U);
  EXPECT_EQ(films.front(), "7");
  EXPECT_EQ(films.back(), "30");
}

TEST_F(ChangeLogTest, what_cannot_be_read_is_removed_and_numbers_go_on) {
  make();
  for (int film = 1; film <= 100; ++film) put_film(film);
  machine.loop.advance(hours(26));
  put_film(101);  // notices
  EXPECT_EQ(Changes(*store, changes_id).first(Changes(*store, changes_id).all())->first,
            (ChangePlace{stream().record.number, 100}));
  EXPECT_EQ(told(), (Shards{{"101"}}));
  put_film(102);
  EXPECT_EQ(told(), (Shards{{"101", "102"}}));
}

TEST_F(ChangeLogTest, a_restart_changes_nothing) {
  make();
  put_film(1);
  machine.loop.advance(hours(5));
  put_film(2);
  const auto before = told();
  kill_and_restart();
  EXPECT_EQ(told(), before);
  put_film(3);
  EXPECT_EQ(told(), (Shards{{"1"}, {"2", "3"}}));
}

TEST_F(ChangeLogTest, what_is_rolled_back_is_not_told) {
  make();
  put_film(1);
  {
    storage::Transaction transaction(*store);
    service->put_item(context, {.table_name = "films", .item = {{"p", std::string("lost")}}});
  }
  put_film(2);
  EXPECT_EQ(told(), (Shards{{"1", "2"}}));
}

TEST_F(ChangeLogTest, a_closed_stream_is_there_for_24_hours) {
  make();
  put_film(1);
  call("DeleteTable", R"({"TableName":"films"})");
  machine.loop.advance(hours(24) - minutes(1));
  EXPECT_EQ(told(), (Shards{{"1"}}));
  machine.loop.advance(minutes(2));
  EXPECT_TRUE(service->changes().list({context.account, context.region, "films", {}, 10}).empty());
  make();  // removes what is left of it
  EXPECT_TRUE(Changes(*store, changes_id).is_empty(Changes(*store, changes_id).all()));
}

TEST_F(ChangeLogTest, whoever_waits_is_told_once_a_transaction) {
  make();
  std::vector<std::string> labels;
  service->changes().on_change = [&](const StreamKey& key) { labels.push_back(std::get<2>(key)); };
  call("BatchWriteItem", R"({"RequestItems":{"films":[{"PutRequest":{"Item":{"p":{"S":"a"}}}},)"
                         R"({"PutRequest":{"Item":{"p":{"S":"b"}}}}]}})");
  EXPECT_EQ(labels, std::vector<std::string>{"films"});
}

TEST_F(ChangeLogTest, a_table_from_before_there_were_streams_gets_its_own) {
  make();
  const KeptStream kept = stream();
  {  // as an older program has left it
    storage::Transaction transaction(*store);
    Streams(*store, streams_id).erase(kept.key);
    OpenStreams(*store, open_streams_id).erase(kept.record.table);
    transaction.commit();
  }
  put_film(1);
  EXPECT_EQ(told(), (Shards{{"1"}}));
}

}  // namespace
}  // namespace matinee::dynamodb
