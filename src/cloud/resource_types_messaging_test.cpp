// Queues and topics, as CloudFormation makes them.
#include "cloud/resource_types_fixture.h"

namespace matinee::cloud {
namespace {

using MessagingTypes = ResourceTypeFixture;

TEST_F(MessagingTypes, queues_are_made_changed_read_and_removed) {
  live("AWS::SQS::Queue",
       {R"({"QueueName": "films", "DelaySeconds": 5, "VisibilityTimeout": "60",
           "Tags": [{"Key": "a", "Value": "1"}]})",
        R"({"QueueName": "films", "MaximumMessageSize": 2048, "MessageRetentionPeriod": 60,
           "ReceiveMessageWaitTimeSeconds": 20, "SqsManagedSseEnabled": false,
           "RedriveAllowPolicy": {"redrivePermission": "denyAll"},
           "Tags": [{"Key": "a", "Value": "2"}, {"Key": "b", "Value": "3"}]})",
        R"({"QueueName": "films", "KmsMasterKeyId": "alias/aws/sqs",
           "KmsDataKeyReusePeriodSeconds": 60})",
        R"({"QueueName": "films"})"});
  live("AWS::SQS::Queue", {R"({"FifoQueue": true, "ContentBasedDeduplication": true})",
                           R"({"FifoQueue": true, "DeduplicationScope": "messageGroup",
           "FifoThroughputLimit": "perMessageGroupId"})",
                           R"({"FifoQueue": true})"});
}

TEST_F(MessagingTypes, a_queue_is_its_url_and_has_a_generated_name_and_attributes) {
  const auto made = create("AWS::SQS::Queue", R"({"FifoQueue": true})");
  const std::string name = made.attributes.text_or("QueueName");
  EXPECT_TRUE(name.starts_with("stack-Thing-") && name.ends_with(".fifo")) << name;
  EXPECT_TRUE(made.id.ends_with("/000000000000/" + name)) << made.id;
  EXPECT_EQ(made.attributes.text_or("Arn"), "arn:aws:sqs:us-east-1:000000000000:" + name);
  EXPECT_EQ(made.attributes.text_or("QueueUrl"), made.id);
  EXPECT_EQ(list("AWS::SQS::Queue"), std::vector<std::string>{made.id});
}

TEST_F(MessagingTypes, properties_that_are_gone_go_back_to_what_cloud_formation_sends) {
  const auto made =
      create("AWS::SQS::Queue", R"({"MaximumMessageSize": 2048, "VisibilityTimeout": 5})");
  update("AWS::SQS::Queue", made.id, R"({"MaximumMessageSize": 2048, "VisibilityTimeout": 5})",
         "{}");
  const Value queue = read("AWS::SQS::Queue", made.id);
  EXPECT_EQ(queue.text_or("MaximumMessageSize"), "262144");
  EXPECT_EQ(queue.text_or("VisibilityTimeout"), "30");
}

TEST_F(MessagingTypes, a_queue_that_is_there_already_is_not_taken_over) {
  call("sqs:CreateQueue", R"({"QueueName": "films"})");
  EXPECT_TRUE(failure_of([&] {
                create("AWS::SQS::Queue", R"({"QueueName": "films"})");
              }).starts_with("AlreadyExists: Resource of type 'AWS::SQS::Queue'"));
}

TEST_F(MessagingTypes, tags_of_the_stack_are_set_and_taken_back) {
  const Value of_stack = json(R"([{"Key": "team", "Value": "film"},
                                  {"Key": "aws:cloudformation:stack-name", "Value": "stack"}])");
  subject->stack_tags = of_stack;
  const auto made = create("AWS::SQS::Queue", R"({"Tags": [{"Key": "a", "Value": "1"}]})");
  const auto tags = [&] {
    return to_sorted_json(
        *call("sqs:ListQueueTags", R"({"QueueUrl": ")" + made.id + R"("})").find("Tags"));
  };
  EXPECT_EQ(tags(), R"({"a":"1","aws:cloudformation:stack-name":"stack","team":"film"})");
  EXPECT_EQ(to_json(*read("AWS::SQS::Queue", made.id).find("Tags")),
            R"([{"Key":"a","Value":"1"},{"Key":"team","Value":"film"}])");
  subject->previous_stack_tags = of_stack;
  subject->stack_tags = json(R"([{"Key": "aws:cloudformation:stack-name", "Value": "stack"}])");
  update("AWS::SQS::Queue", made.id, R"({"Tags": [{"Key": "a", "Value": "1"}]})", "{}");
  EXPECT_EQ(tags(), R"({"aws:cloudformation:stack-name":"stack"})");
}

TEST_F(MessagingTypes, queue_policies_are_set_on_each_queue_and_taken_back) {
  const std::string one = create("AWS::SQS::Queue", R"({"QueueName": "one"})").id;
  const std::string two = create("AWS::SQS::Queue", R"({"QueueName": "two"})").id;
  const auto policy_of = [&](const std::string& url) {
    const Value told = call("sqs:GetQueueAttributes",
                            R"({"AttributeNames": ["Policy"], "QueueUrl": ")" + url + R"("})");
    const Value* attributes = told.find("Attributes");
    return attributes ? attributes->text_or("Policy") : "";
  };
  const auto properties = [](const std::string& url) {
    return R"({"PolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"AWS": "*"}, "Action": "sqs:SendMessage", "Resource": "*"}]},
        "Queues": [")" +
           url + R"("]})";
  };
  const auto made = create("AWS::SQS::QueuePolicy", properties(one));
  EXPECT_TRUE(made.id.starts_with("stack-Thing-")) << made.id;
  EXPECT_EQ(made.attributes.text_or("Id"), made.id);
  EXPECT_NE(policy_of(one), "");
  update("AWS::SQS::QueuePolicy", made.id, properties(one), properties(two));
  EXPECT_EQ(policy_of(one), "");
  EXPECT_NE(policy_of(two), "");
  remove("AWS::SQS::QueuePolicy", made.id, properties(two));
  EXPECT_EQ(policy_of(two), "");
  EXPECT_EQ(failure_of([&] { read("AWS::SQS::QueuePolicy", made.id); }),
            "UnsupportedAction: Resource type AWS::SQS::QueuePolicy does not support READ action");
}

TEST_F(MessagingTypes, an_inline_policy_is_its_queue) {
  const std::string url = create("AWS::SQS::Queue", "{}").id;
  const auto properties = [&](std::string_view action) {
    return R"({"Queue": ")" + url + R"(", "PolicyDocument": {"Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sqs:)" +
           std::string(action) + R"(", "Resource": "*"}]}})";
  };
  live("AWS::SQS::QueueInlinePolicy", {properties("SendMessage"), properties("ReceiveMessage")});
}

TEST_F(MessagingTypes, topics_are_made_changed_read_and_removed) {
  const std::string url = create("AWS::SQS::Queue", R"({"QueueName": "films"})").id;
  live("AWS::SNS::Topic",
       {R"({"TopicName": "news", "DisplayName": "News", "Tags": [{"Key": "a", "Value": "1"}],
           "Subscription": [{"Protocol": "sqs",
           "Endpoint": "arn:aws:sqs:us-east-1:000000000000:films"}]})",
        R"({"TopicName": "news", "SignatureVersion": "2", "TracingConfig": "Active",
           "KmsMasterKeyId": "alias/aws/sns", "DeliveryStatusLogging": [{"Protocol": "sqs",
             "SuccessFeedbackRoleArn": "arn:aws:iam::000000000000:role/a",
           "SuccessFeedbackSampleRate": "50"}],
           "DataProtectionPolicy": {"Name": "p", "Version": "2021-06-01", "Statement": []}})",
        R"({"TopicName": "news"})"});
  live("AWS::SNS::Topic", {R"({"FifoTopic": true, "ContentBasedDeduplication": true})",
                           R"({"FifoTopic": true, "FifoThroughputScope": "MessageGroup",
                               "ArchivePolicy": {"MessageRetentionPeriod": "30"}})",
                           R"({"FifoTopic": true})"});
}

TEST_F(MessagingTypes, a_topic_is_its_arn_and_its_subscriptions_follow) {
  create("AWS::SQS::Queue", R"({"QueueName": "one"})");
  create("AWS::SQS::Queue", R"({"QueueName": "two"})");
  const auto properties = [](const std::string& queue) {
    return R"({"TopicName": "news", "Subscription": [{"Protocol": "sqs",
        "Endpoint": "arn:aws:sqs:us-east-1:000000000000:)" +
           queue + R"("}]})";
  };
  const auto made = create("AWS::SNS::Topic", properties("one"));
  EXPECT_EQ(made.id, "arn:aws:sns:us-east-1:000000000000:news");
  EXPECT_EQ(made.attributes.text_or("TopicName"), "news");
  EXPECT_EQ(made.attributes.text_or("TopicArn"), made.id);
  update("AWS::SNS::Topic", made.id, properties("one"), properties("two"));
  EXPECT_EQ(to_json(*read("AWS::SNS::Topic", made.id).find("Subscription")),
            R"([{"Endpoint":"arn:aws:sqs:us-east-1:000000000000:two","Protocol":"sqs"}])");
  update("AWS::SNS::Topic", made.id, properties("two"), R"({"TopicName": "news"})");
  EXPECT_EQ(to_json(*read("AWS::SNS::Topic", made.id).find("Subscription")), "[]");
}

TEST_F(MessagingTypes, subscriptions_are_made_changed_read_and_removed) {
  create("AWS::SQS::Queue", R"({"QueueName": "films"})");
  create("AWS::SNS::Topic", R"({"TopicName": "news"})");
  const auto with = [](const std::string& more) {
    return R"({"TopicArn": "arn:aws:sns:us-east-1:000000000000:news", "Protocol": "sqs",
        "Endpoint": "arn:aws:sqs:us-east-1:000000000000:films")" +
           more + "}";
  };
  live("AWS::SNS::Subscription",
       {with(R"(, "RawMessageDelivery": true, "FilterPolicy": {"a": ["1"]})"),
        with(R"(, "RawMessageDelivery": "false", "FilterPolicyScope": "MessageBody",
                 "FilterPolicy": {"b": [{"exists": true}]},
                 "RedrivePolicy": {
                     "deadLetterTargetArn": "arn:aws:sqs:us-east-1:000000000000:films"})"),
        with("")});
}

TEST_F(MessagingTypes, a_topic_of_another_region_is_subscribed_there) {
  const auto made = create("AWS::SQS::Queue", R"({"QueueName": "films"})");
  call("sns:CreateTopic@eu-west-1", R"({"Name": "news"})");
  const std::string properties =
      R"({"TopicArn": "arn:aws:sns:eu-west-1:000000000000:news", "Protocol": "sqs",
          "Endpoint": "arn:aws:sqs:us-east-1:000000000000:films", "Region": "eu-west-1"})";
  const auto subscription = create("AWS::SNS::Subscription", properties);
  EXPECT_TRUE(subscription.id.starts_with("arn:aws:sns:eu-west-1:000000000000:news:"));
  remove("AWS::SNS::Subscription", subscription.id, properties);
  EXPECT_TRUE(is_gone("AWS::SNS::Subscription", subscription.id));
}

TEST_F(MessagingTypes, topic_policies_go_back_to_the_default) {
  const std::string topic = create("AWS::SNS::Topic", R"({"TopicName": "news"})").id;
  const auto policy = [&] {
    return call("sns:GetTopicAttributes", R"({"TopicArn": ")" + topic + R"("})")
        .find("Attributes")
        ->text_or("Policy");
  };
  const std::string at_first = policy();
  const std::string properties = R"({"Topics": [")" + topic +
                                 R"("], "PolicyDocument": {"Version": "2012-10-17",
          "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sns:Publish",
                         "Resource": ")" +
                                 topic + R"("}]}})";
  const auto made = create("AWS::SNS::TopicPolicy", properties);
  EXPECT_NE(policy(), at_first);
  remove("AWS::SNS::TopicPolicy", made.id, properties);
  EXPECT_EQ(policy(), at_first);
  const std::string inline_properties = R"({"TopicArn": ")" + topic +
                                        R"(", "PolicyDocument": {"Version": "2012-10-17",
          "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sns:Publish",
                         "Resource": ")" +
                                        topic + R"("}]}})";
  EXPECT_EQ(create("AWS::SNS::TopicInlinePolicy", inline_properties).id, topic);
  expect_state("AWS::SNS::TopicInlinePolicy", topic, inline_properties);
  remove("AWS::SNS::TopicInlinePolicy", topic, inline_properties);
  EXPECT_EQ(policy(), at_first);
}

}  // namespace
}  // namespace matinee::cloud
