// SQS as today's clients speak it: awsJson1_0.
#include "messages.h"
#include "sqs/errors.h"
#include "sqs/operations.h"

namespace matinee::vectors {
namespace {

using protocol::Protocol;
namespace ops = sqs::operations;

TEST(SqsJson, a_batch_is_decoded) {
  auto decoded = decode(
      ops::SendMessageBatch, Protocol::json,
      http("POST", "/", R"({"QueueUrl":"http://localhost:4566/000000000000/q.fifo","Entries":[
        {"Id":"a","MessageBody":"\u00fcber","MessageGroupId":"g","DelaySeconds":5,
         "MessageAttributes":{"k":{"DataType":"Binary","BinaryValue":"AP8="}}},
        {"Id":"b","MessageBody":"x"}]})"));
  const auto& request = decoded.as<sqs::SendMessageBatchRequest>();
  EXPECT_TRUE(decoded.violations.empty());
  EXPECT_EQ(request.queue_url, "http://localhost:4566/000000000000/q.fifo");
  ASSERT_EQ(request.entries.size(), 2u);
  EXPECT_EQ(request.entries[0].message_body, "über");
  EXPECT_EQ(request.entries[0].delay_seconds, 5);
  EXPECT_EQ(request.entries[0].message_attributes->at("k").binary_value->bytes,
            std::string("\0\xff", 2));
  EXPECT_FALSE(request.entries[1].message_group_id);
}

TEST(SqsJson, missing_members_of_entries_are_reported) {
  auto decoded = decode(ops::SendMessageBatch, Protocol::json,
                        http("POST", "/", R"({"QueueUrl":"q","Entries":[{"Id":"a"}]})"));
  ASSERT_EQ(decoded.violations.size(), 1u);
  EXPECT_EQ(decoded.violations[0].path, "Entries.1.member.MessageBody");
}

TEST(SqsJson, a_request_names_its_operation_in_a_header) {
  const sqs::SendMessageRequest request{.queue_url = "u", .message_body = "hello"};
  const auto message = protocol::encode_request(ops::SendMessage, &request);
  EXPECT_EQ(message.method, "POST");
  EXPECT_EQ(message.target, "/");
  EXPECT_EQ(header(message, "X-Amz-Target"), "AmazonSQS.SendMessage");
  EXPECT_EQ(header(message, "Content-Type"), "application/x-amz-json-1.0");
  EXPECT_EQ(message.body.bytes, R"({"QueueUrl":"u","MessageBody":"hello"})");
}

TEST(SqsJson, a_response_is_encoded) {
  const sqs::CreateQueueResponse response{.queue_url = "http://localhost:4566/000000000000/q"};
  const auto message = protocol::encode_response(ops::CreateQueue, Protocol::json, &response, "r");
  EXPECT_EQ(message.status, 200);
  EXPECT_EQ(header(message, "x-amzn-RequestId"), "r");
  EXPECT_EQ(message.body.bytes, R"({"QueueUrl":"http://localhost:4566/000000000000/q"})");
}

TEST(SqsJson, an_operation_without_result_answers_with_an_empty_body) {
  const sqs::DeleteMessageResponse response{};
  const auto message =
      protocol::encode_response(ops::DeleteMessage, Protocol::json, &response, "r");
  EXPECT_EQ(message.body.size(), 0u);
}

TEST(SqsJson, received_messages_come_back_as_they_were_sent) {
  sqs::ReceiveMessageResponse response;
  response.messages.emplace();
  auto& message = response.messages->emplace_back();
  message.message_id = "m";
  message.body = "line\n\"quoted\" \xF0\x9F\x8E\xAC";
  message.attributes.emplace();
  message.attributes->emplace("ApproximateReceiveCount", "1");
  const auto received = answered_and_received(ops::ReceiveMessage, response);
  ASSERT_EQ(received.messages->size(), 1u);
  EXPECT_EQ(received.messages->front().body, message.body);
  EXPECT_EQ(received.messages->front().attributes->at("ApproximateReceiveCount"), "1");
}

TEST(SqsJson, an_error_carries_its_name_and_the_older_protocols_code) {
  const sqs::QueueDoesNotExist error("The specified queue does not exist.");
  const auto message = protocol::encode_error(sqs::model, Protocol::json, error, "r");
  EXPECT_EQ(message.status, 400);
  EXPECT_EQ(header(message, "x-amzn-query-error"),
            "AWS.SimpleQueueService.NonExistentQueue;Sender");
  EXPECT_EQ(message.body.bytes, R"({"__type":"com.amazonaws.sqs#QueueDoesNotExist",)"
                                R"("message":"The specified queue does not exist."})");
}

TEST(SqsJson, a_client_recognises_errors_by_type) {
  const sqs::QueueDoesNotExist error("gone");
  const auto message = protocol::encode_error(sqs::model, Protocol::json, error, "r");
  const auto received = protocol::decode_error(ops::SendMessage, message);
  EXPECT_TRUE(received->is<sqs::QueueDoesNotExist>());
  EXPECT_EQ(received->message(), "gone");
  EXPECT_THROW(received->raise(), protocol::ServiceError);
}

TEST(SqsJson, a_client_keeps_the_code_of_an_error_that_it_does_not_know) {
  protocol::HttpResponse message;
  message.status = 418;
  message.body = R"({"__type":"com.example#Teapot:http://x","Message":"short and stout"})";
  const auto received = protocol::decode_error(ops::SendMessage, message);
  EXPECT_EQ(received->code(), "Teapot");
  EXPECT_EQ(received->status(), 418);
  EXPECT_EQ(received->message(), "short and stout");
}

TEST(SqsJson, a_client_makes_do_with_an_error_page) {
  protocol::HttpResponse message;
  message.status = 503;
  message.body = "<html>busy</html>";
  const auto received = protocol::decode_error(ops::SendMessage, message);
  EXPECT_EQ(received->code(), "ServiceUnavailable");
  EXPECT_EQ(received->message(), "<html>busy</html>");
}

TEST(SqsJson, a_request_that_is_no_json_is_a_serialization_exception) {
  try {
    decode(ops::SendMessage, Protocol::json, http("POST", "/", "{\"QueueUrl\":"));
    FAIL();
  } catch (const protocol::ServiceError& error) {
    const auto message = protocol::encode_error(sqs::model, Protocol::json, error, "r");
    EXPECT_EQ(message.status, 400);
    EXPECT_TRUE(message.body.bytes.starts_with(
        R"({"__type":"com.amazon.coral.service#SerializationException","Message":")"));
  }
}

TEST(SqsJson, a_reply_that_is_no_json_is_told_as_such) {
  protocol::HttpResponse message;
  message.body = "{";
  sqs::CreateQueueResponse response;
  try {
    protocol::decode_response(ops::CreateQueue, message, &response);
    FAIL();
  } catch (const protocol::ServiceError& error) {
    EXPECT_EQ(error.code(), "SerializationException");
    EXPECT_EQ(error.status(), 500);
  }
}

}  // namespace
}  // namespace matinee::vectors
