#include "library/events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace lambda {
namespace {

using testing::ElementsAre;

SqsEvent batch(std::vector<std::pair<std::string, std::string>> ids_and_groups) {
  SqsEvent event;
  for (auto& [id, group] : ids_and_groups) {
    SqsRecord record{.message_id = id, .event_source_arn = "arn:aws:sqs:r:1:q"};
    if (!group.empty()) {
      record.attributes["MessageGroupId"] = group;
      record.event_source_arn += ".fifo";
    }
    event.records.push_back(record);
  }
  return event;
}

TEST(SqsEvent, has_all_that_a_message_has) {
  const SqsEvent event = SqsEvent::read(Json::parse(R"({"Records":[{"messageId":"m",
    "receiptHandle":"r","body":"b","attributes":{"ApproximateReceiveCount":"3"},
    "messageAttributes":{"n":{"stringValue":"6","stringListValues":[],"binaryListValues":[],
    "dataType":"Number"},"b":{"binaryValue":"AP8=","dataType":"Binary"}},
    "md5OfMessageAttributes":null,"md5OfBody":"x","eventSource":"aws:sqs",
    "eventSourceARN":"arn:aws:sqs:eu-west-1:1:q","awsRegion":"eu-west-1"}]})"));
  ASSERT_EQ(event.records.size(), 1);
  const SqsRecord& record = event.records[0];
  EXPECT_EQ(record.message_id, "m");
  EXPECT_EQ(record.body, "b");
  EXPECT_EQ(record.region, "eu-west-1");
  EXPECT_EQ(record.receive_count(), 3);
  EXPECT_EQ(record.group(), "");
  EXPECT_EQ(record.message_attributes.at("n").text, "6");
  EXPECT_EQ(record.message_attributes.at("b").bytes, std::string("\0\xff", 2));
  EXPECT_THROW(SqsEvent::read(Json::parse("{}")), JsonError);
  EXPECT_THROW(SqsEvent::read(Json::parse(R"({"Records":[{"body":"b"}]})")), JsonError);
}

TEST(SqsEvent, gives_what_was_published_from_an_envelope_or_as_it_is) {
  SqsRecord record;
  record.body = R"({"Type":"Notification","MessageId":"m","TopicArn":"arn:aws:sns:r:1:t",
    "Message":"{\"day\":1}","Timestamp":"2019-01-02T12:45:07.000Z",
    "MessageAttributes":{"a":{"Type":"String","Value":"v"}}})";
  EXPECT_EQ(published_text(record), R"({"day":1})");
  EXPECT_EQ(find_notification(record.body)->message_attributes.at("a").text, "v");
  for (const char* raw : {"no JSON", "[]", R"({"Type":"Notification"})", R"({"day":1})"}) {
    record.body = raw;
    EXPECT_EQ(published_text(record), raw);
  }
}

TEST(SnsEvent, has_the_notification) {
  const SnsEvent event = SnsEvent::read(Json::parse(R"({"Records":[{"EventSource":"aws:sns",
    "EventVersion":"1.0","EventSubscriptionArn":"a","Sns":{"Type":"Notification","MessageId":"m",
    "TopicArn":"t","Subject":null,"Message":"x","Timestamp":"z","MessageAttributes":{
    "b":{"Type":"Binary","Value":"AP8="}}}}]})"));
  EXPECT_EQ(event.records.at(0).message, "x");
  EXPECT_EQ(event.records[0].subject, "");
  EXPECT_EQ(event.records[0].message_attributes.at("b").bytes, std::string("\0\xff", 2));
}

TEST(S3Event, has_the_key_as_it_was_given_to_the_object) {
  const S3Event event = S3Event::read(Json::parse(R"({"Records":[{"eventVersion":"2.1",
    "eventSource":"aws:s3","awsRegion":"r","eventTime":"t","eventName":"ObjectCreated:Put",
    "s3":{"bucket":{"name":"b"},"object":{"key":"a+b%2Bc/%C3%BC","size":9,"eTag":"e",
    "versionId":"v","sequencer":"s"}}},
    {"eventName":"ObjectRemoved:Delete","s3":{"bucket":{"name":"b"},
    "object":{"key":"k","sequencer":"s"}}}]})"));
  EXPECT_EQ(event.records.at(0).key, "a b+c/ü");
  EXPECT_EQ(event.records[0].size, 9);
  EXPECT_EQ(event.records[0].version_id, "v");
  EXPECT_EQ(event.records.at(1).size, std::nullopt);
}

TEST(EventBridgeEvent, has_its_detail_as_json) {
  const EventBridgeEvent event = EventBridgeEvent::read(Json::parse(R"({"version":"0","id":"i",
    "detail-type":"Scheduled Event","source":"aws.events","account":"1","time":"t","region":"r",
    "resources":["arn:rule"],"detail":{"a":1}})"));
  EXPECT_EQ(event.detail_type, "Scheduled Event");
  EXPECT_THAT(event.resources, ElementsAre("arn:rule"));
  EXPECT_EQ(event.detail.at("a").integer(), 1);
}

TEST(DynamoDbEvent, has_keys_and_images_and_knows_what_expired) {
  const DynamoDbEvent event = DynamoDbEvent::read(Json::parse(R"({"Records":[{"eventID":"e",
    "eventName":"REMOVE","eventVersion":"1.1","eventSource":"aws:dynamodb","awsRegion":"r",
    "dynamodb":{"ApproximateCreationDateTime":1479499740,"Keys":{"id":{"S":"k"}},
    "OldImage":{"id":{"S":"k"},"n":{"N":"1"}},"SequenceNumber":"7","SizeBytes":32,
    "StreamViewType":"OLD_IMAGE"},"eventSourceARN":"arn",
    "userIdentity":{"type":"Service","principalId":"dynamodb.amazonaws.com"}}]})"));
  const DynamoDbRecord& record = event.records.at(0);
  EXPECT_EQ(record.keys.at("id").at("S").text(), "k");
  EXPECT_EQ(record.new_image, std::nullopt);
  EXPECT_EQ(record.old_image->at("n").at("N").text(), "1");
  EXPECT_EQ(record.created, 1479499740);
  EXPECT_TRUE(record.is_expiry);
}

TEST(ForEachRecord, names_those_that_failed_and_only_those) {
  std::vector<std::string> seen;
  const Json answer =
      for_each_record(batch({{"1", ""}, {"2", ""}, {"3", ""}}), [&](const SqsRecord& record) {
        seen.push_back(record.message_id);
        if (record.message_id == "2") throw std::runtime_error("no");
      });
  EXPECT_EQ(answer.dump(), R"({"batchItemFailures":[{"itemIdentifier":"2"}]})");
  EXPECT_THAT(seen, ElementsAre("1", "2", "3"));
}

TEST(ForEachRecord, keeps_the_order_of_a_group_in_a_fifo_queue) {
  std::vector<std::string> seen;
  const Json answer =
      for_each_record(batch({{"1", "a"}, {"2", "a"}, {"3", "b"}}), [&](const SqsRecord& record) {
        seen.push_back(record.message_id);
        if (record.message_id == "1") throw 7;
      });
  EXPECT_EQ(answer.dump(),
            R"({"batchItemFailures":[{"itemIdentifier":"1"},{"itemIdentifier":"2"}]})");
  EXPECT_THAT(seen, ElementsAre("1", "3"));
}

TEST(ForEachRecord, ends_a_stream_at_its_first_failure) {
  DynamoDbEvent event;
  for (const char* number : {"7", "8", "9"}) event.records.push_back({.sequence_number = number});
  int calls = 0;
  const Json answer = for_each_record(event, [&](const DynamoDbRecord& record) {
    ++calls;
    if (record.sequence_number == "8") throw std::runtime_error("no");
  });
  EXPECT_EQ(answer.dump(), R"({"batchItemFailures":[{"itemIdentifier":"8"}]})");
  EXPECT_EQ(calls, 2);
}

}  // namespace
}  // namespace lambda
