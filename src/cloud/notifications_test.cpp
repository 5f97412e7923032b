// Notifications from buckets to queues, on a whole cloud: what is told, to whom, and what becomes
// of it when queues refuse and when the program is killed.
#include <gtest/gtest.h>

#include "client/in_process_channel.h"
#include "cloud/cloud.h"
#include "delivery/outbox.h"
#include "runtime/simulated/run_task.h"
#include "runtime/simulated/simulation.h"
#include "s3/client.h"
#include "sns/client.h"
#include "sqs/client.h"

namespace matinee::cloud {
namespace {

constexpr const char* allow_bucket = R"({"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sqs:SendMessage",
    "Resource": "*", "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::bucket"}}}]})";

class BucketNotifications : public testing::Test {
 protected:
  BucketNotifications() {
    open();
    s3_call(&s3::Client::create_bucket, s3::CreateBucketRequest{.bucket = "bucket"});
    make_queue("queue");
  }

  void open() {
    auto opened = Cloud::open(runtime, {.directory = "/data",
                                        .durability = storage::Durability::process,
                                        .disk = &simulation.disk});
    if (!opened) throw std::runtime_error(opened.error().message);
    cloud = std::move(*opened);
    channel.emplace(cloud->endpoint(), simulation.random, caller);
  }
  void kill_and_restart() {
    simulation.crash(runtime::SimulatedDisk::Crash::process);
    channel.reset();
    cloud.reset();
    simulation.restart();
    open();
  }

  template <class T>
  T run(runtime::Task<T> task) {
    return runtime::run_task(simulation.loop, std::move(task));
  }
  template <class Response, class Request>
  Response s3_call(runtime::Task<Response> (s3::Client::*method)(Request) const, Request request) {
    const s3::Client client(*channel);
    return run((client.*method)(std::move(request)));
  }
  template <class Response, class Request>
  Response sqs_call(runtime::Task<Response> (sqs::Client::*method)(Request) const,
                    Request request) {
    const sqs::Client client(*channel);
    return run((client.*method)(std::move(request)));
  }

  static std::string url(const std::string& queue) {
    return "http://localhost/000000000000/" + queue;
  }
  void make_queue(const std::string& name, const std::string& policy = allow_bucket) {
    sqs::CreateQueueRequest request{.queue_name = name};
    request.attributes.emplace()["Policy"] = policy;
    sqs_call(&sqs::Client::create_queue, std::move(request));
  }
  void set_policy(const std::string& name, const std::string& policy) {
    sqs_call(
        &sqs::Client::set_queue_attributes,
        sqs::SetQueueAttributesRequest{.queue_url = url(name), .attributes = {{"Policy", policy}}});
  }
  void notify(const std::vector<std::string>& events, const std::string& queue = "queue",
              bool skip_validation = false) {
    s3::PutBucketNotificationConfigurationRequest request{
        .bucket = "bucket", .skip_destination_validation = skip_validation};
    request.notification_configuration.queue_configurations = {
        {.queue_arn = "arn:aws:sqs:us-east-1:000000000000:" + queue, .events = events}};
    s3_call(&s3::Client::put_bucket_notification_configuration, std::move(request));
  }
  void put(const std::string& key) {
    s3::PutObjectRequest request{.bucket = "bucket", .key = key};
    request.body = "content";
    s3_call(&s3::Client::put_object, std::move(request));
  }

  /// What has come into a queue by now, oldest first.
  std::vector<std::string> receive(const std::string& queue = "queue") {
    simulation.loop.run_until_idle();
    std::vector<std::string> bodies;
    for (;;) {
      const auto response = sqs_call(
          &sqs::Client::receive_message,
          sqs::ReceiveMessageRequest{.queue_url = url(queue), .max_number_of_messages = 10});
      if (!response.messages || response.messages->empty()) return bodies;
      for (const sqs::Message& message : *response.messages) {
        bodies.push_back(message.body.value_or(""));
        sqs_call(&sqs::Client::delete_message,
                 sqs::DeleteMessageRequest{.queue_url = url(queue),
                                           .receipt_handle = *message.receipt_handle});
      }
    }
  }
  static bool tells(const std::string& body, const std::string& event, const std::string& key) {
    return body.find("\"eventName\":\"" + event + "\"") != std::string::npos &&
           body.find("\"key\":\"" + key + "\"") != std::string::npos;
  }
  bool is_outbox_empty() {
    storage::Table<delivery::DeliveryKey, delivery::DeliveryRecord> table(cloud->store(),
                                                                          storage::TableId{0x0803});
    return table.is_empty(table.all());
  }

  runtime::Simulation simulation;
  runtime::Runtime runtime = simulation.runtime();
  services::Context caller{.caller_arn = "arn:aws:iam::000000000000:root",
                           .host = "localhost:4566"};
  std::unique_ptr<Cloud> cloud;
  std::optional<client::InProcessChannel> channel;
};

TEST_F(BucketNotifications, begin_with_a_test_message) {
  notify({"s3:ObjectCreated:*"});
  const std::vector<std::string> bodies = receive();
  ASSERT_EQ(bodies.size(), 1u);
  EXPECT_NE(bodies.front().find(R"("Event":"s3:TestEvent")"), std::string::npos);
  EXPECT_NE(bodies.front().find(R"("Bucket":"bucket")"), std::string::npos);
}

TEST_F(BucketNotifications, tell_what_happens_to_objects_in_that_order) {
  notify({"s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectTagging:*"});
  receive();
  put("one");
  s3_call(&s3::Client::copy_object,
          s3::CopyObjectRequest{.bucket = "bucket", .copy_source = "bucket/one", .key = "two"});
  s3::PutObjectTaggingRequest tag{.bucket = "bucket", .key = "one"};
  tag.tagging.tag_set = {{.key = "a", .value = "b"}};
  s3_call(&s3::Client::put_object_tagging, std::move(tag));
  s3_call(&s3::Client::delete_object, s3::DeleteObjectRequest{.bucket = "bucket", .key = "one"});
  s3_call(&s3::Client::delete_object, s3::DeleteObjectRequest{.bucket = "bucket", .key = "none"});
  s3::DeleteObjectsRequest batch{.bucket = "bucket"};
  batch.delete_.objects = {{.key = "two"}};
  s3_call(&s3::Client::delete_objects, std::move(batch));

  const std::vector<std::string> bodies = receive();
  ASSERT_EQ(bodies.size(), 6u);
  EXPECT_TRUE(tells(bodies[0], "ObjectCreated:Put", "one"));
  EXPECT_TRUE(tells(bodies[1], "ObjectCreated:Copy", "two"));
  EXPECT_TRUE(tells(bodies[2], "ObjectTagging:Put", "one"));
  EXPECT_TRUE(tells(bodies[3], "ObjectRemoved:Delete", "one"));
  // On AWS too, though there was nothing to remove.
  EXPECT_TRUE(tells(bodies[4], "ObjectRemoved:Delete", "none"));
  EXPECT_TRUE(tells(bodies[5], "ObjectRemoved:Delete", "two"));
  EXPECT_TRUE(is_outbox_empty());
}

TEST_F(BucketNotifications, tell_of_delete_markers_as_such) {
  s3::PutBucketVersioningRequest versioning{.bucket = "bucket"};
  versioning.versioning_configuration.status = "Enabled";
  s3_call(&s3::Client::put_bucket_versioning, std::move(versioning));
  notify({"s3:ObjectRemoved:*"});
  receive();
  put("key");
  const auto removed = s3_call(&s3::Client::delete_object,
                               s3::DeleteObjectRequest{.bucket = "bucket", .key = "key"});
  const std::vector<std::string> bodies = receive();
  ASSERT_EQ(bodies.size(), 1u);
  EXPECT_TRUE(tells(bodies[0], "ObjectRemoved:DeleteMarkerCreated", "key"));
  EXPECT_NE(bodies[0].find(*removed.version_id), std::string::npos);
}

TEST_F(BucketNotifications, tell_of_access_lists_and_locks) {
  s3_call(&s3::Client::delete_bucket, s3::DeleteBucketRequest{.bucket = "bucket"});
  s3::CreateBucketRequest locked{.bucket = "bucket", .object_lock_enabled_for_bucket = true};
  locked.object_ownership = "ObjectWriter";
  s3_call(&s3::Client::create_bucket, std::move(locked));
  put("key");
  notify({"s3:ObjectAcl:Put", "s3:ObjectRetention:Put"});
  receive();
  s3_call(&s3::Client::put_object_acl,
          s3::PutObjectAclRequest{.acl = "private", .bucket = "bucket", .key = "key"});
  s3::PutObjectRetentionRequest retention{.bucket = "bucket", .key = "key"};
  auto& kept = retention.retention.emplace();
  kept.mode = "GOVERNANCE";
  kept.retain_until_date = simulation.loop.now() + std::chrono::hours(1);
  s3_call(&s3::Client::put_object_retention, std::move(retention));
  const std::vector<std::string> bodies = receive();
  ASSERT_EQ(bodies.size(), 2u);
  EXPECT_TRUE(tells(bodies[0], "ObjectAcl:Put", "key"));
  EXPECT_TRUE(tells(bodies[1], "ObjectRetention:Put", "key"));
}

TEST_F(BucketNotifications, need_a_queue_that_is_there_and_lets_the_bucket_send) {
  const auto refused = [&](const std::string& queue) {
    try {
      notify({"s3:ObjectCreated:*"}, queue);
      return std::string("accepted");
    } catch (const protocol::ServiceError& error) {
      EXPECT_EQ(error.code(), "InvalidArgument");
      return error.message();
    }
  };
  const std::string unable = "Unable to validate the following destination configurations";
  EXPECT_EQ(refused("missing"), unable);
  make_queue("closed", "");
  EXPECT_EQ(refused("closed"), unable);
  EXPECT_TRUE(receive("closed").empty());
  EXPECT_NO_THROW(notify({"s3:ObjectCreated:*"}, "closed", true));
}

TEST_F(BucketNotifications,
       that_were_not_delivered_when_the_program_was_killed_are_delivered_then) {
  notify({"s3:ObjectCreated:*"});
  receive();
  set_policy("queue", "");
  for (const char* key : {"one", "two", "three"}) put(key);
  simulation.loop.run_until_idle();
  EXPECT_TRUE(receive().empty());
  EXPECT_FALSE(is_outbox_empty());
  kill_and_restart();
  set_policy("queue", allow_bucket);
  simulation.loop.advance(std::chrono::seconds(60));
  const std::vector<std::string> bodies = receive();
  ASSERT_EQ(bodies.size(), 3u);
  EXPECT_TRUE(tells(bodies[0], "ObjectCreated:Put", "one"));
  EXPECT_TRUE(tells(bodies[2], "ObjectCreated:Put", "three"));
  EXPECT_TRUE(is_outbox_empty());
}

TEST_F(BucketNotifications, that_a_queue_refuses_for_too_long_are_dropped) {
  notify({"s3:ObjectCreated:*"});
  receive();
  sqs_call(&sqs::Client::delete_queue, sqs::DeleteQueueRequest{.queue_url = url("queue")});
  for (int i = 0; i < 25; ++i) put("key" + std::to_string(i));
  simulation.loop.run_until_idle();
  EXPECT_FALSE(is_outbox_empty());
  simulation.loop.advance(std::chrono::seconds(30) + std::chrono::seconds(60));
  EXPECT_TRUE(is_outbox_empty());
}

TEST_F(BucketNotifications, reach_the_queues_behind_a_topic) {
  const sns::Client sns(*channel);
  sns::CreateTopicRequest topic{.name = "topic"};
  const std::string arn = run(sns.create_topic(std::move(topic))).topic_arn.value();
  sns::SetTopicAttributesRequest policy{.topic_arn = arn, .attribute_name = "Policy"};
  policy.attribute_value =
      R"({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
          "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sns:Publish",
          "Resource": ")" +
      arn + R"("}]})";
  run(sns.set_topic_attributes(std::move(policy)));
  make_queue("behind", R"({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
      "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage",
      "Resource": "*"}]})");
  sns::SubscribeRequest subscribe{.topic_arn = arn, .protocol = "sqs"};
  subscribe.endpoint = "arn:aws:sqs:us-east-1:000000000000:behind";
  run(sns.subscribe(std::move(subscribe)));
  s3::PutBucketNotificationConfigurationRequest request{.bucket = "bucket"};
  request.notification_configuration.topic_configurations = {
      {.topic_arn = arn, .events = {"s3:ObjectCreated:*"}}};
  s3_call(&s3::Client::put_bucket_notification_configuration, std::move(request));
  put("key");
  const std::vector<std::string> bodies = receive("behind");
  ASSERT_EQ(bodies.size(), 2u);
  EXPECT_NE(bodies[0].find("s3:TestEvent"), std::string::npos);
  EXPECT_NE(bodies[1].find(R"("Subject" : "Amazon S3 Notification")"), std::string::npos)
      << bodies[1];
  EXPECT_NE(bodies[1].find("ObjectCreated:Put"), std::string::npos);
  EXPECT_TRUE(is_outbox_empty());
}

TEST_F(BucketNotifications, end_with_an_empty_configuration_and_with_the_bucket) {
  notify({"s3:ObjectCreated:*"});
  s3_call(&s3::Client::put_bucket_notification_configuration,
          s3::PutBucketNotificationConfigurationRequest{.bucket = "bucket"});
  receive();
  put("key");
  EXPECT_TRUE(receive().empty());
  notify({"s3:ObjectCreated:*"});
  s3_call(&s3::Client::delete_object, s3::DeleteObjectRequest{.bucket = "bucket", .key = "key"});
  s3_call(&s3::Client::delete_bucket, s3::DeleteBucketRequest{.bucket = "bucket"});
  s3_call(&s3::Client::create_bucket, s3::CreateBucketRequest{.bucket = "bucket"});
  receive();
  put("key");
  EXPECT_TRUE(receive().empty());
}

}  // namespace
}  // namespace matinee::cloud
