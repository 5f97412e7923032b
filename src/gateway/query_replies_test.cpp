// Replies of the query protocol as they go over the wire, in XML and in JSON.
#include <gtest/gtest.h>

#include "protocol/codec.h"
#include "s3/operations.h"
#include "sqs/errors.h"
#include "sqs/operations.h"
#include "sts/operations.h"

namespace matinee::gateway {
namespace {

using protocol::Protocol;

std::string reply(const protocol::Operation& operation, Protocol used, const void* object) {
  return protocol::encode_response(operation, used, object, "id").body.bytes;
}

std::string error_reply(Protocol used, const protocol::ServiceError& error) {
  return protocol::encode_error(sqs::model, used, error, "id").body.bytes;
}

TEST(QueryReply, without_content_is_one_element) {
  const sqs::ReceiveMessageResponse nothing;
  EXPECT_TRUE(reply(sqs::operations::ReceiveMessage, Protocol::query, &nothing)
                  .contains("<ReceiveMessageResult/><ResponseMetadata>"));
  const sqs::ReceiveMessageResponse one{.messages = std::vector{sqs::Message{.body = "b"}}};
  EXPECT_TRUE(reply(sqs::operations::ReceiveMessage, Protocol::query, &one)
                  .contains("<ReceiveMessageResult><Message><Body>b</Body></Message>"
                            "</ReceiveMessageResult>"));
}

TEST(QueryReply, in_json_is_the_same_document) {
  const sqs::ReceiveMessageResponse one{.messages = std::vector{sqs::Message{.body = "b"}}};
  EXPECT_EQ(
      reply(sqs::operations::ReceiveMessage, Protocol::query_json, &one),
      "{\"ReceiveMessageResponse\":{\"ReceiveMessageResult\":{\"messages\":[{\"Body\":\"b\"}]},"
      "\"ResponseMetadata\":{\"RequestId\":\"id\"}}}");
  const sts::GetCallerIdentityResponse caller{
      .user_id = "u", .account = "000000000000", .arn = "arn"};
  EXPECT_EQ(
      reply(sts::operations::GetCallerIdentity, Protocol::query_json, &caller),
      "{\"GetCallerIdentityResponse\":{\"GetCallerIdentityResult\":{\"UserId\":\"u\",\"Account\":"
      "\"000000000000\",\"Arn\":\"arn\"},\"ResponseMetadata\":{\"RequestId\":\"id\"}}}");
}

TEST(QueryReply, in_json_says_null_of_what_is_not_there) {
  const sqs::ListQueuesResponse nothing;
  EXPECT_TRUE(reply(sqs::operations::ListQueues, Protocol::query_json, &nothing)
                  .contains("{\"queueUrls\":null,\"NextToken\":null}"));
}

TEST(QueryError, is_an_xml_document_whatever_its_message_quotes) {
  const protocol::ServiceError error("ValidationError", 400, std::string("Value '\x01\t\0'", 11));
  EXPECT_TRUE(error_reply(Protocol::query, error).contains("<Message>Value '?\t?'</Message>"));
}

TEST(QueryError, has_the_words_of_its_protocol) {
  const sqs::QueueDoesNotExist error("The specified queue does not exist.");
  EXPECT_TRUE(
      error_reply(Protocol::json, error).contains("\"The specified queue does not exist.\""));
  EXPECT_TRUE(error_reply(Protocol::query, error)
                  .contains("<Code>AWS.SimpleQueueService.NonExistentQueue</Code><Message>The "
                            "specified queue does not exist for this wsdl version.</Message>"));
  EXPECT_EQ(error_reply(Protocol::query_json, error),
            "{\"Error\":{\"Code\":\"AWS.SimpleQueueService.NonExistentQueue\",\"Message\":\"The "
            "specified queue does not exist for this wsdl version.\",\"Type\":\"Sender\"},"
            "\"RequestId\":\"id\"}");
}

TEST(QueryError, of_what_names_no_operation_is_a_document_of_its_own) {
  const protocol::ServiceError error("UnknownOperationException", 404, "");
  for (const Protocol used : {Protocol::query, Protocol::query_json})
    EXPECT_TRUE(error_reply(used, error).ends_with("?>\n<UnknownOperationException/>"));
}

protocol::HttpRequest get_object(std::string_view target, const protocol::Headers& headers = {}) {
  protocol::HttpRequest request;
  request.method = "GET";
  EXPECT_TRUE(request.set_target(target));
  request.headers = headers;
  return request;
}

s3::GetObjectRequest decoded(protocol::HttpRequest request) {
  s3::GetObjectRequest object;
  protocol::decode_request(s3::operations::GetObject, Protocol::rest_xml, request, &object);
  return object;
}

TEST(Binding, reads_the_checksum_mode_in_any_letters) {
  for (const std::string mode : {"ENABLED", "enabled", "Enabled"}) {
    protocol::Headers headers;
    headers.add("x-amz-checksum-mode", mode);
    EXPECT_EQ(decoded(get_object("/b/k", headers)).checksum_mode, "ENABLED");
  }
}

TEST(Binding, takes_headers_from_a_query_that_is_signed_and_from_no_other) {
  EXPECT_EQ(decoded(get_object("/b/k?If-Match=a&X-Amz-Signature=x")).if_match, "a");
  EXPECT_EQ(decoded(get_object("/b/k?range=bytes%3D1-2&AWSAccessKeyId=x")).range, "bytes=1-2");
  EXPECT_EQ(decoded(get_object("/b/k?If-Match=a")).if_match, std::nullopt);
  EXPECT_EQ(decoded(get_object("/b/k?x-amz-checksum-mode=enabled")).checksum_mode, "ENABLED");
}

}  // namespace
}  // namespace matinee::gateway
