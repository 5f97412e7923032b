#include "services/lambda/running/queue_event.h"

#include <gmock/gmock.h>

namespace matinee::lambda {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view queue = "arn:aws:sqs:eu-west-1:111122223333:work";

services::QueueMessage message(const std::string& id, const std::string& body = "hello") {
  return {.id = id,
          .receipt = "r-" + id,
          .body = body,
          .md5 = "5d41402abc4b2a76b9719d911017c592",
          .system = {{"SenderId", "AIDA"},
                     {"ApproximateReceiveCount", "1"},
                     {"SentTimestamp", "1523232000000"}}};
}

TEST(QueueEvent, has_the_members_and_the_order_of_awss) {
  EXPECT_EQ(record_of(message("m"), queue, false),
            R"({"messageId":"m","receiptHandle":"r-m","body":"hello","attributes":{)"
            R"("ApproximateReceiveCount":"1","SentTimestamp":"1523232000000","SenderId":"AIDA"},)"
            R"("messageAttributes":{},"md5OfBody":"5d41402abc4b2a76b9719d911017c592",)"
            R"("eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-west-1:111122223333:work",)"
            R"("awsRegion":"eu-west-1"})");
}

TEST(QueueEvent, tells_a_missing_digest_as_null_where_the_mapping_has_a_window) {
  EXPECT_THAT(record_of(message("m"), queue, true),
              testing::HasSubstr(R"("md5OfMessageAttributes":null)"));
}

TEST(QueueEvent, shows_filters_a_body_that_is_an_object_as_one) {
  EXPECT_THAT(record_of(message("m", R"({"a":1})"), queue, false, true),
              testing::HasSubstr(R"("body":{"a":1})"));
  EXPECT_THAT(record_of(message("m", "[1]"), queue, false, true),
              testing::HasSubstr(R"("body":"[1]")"));
}

TEST(QueueEvent, tells_attributes_with_their_empty_lists) {
  services::QueueMessage with = message("m");
  with.attributes["Title"] = {.type = "String", .text = "x", .binary = {}};
  with.attributes["Zip"] = {.type = "Binary", .text = {}, .binary = "ab"};
  EXPECT_THAT(record_of(with, queue, false),
              testing::HasSubstr(
                  R"("messageAttributes":{"Title":{"stringValue":"x","stringListValues":[],)"
                  R"("binaryListValues":[],"dataType":"String"},"Zip":{"binaryValue":"YWI=",)"
                  R"("stringListValues":[],"binaryListValues":[],"dataType":"Binary"}})"));
}

class Answers : public testing::Test {
 protected:
  const std::vector<services::QueueMessage> batch{message("one"), message("two")};
};

TEST_F(Answers, that_report_nothing_are_a_success) {
  for (const char* answer :
       {"", "null", "{}", R"({"batchItemFailures":[]})", R"({"batchItemFailures":null})", "\"x\""})
    EXPECT_THAT(failures_of(answer, batch), testing::Optional(IsEmpty())) << answer;
}

TEST_F(Answers, name_the_messages_that_come_again) {
  EXPECT_THAT(failures_of(R"({"batchItemFailures":[{"itemIdentifier":"two"}]})", batch),
              testing::Optional(ElementsAre("two")));
}

TEST_F(Answers, that_cannot_be_understood_fail_the_whole_batch) {
  for (const char* answer :
       {"no json", R"({"batchItemFailures":[{"foo":"two"}]})",
        R"({"batchItemFailures":[{"itemIdentifier":""}]})",
        R"({"batchItemFailures":[{"itemIdentifier":null}]})",
        R"({"batchItemFailures":[{"itemIdentifier":"other"}]})", R"({"batchItemFailures":"two"})"})
    EXPECT_EQ(failures_of(answer, batch), std::nullopt) << answer;
}

}  // namespace
}  // namespace matinee::lambda
