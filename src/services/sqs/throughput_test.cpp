// The throughput quotas of FIFO queues, where the server keeps them.
#include <gmock/gmock.h>

#include "services/sqs/service_fixture.h"

namespace matinee::sqs {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class Throughput : public SqsTest {
 protected:
  Throughput() {
    stop();
    start({.throughput_quotas = true});
  }

  const std::string refused = "RequestThrottled: Request is throttled.";

  std::string create_high_throughput() {
    return create_fifo("high.fifo", {{"DeduplicationScope", "messageGroup"},
                                     {"FifoThroughputLimit", "perMessageGroupId"}});
  }
  /// Sends so many messages to the group, and tells what the last of them was answered.
  std::string send_many(const std::string& url, const std::string& group, int count) {
    std::string last;
    for (int i = 0; i < count; ++i)
      last = error_of([&] { send_to_group(url, group, group + std::to_string(sent_++)); });
    return last;
  }
  SendMessageBatchResponse send_batch(const std::string& url,
                                      const std::vector<std::string>& groups) {
    SendMessageBatchRequest request{.queue_url = url};
    for (const std::string& group : groups) {
      const std::string id = std::to_string(sent_++);
      request.entries.push_back({.id = id, .message_body = id, .message_group_id = group});
    }
    return call(&Service::send_message_batch, request);
  }
  std::string receive_many(const std::string& url, int count) {
    std::string last;
    for (int i = 0; i < count; ++i) last = error_of([&] { receive(url); });
    return last;
  }

 private:
  int sent_ = 0;
};

TEST_F(Throughput, the_301st_call_of_a_second_is_refused_and_the_next_second_is_free) {
  const std::string url = create_fifo("films.fifo");
  EXPECT_EQ(send_many(url, "g", 300), "no error");
  EXPECT_EQ(send_many(url, "other", 1), refused);
  EXPECT_EQ(attribute(url, "ApproximateNumberOfMessages"), "300");
  advance(seconds(1));
  EXPECT_EQ(send_many(url, "g", 300), "no error");
}

TEST_F(Throughput, each_action_has_a_quota_of_its_own) {
  const std::string url = create_fifo("films.fifo");
  EXPECT_EQ(send_many(url, "g", 301), refused);
  const Message message = receive(url).at(0);
  EXPECT_EQ(receive_many(url, 299), "no error");
  EXPECT_EQ(receive_many(url, 1), refused);
  for (int i = 0; i < 300; ++i) hide(url, message, 30);
  EXPECT_EQ(error_of([&] { hide(url, message, 30); }), refused);
  for (int i = 0; i < 300; ++i) remove(url, message);
  EXPECT_EQ(error_of([&] { remove(url, message); }), refused);
}

TEST_F(Throughput, a_batch_is_one_call_and_shares_the_quota_of_its_action) {
  const std::string url = create_fifo("films.fifo");
  for (int i = 0; i < 299; ++i) send_batch(url, std::vector<std::string>(10, "g"));
  EXPECT_EQ(send_many(url, "g", 1), "no error");
  EXPECT_EQ(error_of([&] { send_batch(url, {"g"}); }), refused);
  EXPECT_EQ(attribute(url, "ApproximateNumberOfMessages"), "2991");
}

TEST_F(Throughput, queues_do_not_share_a_quota) {
  const std::string first = create_fifo("first.fifo");
  const std::string second = create_fifo("second.fifo");
  EXPECT_EQ(send_many(first, "g", 301), refused);
  EXPECT_EQ(send_many(second, "g", 1), "no error");
}

TEST_F(Throughput, a_standard_queue_has_no_quota) {
  const std::string url = create("films");
  for (int i = 0; i < 1000; ++i) send(url, "m");
  EXPECT_EQ(attribute(url, "ApproximateNumberOfMessages"), "1000");
}

TEST_F(Throughput, high_throughput_gives_each_message_group_300_calls) {
  const std::string url = create_high_throughput();
  EXPECT_EQ(send_many(url, "a", 300), "no error");
  EXPECT_EQ(send_many(url, "b", 300), "no error");
  EXPECT_EQ(send_many(url, "a", 1), refused);
  advance(seconds(1));
  EXPECT_EQ(send_many(url, "a", 1), "no error");
}

TEST_F(Throughput, the_entries_of_a_group_without_quota_fail_and_the_others_are_sent) {
  const std::string url = create_high_throughput();
  send_many(url, "a", 299);
  EXPECT_THAT(send_batch(url, {"a", "a", "b"}).failed, IsEmpty());
  const SendMessageBatchResponse response = send_batch(url, {"a", "b", "a"});
  EXPECT_THAT(response.successful, SizeIs(1));
  ASSERT_THAT(response.failed, SizeIs(2));
  EXPECT_EQ(response.failed[0].code, "RequestThrottled");
  EXPECT_EQ(response.failed[0].message, "Request is throttled.");
}

TEST_F(Throughput, a_queue_with_high_throughput_has_the_quota_of_its_region) {
  context.region = "eu-north-1";
  const std::string url = create_high_throughput();
  for (int group = 0; group < 8; ++group)
    EXPECT_EQ(send_many(url, std::to_string(group), 300), "no error");
  EXPECT_EQ(send_many(url, "one more", 1), refused);
  EXPECT_EQ(calls_a_second({.high_throughput = true}, "us-east-1"), 70'000);
  EXPECT_EQ(calls_a_second({.high_throughput = true}, "eu-west-2"), 4'500);
}

TEST_F(Throughput, the_scope_of_deduplication_alone_does_not_make_high_throughput) {
  const std::string url = create_fifo("films.fifo", {{"DeduplicationScope", "messageGroup"}});
  EXPECT_EQ(send_many(url, "a", 300), "no error");
  EXPECT_EQ(send_many(url, "b", 1), refused);
}

TEST_F(Throughput, deletes_of_a_group_are_counted_with_high_throughput) {
  const std::string url = create_high_throughput();
  send_many(url, "a", 1);
  const Message message = receive(url).at(0);
  for (int i = 0; i < 300; ++i) hide(url, message, 30);
  EXPECT_EQ(error_of([&] { hide(url, message, 30); }), refused);
  remove(url, message);
}

TEST_F(Throughput, nothing_is_counted_unless_the_server_is_asked_to) {
  stop();
  start({});
  const std::string url = create_fifo("films.fifo");
  EXPECT_EQ(send_many(url, "g", 400), "no error");
  EXPECT_EQ(receive_many(url, 400), "no error");
}

}  // namespace matinee::sqs
