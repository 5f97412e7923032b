#include "services/sns/service_fixture.h"

namespace matinee::sns {

using testing::HasSubstr;

TEST_F(SnsTest, a_topic_is_known_by_its_account_region_and_name) {
  EXPECT_EQ(create("news"), "arn:aws:sns:us-east-1:111122223333:news");
  context.region = "eu-west-1";
  EXPECT_EQ(create("news"), "arn:aws:sns:eu-west-1:111122223333:news");
  EXPECT_EQ(call(&Service::list_topics, {}).topics->size(), 1U);
}

TEST_F(SnsTest, names_have_letters_digits_hyphens_and_underscores) {
  create(std::string(256, 'a'));
  for (const std::string name :
       {"", "a:1", "a;1", "a!1", "@a", "a b", "^", "a%", ".fifo", "a.fifo"})
    EXPECT_EQ(error_of([&] { create(name); }), "InvalidParameter: Invalid parameter: Topic Name");
  EXPECT_EQ(error_of([&] { create(std::string(257, 'a')); }),
            "InvalidParameter: Invalid parameter: Topic Name");
  EXPECT_EQ(error_of([&] { create_fifo("a"); }), "InvalidParameter: Invalid parameter: Topic Name");
}

TEST_F(SnsTest, a_topic_may_be_created_again_with_what_it_has) {
  const std::string topic = create("news", {{"DisplayName", "News"}});
  EXPECT_EQ(create("news"), topic);
  EXPECT_EQ(create("news", {{"DisplayName", "News"}, {"FifoTopic", "false"}}), topic);
  const std::string refused =
      "InvalidParameter: Invalid parameter: Attributes Reason: Topic already exists with different "
      "attributes";
  EXPECT_EQ(error_of([&] { create("news", {{"DisplayName", "Old"}}); }), refused);
  EXPECT_EQ(error_of([&] { create("news", {{"DisplayName", "News"}, {"SignatureVersion", "2"}}); }),
            refused);
  set(topic, "DisplayName", "Changed");
  EXPECT_EQ(create("news"), topic);
  EXPECT_EQ(attribute(topic, "DisplayName"), "Changed");
}

TEST_F(SnsTest, a_deleted_topic_is_gone_and_may_be_deleted_again) {
  const std::string topic = create("news");
  subscribe(topic, "sqs", queue);
  call(&Service::delete_topic, DeleteTopicRequest{topic});
  call(&Service::delete_topic, DeleteTopicRequest{topic});
  EXPECT_EQ(error_of([&] { attribute(topic, "Owner"); }), "NotFound: Topic does not exist");
  EXPECT_TRUE(call(&Service::list_subscriptions, {}).subscriptions->empty());
  create("news");
  publish(topic, "hello");
  EXPECT_TRUE(outbox.all.empty());
}

TEST_F(SnsTest, a_hundred_topics_are_a_page) {
  for (int i = 0; i < 101; ++i) create(fmt::format("t{:03}", i));
  const ListTopicsResponse first = call(&Service::list_topics, {});
  EXPECT_EQ(first.topics->size(), 100U);
  const ListTopicsResponse second =
      call(&Service::list_topics, ListTopicsRequest{.next_token = first.next_token});
  EXPECT_EQ(second.topics->size(), 1U);
  EXPECT_FALSE(second.next_token.has_value());
}

TEST_F(SnsTest, arns_are_looked_at_before_topics) {
  EXPECT_EQ(error_of([&] { publish("", "x"); }),
            "InvalidParameter: Invalid parameter: TopicArn Reason: An ARN must have at least 6 "
            "elements, not 1");
  EXPECT_EQ(error_of([&] { publish("a:1", "x"); }),
            "InvalidParameter: Invalid parameter: TopicArn Reason: An ARN must have at least 6 "
            "elements, not 2");
  EXPECT_EQ(error_of([&] { publish("arn:aws:sns:eu-west-1:111122223333:news", "x"); }),
            "InvalidParameter: Invalid parameter: TopicArn");
  EXPECT_EQ(error_of([&] { publish("arn:aws:sns:us-east-1:111122223333:news", "x"); }),
            "NotFound: Topic does not exist");
}

TEST_F(SnsTest, a_delivery_policy_is_shown_as_given_and_with_its_defaults) {
  const std::string topic = create("news");
  set(topic, "DeliveryPolicy",
      R"({"http":{"defaultHealthyRetryPolicy":)"
      R"({"minDelayTarget":5,"maxDelayTarget":6,"numRetries":1}}})");
  EXPECT_EQ(attribute(topic, "DeliveryPolicy"),
            R"({"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":5,"maxDelayTarget":6,)"
            R"("numRetries":1},"disableSubscriptionOverrides":false}})");
  EXPECT_THAT(attribute(topic, "EffectiveDeliveryPolicy"),
              HasSubstr(R"("minDelayTarget":5,"maxDelayTarget":6,"numRetries":1,)"
                        R"("numMaxDelayRetries":0)"));
  set(topic, "DeliveryPolicy", R"({"http":{"defaultHealthyRetryPolicy":null}})");
  EXPECT_EQ(attribute(topic, "DeliveryPolicy"),
            R"({"http":{"disableSubscriptionOverrides":false}})");
  set(topic, "DeliveryPolicy", "");
  EXPECT_EQ(attribute(topic, "DeliveryPolicy"), "absent");
}

TEST_F(SnsTest, only_fifo_topics_tell_that_they_are) {
  const std::string standard = create("news", {{"FifoTopic", "false"}});
  EXPECT_EQ(attribute(standard, "FifoTopic"), "absent");
  EXPECT_EQ(attribute(standard, "ContentBasedDeduplication"), "absent");
  const std::string fifo = create_fifo("news.fifo");
  EXPECT_EQ(attribute(fifo, "FifoTopic"), "true");
  EXPECT_EQ(attribute(fifo, "ContentBasedDeduplication"), "false");
  EXPECT_EQ(error_of([&] { set(fifo, "FifoTopic", "false"); }),
            "InvalidParameter: Invalid parameter: AttributeName");
}

TEST_F(SnsTest, permissions_are_statements_of_the_policy) {
  const std::string topic = create("news");
  const std::string before = attribute(topic, "Policy");
  call(&Service::add_permission, AddPermissionRequest{.topic_arn = topic,
                                                      .label = "one",
                                                      .aws_account_id = {"444455556666"},
                                                      .action_name = {"Publish"}});
  EXPECT_THAT(
      attribute(topic, "Policy"),
      HasSubstr(R"({"Sid":"one","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:)"
                R"(root"},"Action":"SNS:Publish","Resource":")" +
                topic + R"("})"));
  call(&Service::remove_permission, RemovePermissionRequest{.topic_arn = topic, .label = "one"});
  EXPECT_EQ(attribute(topic, "Policy"), before);
}

TEST_F(SnsTest, tags_are_kept_until_the_topic_is_deleted) {
  const std::string topic = create("news");
  call(&Service::tag_resource,
       TagResourceRequest{.resource_arn = topic, .tags = {{"a", "1"}, {"b", "2"}}});
  call(&Service::tag_resource, TagResourceRequest{.resource_arn = topic, .tags = {{"a", "3"}}});
  EXPECT_EQ(error_of([&] {
              call(&Service::tag_resource,
                   TagResourceRequest{.resource_arn = topic, .tags = {{"c", "1"}, {"c", "1"}}});
            }),
            "InvalidParameter: Invalid parameter: Duplicated keys are not allowed.");
  kill_and_restart();
  const auto tags =
      call(&Service::list_tags_for_resource, ListTagsForResourceRequest{topic}).tags.value();
  ASSERT_EQ(tags.size(), 2U);
  EXPECT_EQ(tags[0].value, "3");
}

TEST_F(SnsTest, a_topic_that_is_deleted_goes_from_the_lists_of_all_who_had_subscribed) {
  const std::string topic = create("news");
  const std::string other = create("news-of-others");
  const auto listed = [&](const std::string& account) {
    context.account = account;
    return call(&Service::list_subscriptions, {}).subscriptions->size();
  };
  const std::string owner = context.account;
  for (const std::string& account : {owner, std::string("444455556666")}) {
    context.account = account;
    for (int i = 0; i < 20; ++i)
      subscribe(topic, "sms", fmt::format("+155512345{:02}{}", i, account == owner ? 1 : 2));
    subscribe(other, "sms", account == owner ? "+15551234567" : "+15551234568");
  }
  EXPECT_EQ(listed(owner), 21U);
  EXPECT_EQ(listed("444455556666"), 21U);
  context.account = owner;
  call(&Service::delete_topic, DeleteTopicRequest{topic});
  kill_and_restart();
  EXPECT_EQ(listed(owner), 1U);
  EXPECT_EQ(listed("444455556666"), 1U);
  context.account = owner;
  create("news");
  EXPECT_EQ(call(&Service::list_subscriptions_by_topic, {.topic_arn = topic}).subscriptions->size(),
            0U);
  publish(topic, "hello");
  EXPECT_TRUE(outbox.all.empty());
}

TEST_F(SnsTest, a_reset_account_has_neither_topics_nor_subscriptions) {
  const std::string owner = context.account;
  const std::string own = create("own");
  subscribe(own, "sms", "+15551234567");
  context.account = "444455556666";
  const std::string foreign = create("foreign");
  subscribe(foreign, "sms", "+15551234567");
  context.account = owner;
  subscribe(foreign, "sms", "+15551234568");
  {
    storage::Transaction transaction(*store);
    service->reset({.account = owner});
    transaction.commit();
  }
  EXPECT_EQ(call(&Service::list_topics, {}).topics->size(), 0U);
  EXPECT_EQ(call(&Service::list_subscriptions, {}).subscriptions->size(), 0U);
  context.account = "444455556666";
  EXPECT_EQ(attribute(foreign, "SubscriptionsConfirmed"), "1");
  EXPECT_EQ(call(&Service::list_subscriptions, {}).subscriptions->size(), 1U);
  publish(foreign, "hello");
  EXPECT_EQ(outbox.all.size(), 1U);
}

}  // namespace matinee::sns
