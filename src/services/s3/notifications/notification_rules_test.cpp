#include "services/s3/notifications/notification_rules.h"

#include <gtest/gtest.h>

#include "runtime/simulated/seeded_random.h"
#include "s3/errors.h"

namespace matinee::s3 {
namespace {

const std::string queue_arn = "arn:aws:sqs:us-east-1:000000000000:queue";

QueueConfiguration rule(std::vector<std::string> events,
                        const std::vector<FilterRule>& filters = {}) {
  QueueConfiguration configuration{.queue_arn = queue_arn, .events = std::move(events)};
  if (!filters.empty()) configuration.filter.emplace().key.emplace().filter_rules = filters;
  return configuration;
}

NotificationRecord read(const std::vector<QueueConfiguration>& rules) {
  runtime::SeededRandom random(1);
  return read_rules({.queue_configurations = rules}, "us-east-1", random);
}

FilterRule prefix(const std::string& value) {
  return {.name = "prefix", .value = value};
}
FilterRule suffix(const std::string& value) {
  return {.name = "Suffix", .value = value};
}

TEST(NotificationRules, get_an_id_where_they_have_none) {
  EXPECT_EQ(read({rule({"s3:ObjectCreated:*"})}).rules.front().id.size(), 48u);
}

TEST(NotificationRules, match_events_and_keys) {
  const NotificationRule found = read({rule({"s3:ObjectCreated:*", "s3:ObjectRemoved:Delete"},
                                            {prefix("a+b/"), suffix("%2Ejpg")})})
                                     .rules.front();
  EXPECT_TRUE(found.matches("ObjectCreated:Put", "a b/x.jpg"));
  EXPECT_TRUE(found.matches("ObjectRemoved:Delete", "a b/x.jpg"));
  EXPECT_FALSE(found.matches("ObjectRemoved:DeleteMarkerCreated", "a b/x.jpg"));
  EXPECT_FALSE(found.matches("ObjectCreated:Put", "a+b/x.jpg"));
  EXPECT_FALSE(found.matches("ObjectCreated:Put", "a b/x.png"));
}

TEST(NotificationRules, are_written_as_the_service_spells_them) {
  const NotificationConfiguration written =
      write_rules(read({rule({"s3:ObjectCreated:Put"}, {suffix(".jpg"), prefix("a")})}));
  const auto& filters = *written.queue_configurations->front().filter->key->filter_rules;
  EXPECT_EQ(filters[0].name, "Prefix");
  EXPECT_EQ(filters[0].value, "a");
  EXPECT_EQ(filters[1].name, "Suffix");
  EXPECT_FALSE(write_rules({}).queue_configurations);
}

TEST(NotificationRules, must_not_overlap) {
  EXPECT_THROW(read({rule({"s3:ObjectCreated:*"}), rule({"s3:ObjectCreated:Put"})}),
               InvalidArgument);
  EXPECT_THROW(read({rule({"s3:ObjectCreated:Put"}, {prefix("a")}),
                     rule({"s3:ObjectCreated:Put"}, {prefix("ab"), suffix("c")})}),
               InvalidArgument);
  EXPECT_NO_THROW(read({rule({"s3:ObjectCreated:Put"}, {prefix("a")}),
                        rule({"s3:ObjectCreated:Put"}, {prefix("b")})}));
  EXPECT_NO_THROW(read({rule({"s3:ObjectCreated:Put"}, {prefix("a"), suffix("x")}),
                        rule({"s3:ObjectCreated:Put"}, {prefix("a"), suffix("y")})}));
  EXPECT_NO_THROW(read({rule({"s3:ObjectCreated:*"}), rule({"s3:ObjectRemoved:*"})}));
}

TEST(NotificationRules, that_are_malformed_are_refused) {
  const auto refuse_arn = [](const std::string& arn) {
    QueueConfiguration bad = rule({"s3:ObjectCreated:*"});
    bad.queue_arn = arn;
    EXPECT_THROW(read({bad}), InvalidArgument) << arn;
  };
  refuse_arn("queue");
  refuse_arn("arn:aws:sns:us-east-1:000000000000:topic");
  refuse_arn("arn:aws:sqs:eu-west-1:000000000000:queue");
  refuse_arn("arn:aws:sqs:us-east-1:000000000000:queue.fifo");
  EXPECT_THROW(read({rule({"s3:ObjectCreated:*"}, {prefix("a"), prefix("b")})}), InvalidArgument);
  EXPECT_THROW(read({rule({"s3:ObjectCreated:*"}, {{.name = "infix", .value = "a"}})}),
               InvalidArgument);
  EXPECT_THROW(read({rule({"s3:ObjectCreated:*"}, {prefix("%zz")})}), InvalidArgument);
  QueueConfiguration one = rule({"s3:ObjectCreated:*"});
  QueueConfiguration two = rule({"s3:ObjectRemoved:*"});
  one.id = two.id = "same";
  EXPECT_THROW(read({one, two}), InvalidArgument);
}

TEST(NotificationRules, of_topics_are_like_those_of_queues) {
  runtime::SeededRandom random(1);
  NotificationConfiguration configuration;
  TopicConfiguration topic{.topic_arn = "arn:aws:sns:us-east-1:000000000000:topic",
                           .events = {"s3:ObjectCreated:*"}};
  configuration.topic_configurations = {topic};
  const NotificationConfiguration written =
      write_rules(read_rules(configuration, "us-east-1", random));
  ASSERT_TRUE(written.topic_configurations);
  EXPECT_EQ(written.topic_configurations->front().topic_arn, topic.topic_arn);
  EXPECT_FALSE(written.queue_configurations);
  configuration.topic_configurations->front().topic_arn += ".fifo";
  EXPECT_THROW(read_rules(configuration, "us-east-1", random), InvalidArgument);
}

TEST(NotificationRules, to_the_event_bus_are_kept) {
  runtime::SeededRandom random(1);
  NotificationConfiguration configuration;
  configuration.event_bridge_configuration.emplace();
  EXPECT_TRUE(
      write_rules(read_rules(configuration, "us-east-1", random)).event_bridge_configuration);
}

TEST(NotificationRules, to_functions_are_kept) {
  runtime::SeededRandom random(1);
  NotificationConfiguration configuration;
  configuration.lambda_function_configurations.emplace().push_back(
      {.lambda_function_arn = "arn:aws:lambda:us-east-1:111122223333:function:f",
       .events = {"s3:ObjectCreated:*"}});
  const NotificationConfiguration told =
      write_rules(read_rules(configuration, "us-east-1", random));
  ASSERT_TRUE(told.lambda_function_configurations);
  EXPECT_EQ(told.lambda_function_configurations->front().lambda_function_arn,
            "arn:aws:lambda:us-east-1:111122223333:function:f");
  EXPECT_FALSE(told.queue_configurations);
}

}  // namespace
}  // namespace matinee::s3
