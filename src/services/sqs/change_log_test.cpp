// The record of what changed on many pages, as a client sees it after a crash: not at all.
#include <gmock/gmock.h>

#include "services/sqs/service_fixture.h"
#include "storage/key.h"

namespace matinee::sqs {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class ChangesOfManyPages : public SqsTest {
 protected:
  std::string url = create_fifo("films.fifo");

  /// Pages of ten messages of ten groups: a receive takes a group, which is one message of each.
  void send_pages(int count) {
    for (int page = 0; page < count; ++page) {
      SendMessageBatchRequest request{.queue_url = url, .entries = {}};
      for (int group = 0; group < 10; ++group) {
        SendMessageBatchRequestEntry& entry = request.entries.emplace_back();
        entry.id = std::to_string(group);
        entry.message_body = std::to_string(group) + "." + std::to_string(page);
        entry.message_group_id = std::to_string(group);
      }
      call(&Service::send_message_batch, request);
    }
  }

  void remove_all(const std::vector<Message>& messages) {
    DeleteMessageBatchRequest request{.queue_url = url, .entries = {}};
    for (const Message& message : messages)
      request.entries.push_back({.id = std::to_string(request.entries.size()),
                                 .receipt_handle = *message.receipt_handle});
    EXPECT_THAT(call(&Service::delete_message_batch, request).failed, IsEmpty());
  }

  std::vector<std::string> receive_counts() {
    std::vector<std::string> counts;
    for (const Message& message : receive(url, 10))
      counts.push_back(message.attributes->at("ApproximateReceiveCount"));
    return counts;
  }

  /// How many keys of a table this queue, the only one, has.
  std::size_t stored(storage::TableId table) {
    std::size_t count = 0;
    const auto range = storage::KeyRange::of_prefix(storage::encode_key(table));
    for (storage::Cursor cursor = store->cursor(range); cursor.valid(); cursor.next()) ++count;
    return count;
  }
};

TEST_F(ChangesOfManyPages, survive_a_crash) {
  send_pages(3);
  const auto first = receive(url, 3);
  remove_all({first[0], first[1]});
  hide(url, first[2], 100);
  kill_and_restart();
  EXPECT_EQ(counts(url), "27/0/1");
  EXPECT_THAT(receive_bodies(url, 3), ElementsAre("1.0", "1.1", "1.2"));
  advance(seconds(99));
  kill_and_restart();
  EXPECT_EQ(counts(url), "27/0/1");
  advance(seconds(2));
  EXPECT_EQ(counts(url), "28/0/0");
}

TEST_F(ChangesOfManyPages, add_up_page_by_page_until_all_its_messages_are_deleted) {
  send_pages(10);
  for (int group = 0; group < 10; ++group) {
    const auto messages = receive(url, 10);
    ASSERT_THAT(messages, SizeIs(10));
    if (group % 3 == 0) kill_and_restart();
    remove_all(messages);
  }
  EXPECT_EQ(counts(url), "0/0/0");
  EXPECT_EQ(stored(states_table), 0);
  kill_and_restart();
  EXPECT_THAT(receive_bodies(url), IsEmpty());
}

TEST_F(ChangesOfManyPages, keep_the_counts_of_receives) {
  send_pages(2);
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(receive_counts(), SizeIs(10));
    advance(seconds(30));
  }
  const auto before = counts(url);
  kill_and_restart();
  EXPECT_EQ(counts(url), before);
  for (int i = 0; i < 2; ++i) EXPECT_THAT(receive_counts(), SizeIs(10));
  advance(seconds(30));
  for (int group = 0; group < 10; ++group) {
    const auto received = receive(url, 2);
    ASSERT_THAT(received, SizeIs(2));
    EXPECT_EQ(received[0].attributes->at("ApproximateReceiveCount"),
              received[1].attributes->at("ApproximateReceiveCount"));
  }
}

TEST_F(ChangesOfManyPages, are_stored_with_the_pages_when_their_records_grow_old) {
  for (int i = 0; i < 20; ++i) send_to_group(url, "slow", "slow " + std::to_string(i));
  const auto slow =
      receive({.queue_url = url, .max_number_of_messages = 10, .visibility_timeout = 40'000});
  ASSERT_THAT(slow, SizeIs(10));
  remove(url, slow[4]);
  send_pages(2);
  for (std::size_t i = 0; i < 2 * ChangeLog::max_records; ++i) {
    ASSERT_THAT(receive({.queue_url = url, .max_number_of_messages = 2, .visibility_timeout = 0}),
                SizeIs(2));
    if (i % 100 == 50) kill_and_restart();
  }
  EXPECT_EQ(stored(changes_table), ChangeLog::max_records);
  kill_and_restart();
  EXPECT_EQ(counts(url), "30/0/9");
  advance(seconds(40'000));
  EXPECT_EQ(counts(url), "39/0/0");
  std::vector<std::string> bodies;
  for (int i = 0; i < 4; ++i)
    for (const std::string& body : receive_bodies(url))
      if (body.starts_with("slow")) bodies.push_back(body);
  EXPECT_THAT(bodies, ElementsAre("slow 0", "slow 1", "slow 2", "slow 3", "slow 5", "slow 6",
                                  "slow 7", "slow 8", "slow 9", "slow 10"));
}

TEST_F(ChangesOfManyPages, are_gone_after_a_purge) {
  send_pages(3);
  ASSERT_THAT(receive(url, 3), SizeIs(3));
  EXPECT_EQ(stored(changes_table), 1);
  call(&Service::purge_queue, PurgeQueueRequest{.queue_url = url});
  EXPECT_EQ(stored(changes_table), 0);
  advance(minutes(6));
  send_pages(3);
  ASSERT_THAT(receive(url, 3), SizeIs(3));
  kill_and_restart();
  EXPECT_EQ(counts(url), "27/0/3");
}

TEST_F(ChangesOfManyPages, are_forgotten_when_their_transaction_rolls_back) {
  send_pages(3);
  const auto messages = receive(url, 3);
  store->begin();
  service->delete_message_batch(
      context, {.queue_url = url,
                .entries = {{.id = "0", .receipt_handle = *messages[0].receipt_handle},
                            {.id = "1", .receipt_handle = *messages[1].receipt_handle}}});
  store->rollback();
  EXPECT_EQ(counts(url), "27/0/3");
  remove_all(messages);
  kill_and_restart();
  EXPECT_EQ(counts(url), "27/0/0");
}

}  // namespace matinee::sqs
