// Operations that take long let others go first, and what they do is right all the same.
#include <thread>

#include "services/dynamodb/service_fixture.h"

namespace matinee::dynamodb {
namespace {

class GivingWay : public DynamoDbTest {
 protected:
  GivingWay() {
    create_table("films", false);
    for (int i = 0; i < count; ++i) put("films", item(i, "old"));
  }

  static constexpr int count = 40;

  static std::string key(int number) { return fmt::format(R"({{"p":{{"S":"film-{}"}}}})", number); }
  static std::string item(int number, std::string_view state) {
    return fmt::format(R"({{"p":{{"S":"film-{}"}},"state":{{"S":"{}"}}}})", number, state);
  }
  void remove(int number) {
    EXPECT_EQ(call("DeleteItem", fmt::format(R"({{"TableName":"films","Key":{}}})", key(number))),
              "{}");
  }
  /// From now on a round has time for three pieces.
  void let_work_take_time() { machine.loop.let_looking_take(runtime::Turns::length / 4); }
  /// The rounds that an operation takes.
  std::uint64_t rounds_of(std::string_view operation, std::string_view request,
                          std::string_view part_of_reply) {
    const std::uint64_t before = machine.loop.round();
    const std::string reply = call(operation, request);
    EXPECT_NE(reply.find(part_of_reply), std::string::npos) << reply;
    return machine.loop.round() - before;
  }
  static int occurrences(std::string_view text, std::string_view part) {
    int found = 0;
    for (std::size_t at = text.find(part); at != std::string_view::npos;
         at = text.find(part, at + 1))
      ++found;
    return found;
  }
  /// Writes one, another and a third item, as somebody else does.
  void change_the_table() {
    for (int i = 0; i < count; i += 2) put("films", item(i, "new"));
    for (int i = 1; i < count; i += 4) remove(i);
    for (int i = count; i < 2 * count; ++i) put("films", item(i, "new"));
  }
};

TEST_F(GivingWay, a_page_takes_many_rounds_when_its_items_take_time) {
  EXPECT_LE(rounds_of("Scan", R"({"TableName":"films"})", R"("Count":40)"), 2U);
  let_work_take_time();
  EXPECT_GE(rounds_of("Scan", R"({"TableName":"films"})", R"("Count":40)"), count / 5);
}

TEST_F(GivingWay, a_page_is_of_the_moment_when_it_began) {
  let_work_take_time();
  meanwhile = [this] { change_the_table(); };
  const std::string page = call("Scan", R"({"TableName":"films"})");
  meanwhile = nullptr;
  EXPECT_NE(page.find(R"("Count":40)"), std::string::npos) << page;
  EXPECT_EQ(occurrences(page, R"("old")"), count) << page;
  const std::string later = call("Scan", R"({"TableName":"films"})");
  EXPECT_EQ(occurrences(later, R"("old")"), count / 4) << later;
  EXPECT_EQ(occurrences(later, R"("new")"), count / 2 + count) << later;
}

TEST_F(GivingWay, pages_that_give_way_show_each_item_that_stays_once) {
  let_work_take_time();
  int flips = 0;
  meanwhile = [&] {
    for (int i = 1; i < count; i += 2) {
      if (++flips % 2 == 0)
        remove(i);
      else
        put("films", item(i, "new"));
    }
  };
  std::map<std::string, int> seen;
  std::string start;
  do {
    const std::string page =
        call("Scan", fmt::format(R"({{"TableName":"films","Limit":7{}}})", start));
    for (int i = 0; i < count; i += 2) {
      const std::string found = fmt::format(R"({{"p":{{"S":"film-{}"}},"state")", i);
      seen[found] += occurrences(page, found);
    }
    const std::size_t last = page.find(R"("LastEvaluatedKey":)");
    if (last == std::string::npos) break;
    const std::size_t from = last + std::string_view(R"("LastEvaluatedKey":)").size();
    start = R"(,"ExclusiveStartKey":)" + page.substr(from, page.find("}}", from) + 2 - from);
  } while (seen.size() < 1000);
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(count / 2));
  for (const auto& [name, times] : seen) EXPECT_EQ(times, 1) << name;
}

TEST_F(GivingWay, a_table_may_go_while_it_is_read_but_not_while_it_is_written) {
  let_work_take_time();
  meanwhile = [this] { call("DeleteTable", R"({"TableName":"films"})"); };
  const std::string page = call("Scan", R"({"TableName":"films"})");
  EXPECT_EQ(occurrences(page, R"("old")"), count) << page;

  create_table("others", false);
  meanwhile = [this] { call("DeleteTable", R"({"TableName":"others"})"); };
  std::string writes;
  for (int i = 0; i < 25; ++i)
    writes += fmt::format(R"({}{{"PutRequest":{{"Item":{}}}}})", i ? "," : "", item(i, "new"));
  EXPECT_EQ(call("BatchWriteItem", fmt::format(R"({{"RequestItems":{{"others":[{}]}}}})", writes)),
            "ResourceNotFoundException: Requested resource not found");
  meanwhile = nullptr;
  create_table("others", false);
  EXPECT_NE(call("Scan", R"({"TableName":"others"})").find(R"("Count":0)"), std::string::npos);
}

TEST_F(GivingWay, a_batch_of_writes_is_done_in_pieces_and_all_of_it) {
  let_work_take_time();
  std::string writes;
  for (int i = 0; i < 25; ++i)
    writes += fmt::format(R"({}{{"PutRequest":{{"Item":{}}}}})", i ? "," : "", item(i, "new"));
  EXPECT_GE(
      rounds_of("BatchWriteItem", fmt::format(R"({{"RequestItems":{{"films":[{}]}}}})", writes),
                R"("UnprocessedItems":{})"),
      5U);
  EXPECT_EQ(occurrences(call("Scan", R"({"TableName":"films"})"), R"("new")"), 25);
}

class FallingBehind : public GivingWay {
 protected:
  FallingBehind() { create_table("large", false); }
  ~FallingBehind() override { machine.disk.hold_writes_to(""); }

  static std::string large_item(int number) { return item(number, std::string(390'000, 'x')); }
  /// Stores what the disk does not take.
  void fall_behind() {
    machine.disk.hold_writes_to(".sst");
    for (int i = 0; i < 200 && !store->is_behind(); ++i) put("large", large_item(i));
    ASSERT_TRUE(store->is_behind());
  }
  void catch_up() {
    machine.disk.hold_writes_to("");
    while (store->is_behind()) std::this_thread::yield();
  }
  std::string write_batch(std::string_view table, const std::function<std::string(int)>& item) {
    std::string writes;
    for (int i = 0; i < 25; ++i)
      writes += fmt::format(R"({}{{"PutRequest":{{"Item":{}}}}})", i ? "," : "", item(i));
    return call("BatchWriteItem",
                fmt::format(R"({{"RequestItems":{{"{}":[{}]}}}})", table, writes));
  }
  std::string write_transaction() {
    return call("TransactWriteItems",
                fmt::format(R"({{"TransactItems":[{{"Put":{{"TableName":"films","Item":{}}}}}]}})",
                            item(0, "new")));
  }
  runtime::Duration time_of(const std::function<std::string()>& write) {
    const runtime::Time before = machine.loop.now();
    EXPECT_FALSE(write().contains("Exception"));
    return machine.loop.now() - before;
  }
};

TEST_F(FallingBehind, writes_of_many_wait_for_the_disk_but_not_for_ever) {
  const auto small_batch = [this] {
    return write_batch("films", [](int i) { return item(i, "new"); });
  };
  const auto transaction = [this] { return write_transaction(); };
  EXPECT_EQ(time_of(small_batch), runtime::Duration::zero());
  EXPECT_EQ(time_of(transaction), runtime::Duration::zero());
  fall_behind();
  EXPECT_EQ(time_of(small_batch), std::chrono::milliseconds(100));
  EXPECT_EQ(time_of(transaction), std::chrono::milliseconds(100));
  EXPECT_EQ(occurrences(call("Scan", R"({"TableName":"films"})"), R"("new")"), 25);
  catch_up();
  EXPECT_EQ(time_of(small_batch), runtime::Duration::zero());
}

TEST_F(FallingBehind, large_items_are_committed_a_mebibyte_at_once) {
  fall_behind();
  // Three items are one, and the disk is waited for before each.
  EXPECT_EQ(time_of([this] { return write_batch("large", large_item); }),
            std::chrono::milliseconds(900));
}

TEST_F(GivingWay, a_transaction_reads_all_items_at_one_moment) {
  std::string gets;
  for (int i = 0; i < count; ++i)
    gets += fmt::format(R"({}{{"Get":{{"TableName":"films","Key":{}}}}})", i ? "," : "", key(i));
  let_work_take_time();
  meanwhile = [this] { change_the_table(); };
  const std::string reply =
      call("TransactGetItems", fmt::format(R"({{"TransactItems":[{}]}})", gets));
  EXPECT_EQ(occurrences(reply, R"("old")"), count) << reply;
}

TEST_F(GivingWay, a_batch_of_reads_gives_way_too) {
  std::string keys;
  for (int i = 0; i < count; ++i) keys += (i ? "," : "") + key(i);
  let_work_take_time();
  EXPECT_GE(rounds_of("BatchGetItem",
                      fmt::format(R"({{"RequestItems":{{"films":{{"Keys":[{}]}}}}}})", keys),
                      R"("film-39")"),
            count / 5);
}

}  // namespace
}  // namespace matinee::dynamodb
