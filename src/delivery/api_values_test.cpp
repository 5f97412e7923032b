#include "delivery/api_values.h"

#include <gtest/gtest.h>

#include "lambda/operations.h"
#include "lambda/shapes.h"
#include "logs/operations.h"
#include "logs/shapes.h"
#include "protocol/error.h"
#include "s3/operations.h"
#include "s3/shapes.h"
#include "sqs/operations.h"
#include "sqs/shapes.h"
#include "templates/reader.h"

namespace matinee::delivery {
namespace {

template <class Request>
Request request_of(const protocol::Operation& operation, std::string_view json,
                   protocol::Violations* violations = nullptr) {
  Request request;
  protocol::Violations unexpected;
  read_request(*operation.input, templates::read_json(json), &request,
               violations ? *violations : unexpected);
  EXPECT_TRUE(unexpected.empty());
  return request;
}

std::string refusal_of(const protocol::Operation& operation, std::string_view json) {
  protocol::Object request(*operation.request);
  protocol::Violations violations;
  try {
    read_request(*operation.input, templates::read_json(json), request.get(), violations);
  } catch (const protocol::ServiceError& error) {
    EXPECT_EQ(error.code(), "ValidationException");
    return error.message();
  }
  return "none";
}

TEST(ApiValues, texts_become_what_the_member_is_and_documents_their_text) {
  const auto request = request_of<sqs::CreateQueueRequest>(
      sqs::operations::CreateQueue,
      R"({"QueueName": "films", "Attributes": {"DelaySeconds": 5, "FifoQueue": true,
          "RedrivePolicy": {"maxReceiveCount": 3}}})");
  EXPECT_EQ(request.queue_name, "films");
  EXPECT_EQ(request.attributes->at("DelaySeconds"), "5");
  EXPECT_EQ(request.attributes->at("FifoQueue"), "true");
  EXPECT_EQ(request.attributes->at("RedrivePolicy"), R"({"maxReceiveCount":3})");
  const auto receive = request_of<sqs::ReceiveMessageRequest>(
      sqs::operations::ReceiveMessage, R"({"QueueUrl": "u", "WaitTimeSeconds": "20"})");
  EXPECT_EQ(receive.wait_time_seconds, 20);
}

TEST(ApiValues, members_are_found_whatever_the_case_of_their_letters) {
  const auto request = request_of<logs::CreateLogGroupRequest>(
      logs::operations::CreateLogGroup, R"({"LogGroupName": "/a", "Tags": {"a": "b"}})");
  EXPECT_EQ(request.log_group_name, "/a");
  EXPECT_EQ(request.tags->at("a"), "b");
  const auto cors =
      request_of<s3::PutBucketCorsRequest>(s3::operations::PutBucketCors,
                                           R"({"Bucket": "b", "CORSConfiguration": {"CORSRules": [
          {"Id": "1", "AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}})");
  EXPECT_EQ(cors.cors_configuration.cors_rules.at(0).id, "1");
}

TEST(ApiValues, pairs_become_a_map_and_a_map_pairs) {
  const auto function = request_of<lambda::TagResourceRequest>(
      lambda::operations::TagResource,
      R"({"Resource": "arn", "Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": 2}]})");
  EXPECT_EQ(function.tags, (std::map<std::string, std::string>{{"a", "1"}, {"b", "2"}}));
  const auto bucket = request_of<s3::PutBucketTaggingRequest>(
      s3::operations::PutBucketTagging, R"({"Bucket": "b", "Tagging": {"TagSet": {"a": "1"}}})");
  ASSERT_EQ(bucket.tagging.tag_set.size(), 1u);
  EXPECT_EQ(bucket.tagging.tag_set[0].key, "a");
  EXPECT_EQ(bucket.tagging.tag_set[0].value, "1");
}

TEST(ApiValues, what_the_operation_has_not_or_cannot_read_is_refused_with_its_place) {
  EXPECT_EQ(refusal_of(sqs::operations::CreateQueue, R"({"QueueName": "a", "Color": "red"})"),
            "Color: CreateQueueRequest has no such member.");
  EXPECT_EQ(refusal_of(sqs::operations::ReceiveMessage, R"({"WaitTimeSeconds": "soon"})"),
            "WaitTimeSeconds: soon is no value of NullableInteger.");
  EXPECT_EQ(refusal_of(sqs::operations::TagQueue, R"({"Tags": [{"Key": "a"}]})"),
            "Tags: is no list of Key and Value.");
  EXPECT_EQ(refusal_of(sqs::operations::TagQueue,
                       R"({"Tags": [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]})"),
            "Tags.a.member: stands there twice.");
}

TEST(ApiValues, missing_members_are_violations_as_in_requests_from_outside) {
  protocol::Violations violations;
  request_of<sqs::SendMessageRequest>(sqs::operations::SendMessage,
                                      R"({"QueueUrl": "u", "MessageBody": null})", &violations);
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations.front().path, "MessageBody");
}

TEST(ApiValues, responses_are_trees_of_what_is_there) {
  sqs::GetQueueAttributesResponse attributes;
  attributes.attributes = {{{"DelaySeconds", "0"}}};
  EXPECT_EQ(to_json(response_tree(*sqs::operations::GetQueueAttributes.output, &attributes)),
            R"({"Attributes":{"DelaySeconds":"0"}})");
  s3::GetBucketCorsResponse cors;
  cors.cors_rules.emplace().push_back({.max_age_seconds = 60});
  EXPECT_EQ(to_json(response_tree(*s3::operations::GetBucketCors.output, &cors)),
            R"({"CORSRules":[{"AllowedMethods":[],"AllowedOrigins":[],"MaxAgeSeconds":60}]})");
}

}  // namespace
}  // namespace matinee::delivery
