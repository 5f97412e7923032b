// Message groups on standard queues: they lock nothing, but share the consumers.
#include <gmock/gmock.h>

#include "services/sqs/service_fixture.h"

namespace matinee::sqs {

using testing::ElementsAre;

class FairQueue : public SqsTest {
 protected:
  std::string url = create("films", {{"VisibilityTimeout", "100"}});

  void send_many(const std::string& group, int count) {
    for (int i = 0; i < count; ++i) send_to_group(url, group, group + std::to_string(i));
  }
  std::vector<Message> take(int count) {
    std::vector<Message> taken;
    for (int i = 0; i < count; ++i)
      for (Message& message : receive(url, 1)) taken.push_back(std::move(message));
    return taken;
  }
};

TEST_F(FairQueue, a_group_is_told_and_locks_nothing) {
  send_to_group(url, "a", "1");
  send_to_group(url, "a", "2");
  const Message first = receive(url).at(0);
  EXPECT_EQ(first.attributes->at("MessageGroupId"), "a");
  EXPECT_FALSE(first.attributes->contains("SequenceNumber"));
  EXPECT_THAT(receive_bodies(url), ElementsAre("2"));
}

TEST_F(FairQueue, without_noise_messages_come_in_the_order_of_sending) {
  send_to_group(url, "a", "1");
  send(url, "2");
  send_to_group(url, "b", "3");
  send_to_group(url, "a", "4");
  send(url, "5");
  EXPECT_THAT(receive_bodies(url), ElementsAre("1", "2", "3", "4", "5"));
}

TEST_F(FairQueue, quiet_groups_overtake_the_backlog_of_a_noisy_one) {
  send_many("noisy", 500);
  send_to_group(url, "quiet", "quiet");
  send(url, "alone");
  for (const Message& message : take(30)) EXPECT_TRUE(message.body->starts_with("noisy"));
  EXPECT_THAT(receive_bodies(url, 3), ElementsAre("quiet", "alone", "noisy30"));
}

TEST_F(FairQueue, a_group_that_was_noisy_has_its_turn_again_once_its_messages_are_deleted) {
  send_many("noisy", 40);
  send_to_group(url, "quiet", "quiet");
  const std::vector<Message> taken = take(30);
  remove(url, taken.front());
  EXPECT_THAT(receive_bodies(url, 1), ElementsAre("noisy30"));
}

TEST_F(FairQueue, a_group_with_a_tenth_of_what_is_in_flight_is_not_noisy) {
  for (int i = 0; i < 300; ++i) send(url, "alone");
  send_many("large", 40);
  send(url, "later");
  take(330);  // 300 alone and 30 of the group: not more than a tenth
  EXPECT_THAT(receive_bodies(url, 1), ElementsAre("large30"));
}

TEST_F(FairQueue, noise_is_known_after_a_restart) {
  send_many("noisy", 40);
  send_to_group(url, "quiet", "quiet");
  take(30);
  kill_and_restart();
  EXPECT_THAT(receive_bodies(url, 2), ElementsAre("quiet", "noisy30"));
}

TEST_F(FairQueue, a_message_that_reappears_goes_before_those_sent_later_until_its_third_return) {
  send_to_group(url, "a", "1");
  advance(seconds(1));
  send_to_group(url, "b", "2");
  advance(seconds(1));
  for (int i = 0; i < 4; ++i) {
    const Message message = receive(url).at(0);
    EXPECT_EQ(*message.body, "1") << i;
    hide(url, message, 0);
  }
  EXPECT_THAT(receive_bodies(url), ElementsAre("2", "1"));
}

/// Consumers that take long over one group's messages, a few at a time.
class SlowGroup : public FairQueue {
 protected:
  /// Each group has messages waiting, and a minute passes with one of "slow" in flight.
  Message keep_a_consumer_busy() {
    for (int i = 0; i < 3; ++i) send_to_group(url, "slow", "slow" + std::to_string(i));
    send_to_group(url, "quick", "quick");
    const Message held = receive(url).at(0);
    advance(seconds(60));
    return held;
  }
};

TEST_F(SlowGroup, a_group_that_takes_the_time_of_the_consumers_waits_for_the_others) {
  keep_a_consumer_busy();
  EXPECT_THAT(receive_bodies(url), ElementsAre("quick", "slow1", "slow2"));
}

TEST_F(SlowGroup, a_few_seconds_of_work_make_nobody_noisy) {
  for (int i = 0; i < 2; ++i) send_to_group(url, "slow", "slow" + std::to_string(i));
  send_to_group(url, "quick", "quick");
  receive(url);
  advance(seconds(9));
  EXPECT_THAT(receive_bodies(url, 1), ElementsAre("slow1"));
}

TEST_F(SlowGroup, a_tenth_of_the_time_is_no_large_share) {
  for (int i = 0; i < 9; ++i) send(url, "alone");
  for (int i = 0; i < 2; ++i) send_to_group(url, "a", "a" + std::to_string(i));
  send_to_group(url, "b", "b");
  receive(url, 10);
  advance(seconds(60));
  EXPECT_THAT(receive_bodies(url), ElementsAre("a1", "b"));
}

TEST_F(SlowGroup, what_was_long_ago_counts_for_less) {
  remove(url, keep_a_consumer_busy());
  for (int i = 0; i < 4; ++i) send(url, "alone");
  take(5);  // "quick" and those
  advance(seconds(99));
  // 60 of 555 seconds were more than a tenth, if they had just passed.
  send_to_group(url, "later", "later");
  EXPECT_THAT(receive_bodies(url, 1), ElementsAre("slow1"));
}

TEST_F(SlowGroup, a_group_whose_backlog_has_gone_is_quiet_again) {
  keep_a_consumer_busy();
  EXPECT_THAT(receive_bodies(url), ElementsAre("quick", "slow1", "slow2"));
  send_to_group(url, "slow", "slow3");
  send_to_group(url, "other", "other");
  EXPECT_THAT(receive_bodies(url), ElementsAre("slow3", "other"));
}

TEST_F(SlowGroup, a_group_to_which_nothing_was_sent_for_five_minutes_is_quiet_again) {
  set(url, "VisibilityTimeout", "1000");
  keep_a_consumer_busy();
  advance(seconds(239));
  send_to_group(url, "other", "other");
  EXPECT_THAT(receive_bodies(url, 2), ElementsAre("quick", "other"));
  advance(seconds(2));
  send_to_group(url, "third", "third");
  EXPECT_THAT(receive_bodies(url), ElementsAre("slow1", "slow2", "third"));
}

TEST_F(SlowGroup, among_noisy_groups_the_one_with_the_fewest_messages_in_flight_is_next) {
  for (int i = 0; i < 3; ++i) send_to_group(url, "a", "a" + std::to_string(i));
  for (int i = 0; i < 3; ++i) send_to_group(url, "b", "b" + std::to_string(i));
  take(4);  // all of a and one of b
  send_to_group(url, "a", "a3");
  advance(seconds(60));
  EXPECT_THAT(receive_bodies(url), ElementsAre("b1", "b2", "a3"));
}

TEST_F(SlowGroup, what_is_in_flight_at_a_restart_counts_from_its_receive) {
  keep_a_consumer_busy();
  kill_and_restart();
  EXPECT_THAT(receive_bodies(url), ElementsAre("quick", "slow1", "slow2"));
}

}  // namespace matinee::sqs
