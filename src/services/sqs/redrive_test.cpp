// Dead-letter queues.
#include <gmock/gmock.h>

#include "services/sqs/service_fixture.h"

namespace matinee::sqs {

using testing::ElementsAre;
using testing::IsEmpty;

class Redrive : public SqsTest {
 protected:
  std::string dead = create("dead");
  std::string url =
      create("films", {{"RedrivePolicy", redrive_policy(dead, 2)}, {"VisibilityTimeout", "10"}});

  /// Receives until nothing comes any more.
  int receives_until_gone(const std::string& queue) {
    int receives = 0;
    while (!receive(queue, 10).empty()) {
      ++receives;
      advance(seconds(10));
    }
    return receives;
  }
};

TEST_F(Redrive, a_message_moves_after_exactly_so_many_receives) {
  const auto sent = send(url, "Metropolis");
  EXPECT_EQ(receives_until_gone(url), 2);
  EXPECT_EQ(counts(url), "0/0/0");
  const auto messages = receive(dead);
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].body, "Metropolis");
  EXPECT_EQ(messages[0].message_id, sent.message_id);
  EXPECT_EQ(messages[0].attributes->at("DeadLetterQueueSourceArn"),
            "arn:aws:sqs:us-east-1:000000000000:films");
  EXPECT_EQ(messages[0].attributes->at("ApproximateReceiveCount"), "3");
  EXPECT_EQ(messages[0].attributes->at("SentTimestamp"), "1704067200000");
}

TEST_F(Redrive, the_count_and_the_move_survive_crashes) {
  send(url, "Metropolis");
  receive(url);
  kill_and_restart();
  advance(seconds(10));
  EXPECT_EQ(receives_until_gone(url), 1);
  kill_and_restart();
  EXPECT_THAT(receive_bodies(url), IsEmpty());
  EXPECT_THAT(receive_bodies(dead), ElementsAre("Metropolis"));
}

TEST_F(Redrive, the_move_wakes_who_waits_at_the_dead_letter_queue) {
  send(url, "Metropolis");
  receive(url);
  advance(seconds(10));
  receive(url);
  const auto polling = poll({.queue_url = dead, .wait_time_seconds = 20});
  advance(seconds(10));
  EXPECT_FALSE(polling->done());
  EXPECT_THAT(receive_bodies(url), IsEmpty());
  EXPECT_THAT(polling->bodies(), ElementsAre("Metropolis"));
}

TEST_F(Redrive, a_move_does_not_end_a_wait_at_the_source) {
  send(url, "Metropolis");
  receive(url);
  advance(seconds(10));
  receive(url);
  const auto polling = poll({.queue_url = url, .wait_time_seconds = 20});
  advance(seconds(15));
  EXPECT_FALSE(polling->done());
  EXPECT_EQ(counts(dead), "1/0/0");
}

TEST_F(Redrive, a_moved_message_expires_by_when_it_was_first_sent) {
  set(dead, "MessageRetentionPeriod", "60");
  send(url, "Metropolis");
  receives_until_gone(url);
  EXPECT_EQ(counts(dead), "1/0/0");
  advance(seconds(40));
  EXPECT_EQ(counts(dead), "0/0/0");
}

TEST_F(Redrive, fifo_messages_keep_their_order_and_group) {
  const std::string dead_fifo = create_fifo("dead.fifo");
  const std::string fifo = create_fifo(
      "films.fifo", {{"RedrivePolicy", redrive_policy(dead_fifo, 1)}, {"VisibilityTimeout", "10"}});
  for (const char* body : {"1", "2", "3"}) send_to_group(fifo, "a", body);
  EXPECT_EQ(receives_until_gone(fifo), 1);
  const auto messages = receive(dead_fifo, 10);
  ASSERT_EQ(messages.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(messages[i].body, std::to_string(i + 1));
    EXPECT_EQ(messages[i].attributes->at("MessageGroupId"), "a");
  }
}

TEST_F(Redrive, fifo_messages_with_one_deduplication_id_are_two_in_the_dead_letter_queue) {
  const std::string dead_fifo = create_fifo("dead.fifo");
  const std::string fifo = create_fifo(
      "films.fifo", {{"RedrivePolicy", redrive_policy(dead_fifo, 1)}, {"VisibilityTimeout", "10"}});
  const std::string first = *send_to_group(fifo, "a", "same").message_id;
  EXPECT_EQ(receives_until_gone(fifo), 1);
  advance(minutes(5));
  const std::string second = *send_to_group(fifo, "a", "same").message_id;
  EXPECT_EQ(receives_until_gone(fifo), 1);
  const auto messages = receive(dead_fifo, 10);
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(messages[0].attributes->at("MessageDeduplicationId"), first);
  EXPECT_EQ(messages[1].attributes->at("MessageDeduplicationId"), second);
}

TEST_F(Redrive, a_fifo_group_goes_on_behind_a_moved_message) {
  const std::string dead_fifo = create_fifo("dead.fifo");
  const std::string fifo = create_fifo(
      "films.fifo", {{"RedrivePolicy", redrive_policy(dead_fifo, 1)}, {"VisibilityTimeout", "10"}});
  for (const char* body : {"1", "2", "3"}) send_to_group(fifo, "a", body);
  EXPECT_THAT(receive_bodies(fifo, 1), ElementsAre("1"));
  advance(seconds(10));
  EXPECT_THAT(receive_bodies(fifo, 1), ElementsAre("2"));
  EXPECT_THAT(receive_bodies(dead_fifo), ElementsAre("1"));
}

TEST_F(Redrive, without_its_dead_letter_queue_a_queue_keeps_its_messages) {
  call(&Service::delete_queue, DeleteQueueRequest{.queue_url = dead});
  send(url, "Metropolis");
  for (int i = 0; i < 4; ++i) {
    EXPECT_THAT(receive_bodies(url), ElementsAre("Metropolis"));
    advance(seconds(10));
  }
}

TEST_F(Redrive, policies_that_cannot_work_are_refused) {
  const auto refusal = [&](const std::string& policy) {
    return error_of([&] { set(url, "RedrivePolicy", policy); });
  };
  const std::string arn = attribute(dead, "QueueArn");
  const auto expected = [](const std::string& policy, const std::string& reason) {
    return "InvalidParameterValue: Value " + policy +
           " for parameter RedrivePolicy is invalid. Reason: " + reason;
  };
  const std::pair<std::string, std::string> cases[] = {
      {"nonsense", "Redrive policy is not a valid JSON map."},
      {R"({"deadLetterTargetArn":")" + arn + R"("})",
       "Redrive policy does not contain mandatory attribute: maxReceiveCount."},
      {R"({"maxReceiveCount":1})",
       "Redrive policy does not contain mandatory attribute: deadLetterTargetArn."},
      {R"({"deadLetterTargetArn":")" + arn + R"(","maxReceiveCount":1001})",
       "Invalid value for maxReceiveCount: 1001, valid values are from 1 to 1000 both inclusive."},
      {R"({"deadLetterTargetArn":")" + arn + R"(","maxReceiveCount":1,"more":1})",
       "Only following attributes are allowed: [deadLetterTargetArn, maxReceiveCount]."},
      {R"({"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:none","maxReceiveCount":1})",
       "Dead letter target does not exist."}};
  for (const auto& [policy, reason] : cases) EXPECT_EQ(refusal(policy), expected(policy, reason));
  const std::string fifo = redrive_policy(create_fifo("dead.fifo"), 1);
  EXPECT_EQ(refusal(fifo),
            expected(fifo, "Dead-letter queue must be same type of queue as the source."));
  set(url, "RedrivePolicy", R"({"deadLetterTargetArn":")" + arn + R"(","maxReceiveCount":"5"})");
  set(url, "RedrivePolicy", "");
  EXPECT_EQ(attribute(url, "RedrivePolicy"), "");
}

}  // namespace matinee::sqs
