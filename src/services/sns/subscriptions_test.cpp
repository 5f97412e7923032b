#include <fmt/ranges.h>

#include <set>

#include "services/sns/service_fixture.h"

namespace matinee::sns {

using testing::HasSubstr;
using testing::StartsWith;

TEST_F(SnsTest, a_queue_of_the_account_is_subscribed_at_once_and_only_once) {
  const std::string topic = create("news");
  const std::string subscription = subscribe(topic, "sqs", queue);
  EXPECT_THAT(subscription, StartsWith(topic + ":"));
  EXPECT_EQ(subscribe(topic, "sqs", queue), subscription);
  EXPECT_EQ(attribute(topic, "SubscriptionsConfirmed"), "1");
  EXPECT_EQ(subscription_attribute(subscription, "ConfirmationWasAuthenticated"), "true");
  EXPECT_EQ(subscription_attribute(subscription, "SubscriptionPrincipal"), context.caller_arn);
  EXPECT_EQ(error_of([&] { subscribe(topic, "sqs", queue, {{"RawMessageDelivery", "true"}}); }),
            "InvalidParameter: Invalid parameter: Attributes Reason: Subscription already exists "
            "with different attributes");
}

TEST_F(SnsTest, endpoints_have_the_form_of_their_protocol) {
  const std::string topic = create("news");
  const auto error = [&](const std::string& protocol, const std::string& endpoint) {
    return error_of([&] { subscribe(topic, protocol, endpoint); });
  };
  EXPECT_EQ(error("smoke", "x"),
            "InvalidParameter: Invalid parameter: Amazon SNS does not support this protocol "
            "string: smoke");
  EXPECT_EQ(error("sqs", "http://localhost/1/q"),
            "InvalidParameter: Invalid parameter: SQS endpoint ARN");
  EXPECT_EQ(error("sms", "NAA+15551234567"),
            "InvalidParameter: Invalid SMS endpoint: NAA+15551234567");
  EXPECT_EQ(error("sms", "+12/34-567.890"), "no error");
  EXPECT_EQ(error("sqs", fifo_queue),
            "InvalidParameter: Invalid parameter: Invalid parameter: Endpoint Reason: FIFO SQS "
            "Queues can not be subscribed to standard SNS topics");
}

TEST_F(SnsTest, an_http_endpoint_confirms_by_the_token_that_it_gets) {
  const std::string topic = create("news");
  const std::string subscription = subscribe(topic, "http", "http://localhost:1/in");
  EXPECT_EQ(subscription_attribute(subscription, "PendingConfirmation"), "true");
  ASSERT_EQ(outbox.all.size(), 1U);
  const std::string body = outbox.all[0].body;
  EXPECT_EQ(member(body, "Type"), "SubscriptionConfirmation");
  EXPECT_THAT(outbox.all[0].parameters,
              HasSubstr(R"("x-amz-sns-message-type":"SubscriptionConfirmation")"));
  publish(topic, "too early");
  EXPECT_EQ(outbox.all.size(), 1U);
  kill_and_restart();
  const auto confirm = [&](const std::string& token) {
    return call(&Service::confirm_subscription,
                ConfirmSubscriptionRequest{.topic_arn = topic, .token = token});
  };
  EXPECT_EQ(error_of([&] { confirm("short"); }), "InvalidParameter: Invalid token");
  EXPECT_EQ(error_of([&] { confirm(std::string(288, 'a')); }),
            "InvalidParameter: Invalid parameter: Token");
  EXPECT_EQ(*confirm(member(body, "Token")).subscription_arn, subscription);
  EXPECT_EQ(*confirm(member(body, "Token")).subscription_arn, subscription);
  EXPECT_EQ(attribute(topic, "SubscriptionsConfirmed"), "1");
  EXPECT_EQ(attribute(topic, "SubscriptionsPending"), "0");
  publish(topic, "hello");
  ASSERT_EQ(outbox.all.size(), 2U);
  EXPECT_THAT(outbox.all[1].parameters, HasSubstr(subscription));
}

TEST_F(SnsTest, tokens_are_good_for_three_days) {
  const std::string topic = create("news");
  subscribe(topic, "http", "http://localhost:1/in");
  advance(std::chrono::days(3));
  EXPECT_EQ(error_of([&] {
              call(&Service::confirm_subscription,
                   ConfirmSubscriptionRequest{.topic_arn = topic,
                                              .token = member(outbox.all[0].body, "Token")});
            }),
            "InvalidParameter: Invalid parameter: Token");
}

TEST_F(SnsTest, an_http_endpoint_that_goes_is_told_and_may_come_back) {
  const std::string topic = create("news");
  const std::string subscription = subscribe(topic, "http", "http://localhost:1/in");
  const std::string token = member(outbox.all[0].body, "Token");
  const ConfirmSubscriptionRequest confirmation{.topic_arn = topic, .token = token};
  call(&Service::confirm_subscription, confirmation);
  call(&Service::unsubscribe, UnsubscribeRequest{subscription});
  call(&Service::unsubscribe, UnsubscribeRequest{subscription});
  ASSERT_EQ(outbox.all.size(), 2U);
  EXPECT_EQ(member(outbox.all[1].body, "Type"), "UnsubscribeConfirmation");
  EXPECT_EQ(*call(&Service::confirm_subscription, confirmation).subscription_arn, subscription);
  publish(topic, "hello");
  EXPECT_EQ(outbox.all.size(), 3U);
}

TEST_F(SnsTest, a_queue_of_another_account_is_asked_first) {
  const std::string topic = create("news");
  const std::string foreign = "arn:aws:sqs:us-east-1:444455556666:orders";
  subscribe(topic, "sqs", foreign);
  ASSERT_EQ(outbox.all.size(), 1U);
  EXPECT_EQ(outbox.all[0].target, foreign);
  EXPECT_EQ(member(outbox.all[0].body, "Type"), "SubscriptionConfirmation");
  context.account = "444455556666";
  EXPECT_THAT(subscribe(topic, "sqs", "arn:aws:sqs:us-east-1:444455556666:others"),
              StartsWith(topic + ":"));
  EXPECT_EQ(outbox.all.size(), 1U);
}

TEST_F(SnsTest, attributes_of_subscriptions_are_checked) {
  const std::string topic = create("news");
  const std::string subscription = subscribe(topic, "sqs", queue, {{"RawMessageDelivery", "TrUe"}});
  EXPECT_EQ(subscription_attribute(subscription, "RawMessageDelivery"), "true");
  const auto error = [&](const std::string& name, const std::string& value) {
    return error_of([&] { set_subscription(subscription, name, value); });
  };
  EXPECT_EQ(error("Colour", "x"), "InvalidParameter: Invalid parameter: AttributeName");
  EXPECT_EQ(error("RawMessageDelivery", "x"),
            "InvalidParameter: Invalid parameter: RawMessageDelivery: Invalid value [x]. Must be "
            "true or false.");
  EXPECT_EQ(error("RedrivePolicy", R"({"deadLetterTargetArn":"x"})"),
            "InvalidParameter: Invalid parameter: RedrivePolicy: deadLetterTargetArn is an invalid "
            "arn");
  EXPECT_EQ(error("RedrivePolicy", "{invalidjson}"),
            "InvalidParameter: Invalid parameter: RedrivePolicy: failed to parse JSON. Unexpected "
            "character ('i' (code 105)): was expecting double-quote to start field name\n at "
            "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, "
            "column: 2]");
  EXPECT_EQ(error("FilterPolicyScope", "x"),
            "InvalidParameter: Invalid parameter: FilterPolicyScope: Invalid value [x]. Please use "
            "either MessageBody or MessageAttributes");
  EXPECT_EQ(error("FilterPolicy", R"({"a":{"b":["c"]}})"),
            "InvalidParameter: Invalid parameter: Filter policy scope MessageAttributes does not "
            "support nested filter policy");
  set_subscription(subscription, "FilterPolicyScope", "MessageBody");
  EXPECT_EQ(subscription_attribute(subscription, "FilterPolicyScope"), "absent");
  set_subscription(subscription, "FilterPolicy", R"({"a":{"b":["c"]}})");
  EXPECT_EQ(subscription_attribute(subscription, "FilterPolicyScope"), "MessageBody");
}

TEST_F(SnsTest, subscriptions_are_listed_by_owner_and_by_topic) {
  const std::string topic = create("news");
  for (int i = 0; i < 101; ++i) subscribe(topic, "sqs", fmt::format("{}{}", queue, i));
  subscribe(topic, "email", "ada@example.com");
  const auto first = call(&Service::list_subscriptions_by_topic, {.topic_arn = topic});
  EXPECT_EQ(first.subscriptions->size(), 100U);
  const auto second = call(&Service::list_subscriptions_by_topic,
                           {.topic_arn = topic, .next_token = first.next_token});
  EXPECT_EQ(second.subscriptions->size(), 2U);
  EXPECT_FALSE(second.next_token.has_value());
  const auto mine = call(&Service::list_subscriptions, {});
  const auto rest =
      call(&Service::list_subscriptions, ListSubscriptionsRequest{.next_token = mine.next_token});
  EXPECT_EQ(mine.subscriptions->size() + rest.subscriptions->size(), 102U);
}

TEST_F(SnsTest, strangers_neither_read_nor_end_subscriptions) {
  const std::string topic = create("news");
  const std::string subscription = subscribe(topic, "sqs", queue);
  context.account = "444455556666";
  EXPECT_THAT(error_of([&] { call(&Service::unsubscribe, UnsubscribeRequest{subscription}); }),
              StartsWith("AuthorizationError: "));
  EXPECT_THAT(error_of([&] { subscription_attribute(subscription, "Owner"); }),
              StartsWith("AuthorizationError: "));
  context.anonymous = true;
  call(&Service::unsubscribe, UnsubscribeRequest{subscription});
  context.anonymous = false;
  EXPECT_EQ(error_of([&] { subscription_attribute(subscription, "Owner"); }),
            "NotFound: Subscription does not exist");
}

TEST_F(SnsTest, a_subscription_that_changes_or_goes_leaves_the_others_as_they_are) {
  const std::string topic = create("news");
  const auto endpoint = [&](int number) { return fmt::format("{}{}", queue, number); };
  const auto wants = [](const std::string& kind) {
    return Attributes{{"FilterPolicyScope", "MessageBody"},
                      {"FilterPolicy", fmt::format(R"({{"kind":["{}"]}})", kind)}};
  };
  std::vector<std::string> subscriptions;
  for (int i = 0; i < 6; ++i)
    subscriptions.push_back(
        subscribe(topic, "sqs", endpoint(i), i < 3 ? wants("a") : Attributes{}));
  const auto targets = [&](const std::string& kind) {
    outbox.all.clear();
    publish(topic, fmt::format(R"({{"kind":"{}"}})", kind));
    std::set<std::string> found;
    for (const services::Delivery& delivery : outbox.all)
      found.insert(delivery.target.substr(queue.size()));
    return fmt::format("{}", fmt::join(found, ""));
  };
  EXPECT_EQ(targets("a"), "012345");
  EXPECT_EQ(targets("b"), "345");
  set_subscription(subscriptions[1], "FilterPolicy", R"({"kind":["b"]})");
  EXPECT_EQ(targets("a"), "02345");
  EXPECT_EQ(targets("b"), "1345");
  call(&Service::unsubscribe, UnsubscribeRequest{subscriptions[2]});
  call(&Service::unsubscribe, UnsubscribeRequest{subscriptions[4]});
  EXPECT_EQ(targets("a"), "035");
  EXPECT_EQ(targets("b"), "135");
  subscribe(topic, "sqs", endpoint(6), wants("b"));
  subscribe(topic, "sqs", endpoint(7));
  EXPECT_EQ(targets("a"), "0357");
  EXPECT_EQ(targets("b"), "13567");
  set_subscription(subscriptions[1], "FilterPolicy", "");
  EXPECT_EQ(targets("a"), "01357");
  kill_and_restart();
  EXPECT_EQ(targets("a"), "01357");
  EXPECT_EQ(targets("b"), "13567");
}

}  // namespace matinee::sns
