#include "services/sns/service_fixture.h"

namespace matinee::sns {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class FifoTopicTest : public SnsTest {
 protected:
  const std::string topic = create_fifo("orders.fifo");
};

TEST_F(FifoTopicTest, a_group_and_an_id_are_needed) {
  EXPECT_EQ(error_of([&] { publish(topic, "x"); }),
            "InvalidParameter: Invalid parameter: The MessageGroupId parameter is required for "
            "FIFO topics");
  EXPECT_EQ(error_of([&] {
              call(&Service::publish,
                   PublishRequest{.topic_arn = topic, .message = "x", .message_group_id = "g"});
            }),
            "InvalidParameter: Invalid parameter: The topic should either have "
            "ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly");
  const std::string standard = create("news");
  EXPECT_EQ(error_of([&] { publish_to_group(standard, "g", "1"); }),
            "InvalidParameter: Invalid parameter: MessageDeduplicationId Reason: The request "
            "includes MessageDeduplicationId parameter that is not valid for this topic type");
}

TEST_F(FifoTopicTest, an_id_is_remembered_for_five_minutes_through_a_crash) {
  subscribe(topic, "sqs", fifo_queue);
  const PublishResponse first = publish_to_group(topic, "g", "1");
  const PublishResponse other_group = publish_to_group(topic, "h", "1");
  EXPECT_EQ(first.message_id, other_group.message_id);
  kill_and_restart();
  EXPECT_EQ(publish_to_group(topic, "g", "1").sequence_number, first.sequence_number);
  EXPECT_EQ(outbox.all.size(), 1U);
  advance(std::chrono::minutes(5) - std::chrono::seconds(1));
  publish_to_group(topic, "g", "1");
  EXPECT_EQ(outbox.all.size(), 1U);
  advance(std::chrono::seconds(2));
  const PublishResponse later = publish_to_group(topic, "g", "1");
  EXPECT_EQ(outbox.all.size(), 2U);
  EXPECT_GT(*later.sequence_number, *first.sequence_number);
  EXPECT_EQ(later.sequence_number->size(), 20U);
}

TEST_F(FifoTopicTest, ids_may_be_those_of_the_group_alone) {
  const std::string scoped = create_fifo("scoped.fifo", {{"FifoThroughputScope", "MessageGroup"}});
  subscribe(scoped, "sqs", fifo_queue);
  publish_to_group(scoped, "g", "1");
  publish_to_group(scoped, "h", "1");
  publish_to_group(scoped, "g", "1");
  EXPECT_EQ(outbox.all.size(), 2U);
}

TEST_F(FifoTopicTest, envelopes_have_a_sequence_and_no_signature) {
  subscribe(topic, "sqs", fifo_queue);
  const PublishResponse published = publish_to_group(topic, "g", "1");
  ASSERT_EQ(outbox.all.size(), 1U);
  const services::Delivery& delivery = outbox.all[0];
  EXPECT_EQ(member(delivery.body, "SequenceNumber"), *published.sequence_number);
  EXPECT_THAT(delivery.body, Not(HasSubstr("Sign")));
  EXPECT_EQ(delivery.group, "g");
  EXPECT_EQ(delivery.deduplication_id, "1");
  EXPECT_TRUE(delivery.in_order);
}

TEST_F(FifoTopicTest, the_text_is_the_id_where_the_topic_says_so) {
  set(topic, "ContentBasedDeduplication", "true");
  subscribe(topic, "sqs", fifo_queue);
  const PublishRequest request{.topic_arn = topic, .message = "test", .message_group_id = "g"};
  call(&Service::publish, request);
  call(&Service::publish, request);
  ASSERT_EQ(outbox.all.size(), 1U);
  EXPECT_EQ(outbox.all[0].deduplication_id,
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");
}

TEST_F(FifoTopicTest, standard_queues_get_no_deduplication_id) {
  subscribe(topic, "sqs", queue);
  publish_to_group(topic, "g", "1");
  EXPECT_EQ(outbox.all.at(0).deduplication_id, "");
}

TEST_F(FifoTopicTest, an_archive_is_replayed_to_who_comes_later) {
  set(topic, "ArchivePolicy", R"({"MessageRetentionPeriod":"30"})");
  for (int i = 0; i < 250; ++i) publish_to_group(topic, "g", std::to_string(i), std::to_string(i));
  const std::string subscription =
      subscribe(topic, "sqs", fifo_queue,
                {{"RawMessageDelivery", "true"},
                 {"ReplayPolicy",
                  R"({"PointType":"Timestamp","StartingPoint":"2020-01-01T00:00:00.000Z"})"}});
  EXPECT_EQ(subscription_attribute(subscription, "ReplayStatus"), "Pending");
  machine.loop.run_until_idle();
  advance(std::chrono::seconds(1));
  ASSERT_EQ(outbox.all.size(), 250U);
  EXPECT_EQ(outbox.all[249].body, "249");
  EXPECT_EQ(subscription_attribute(subscription, "ReplayStatus"), "Completed");
  EXPECT_EQ(
      error_of([&] { call(&Service::delete_topic, DeleteTopicRequest{topic}); }).substr(0, 12),
      "InvalidState");
  publish_to_group(topic, "g", "new", "new");
  EXPECT_EQ(outbox.all.size(), 251U);
}

TEST_F(FifoTopicTest, what_is_kept_too_long_leaves_the_archive) {
  set(topic, "ArchivePolicy", R"({"MessageRetentionPeriod":"1"})");
  publish_to_group(topic, "g", "1", "old");
  advance(std::chrono::days(1) + std::chrono::minutes(1));
  publish_to_group(topic, "g", "2", "young");
  subscribe(topic, "sqs", fifo_queue,
            {{"RawMessageDelivery", "true"},
             {"ReplayPolicy",
              R"({"PointType":"Timestamp","StartingPoint":"2000-01-01T00:00:00.000Z"})"}});
  advance(std::chrono::seconds(1));
  EXPECT_THAT(outbox.bodies(), ElementsAre("young"));
}

}  // namespace matinee::sns
