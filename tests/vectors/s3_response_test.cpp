// S3's responses and errors.
#include "messages.h"
#include "s3/errors.h"
#include "s3/operations.h"

namespace matinee::vectors {
namespace {

using protocol::Protocol;
namespace ops = s3::operations;

constexpr std::string_view start = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
constexpr protocol::Timestamp noon{std::chrono::milliseconds(1709208000250)};

template <class Response>
protocol::HttpResponse answer(const protocol::Operation& operation, const Response& response) {
  return protocol::encode_response(operation, Protocol::rest_xml, &response, "id-1");
}

TEST(S3Response, a_listing_is_a_document_with_s3s_root_and_namespace) {
  s3::ListObjectsV2Response response;
  response.name = "b";
  response.is_truncated = false;
  response.key_count = 1;
  auto& object = response.contents.emplace().emplace_back();
  object.key = "a&b\r";
  object.last_modified = noon;
  object.etag = "\"e\"";
  object.size = std::int64_t{1} << 40;
  response.common_prefixes.emplace().emplace_back().prefix = "dir/";
  const auto message = answer(ops::ListObjectsV2, response);
  EXPECT_EQ(header(message, "Content-Type"), "application/xml");
  EXPECT_EQ(header(message, "x-amz-request-id"), "id-1");
  EXPECT_EQ(message.body.bytes,
            std::string(start) +
                "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                "<IsTruncated>false</IsTruncated><Contents><Key>a&amp;b&#xD;</Key>"
                "<LastModified>2024-02-29T12:00:00.250Z</LastModified><ETag>&quot;e&quot;</ETag>"
                "<Size>1099511627776</Size></Contents><Name>b</Name>"
                "<CommonPrefixes><Prefix>dir/</Prefix></CommonPrefixes><KeyCount>1</KeyCount>"
                "</ListBucketResult>");
  const auto received = answered_and_received(ops::ListObjectsV2, response);
  EXPECT_EQ(received.contents->at(0).key, "a&b\r");
  EXPECT_EQ(received.contents->at(0).last_modified, noon);
  EXPECT_EQ(received.common_prefixes->at(0).prefix, "dir/");
}

TEST(S3Response, an_empty_list_of_buckets_is_an_empty_element) {
  s3::ListBucketsResponse response;
  response.buckets.emplace();
  EXPECT_EQ(answer(ops::ListBuckets, response).body.bytes,
            std::string(start) +
                "<ListAllMyBucketsResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                "<Buckets></Buckets></ListAllMyBucketsResult>");
  EXPECT_TRUE(answered_and_received(ops::ListBuckets, response).buckets->empty());
}

TEST(S3Response, a_location_stands_in_the_root_itself) {
  s3::GetBucketLocationResponse response;
  EXPECT_EQ(answer(ops::GetBucketLocation, response).body.bytes,
            std::string(start) +
                "<LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                "</LocationConstraint>");
  response.location_constraint = "eu-west-1";
  EXPECT_EQ(answer(ops::GetBucketLocation, response).body.bytes,
            std::string(start) +
                "<LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                "eu-west-1</LocationConstraint>");
  EXPECT_EQ(answered_and_received(ops::GetBucketLocation, response).location_constraint,
            "eu-west-1");
}

TEST(S3Response, an_object_is_headers_and_its_bytes) {
  s3::GetObjectResponse response;
  response.body = "bytes";
  response.content_length = 5;
  response.content_type = "text/plain";
  response.etag = "\"e\"";
  response.last_modified = noon;
  response.metadata.emplace().emplace("job-id", "j\r\n1");
  const auto message = protocol::encode_response(ops::GetObject, Protocol::rest_xml,
                                                 static_cast<void*>(&response), "id-1");
  EXPECT_TRUE(response.body.bytes.empty());
  EXPECT_EQ(message.body.bytes, "bytes");
  EXPECT_EQ(header(message, "ETag"), "\"e\"");
  EXPECT_EQ(header(message, "Content-Type"), "text/plain");
  EXPECT_EQ(header(message, "Last-Modified"), "Thu, 29 Feb 2024 12:00:00 GMT");
  EXPECT_EQ(header(message, "x-amz-meta-job-id"), "j  1");
  EXPECT_FALSE(message.headers.contains("Content-Length"));
}

TEST(S3Response, a_reply_to_head_has_the_length_of_what_it_leaves_out) {
  s3::HeadObjectResponse response;
  response.content_length = 12345;
  const auto message = answer(ops::HeadObject, response);
  EXPECT_EQ(message.head_length, 12345u);
  EXPECT_EQ(message.body.size(), 0u);
}

TEST(S3Response, a_client_reads_headers_metadata_and_bytes) {
  protocol::HttpResponse message;
  message.headers.add("Content-Length", "5");
  message.headers.add("etag", "\"e\"");
  message.headers.add("X-Amz-Meta-A", "1");
  message.headers.add("Last-Modified", "Thu, 29 Feb 2024 12:00:00 GMT");
  message.body = "bytes";
  s3::GetObjectResponse response;
  protocol::decode_response(ops::GetObject, message, &response);
  EXPECT_EQ(response.body.bytes, "bytes");
  EXPECT_EQ(response.content_length, 5);
  EXPECT_EQ(response.etag, "\"e\"");
  EXPECT_EQ(response.metadata->at("a"), "1");
  EXPECT_EQ(response.last_modified, std::chrono::floor<std::chrono::seconds>(noon));
}

TEST(S3Response, a_copys_result_is_its_document) {
  s3::CopyObjectResponse response;
  response.copy_object_result.emplace().etag = "e";
  EXPECT_EQ(answer(ops::CopyObject, response).body.bytes,
            std::string(start) +
                "<CopyObjectResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                "<ETag>e</ETag></CopyObjectResult>");
  EXPECT_EQ(answered_and_received(ops::CopyObject, response).copy_object_result->etag, "e");
}

TEST(S3Response, a_reply_without_content_has_the_models_status) {
  const auto message = answer(ops::DeleteObject, s3::DeleteObjectResponse{});
  EXPECT_EQ(message.status, 204);
  EXPECT_EQ(message.body.size(), 0u);
}

TEST(S3Response, an_error_is_a_document_with_its_details) {
  s3::NoSuchKey error("The specified key does not exist.");
  error.details = {{"Key", "a<b"}};
  const auto message = protocol::encode_error(s3::model, Protocol::rest_xml, error, "id-1");
  EXPECT_EQ(message.status, 404);
  EXPECT_EQ(message.body.bytes,
            std::string(start) +
                "<Error><Code>NoSuchKey</Code><Message>The specified key does not exist."
                "</Message><Key>a&lt;b</Key><RequestId>id-1</RequestId><HostId>aWQtMQ==</HostId>"
                "</Error>");
  const auto received = protocol::decode_error(ops::GetObject, message);
  EXPECT_TRUE(received->is<s3::NoSuchKey>());
  EXPECT_EQ(received->details.at(0), (std::pair<std::string, std::string>("Key", "a<b")));
}

TEST(S3Response, an_error_that_only_the_corrections_name_is_recognised_too) {
  const s3::InvalidRange error("no");
  const auto message = protocol::encode_error(s3::model, Protocol::rest_xml, error, "id-1");
  EXPECT_TRUE(protocol::decode_error(ops::GetObject, message)->is<s3::InvalidRange>());
}

TEST(S3Response, not_modified_has_no_body) {
  const protocol::ServiceError error("NotModified", 304, "");
  const auto message = protocol::encode_error(s3::model, Protocol::rest_xml, error, "id-1");
  EXPECT_EQ(message.body.size(), 0u);
  EXPECT_FALSE(message.headers.contains("Content-Type"));
}

TEST(S3Response, an_error_without_body_is_told_by_its_status) {
  for (const auto& [status, code] : std::initializer_list<std::pair<int, const char*>>{
           {404, "NotFound"}, {403, "Forbidden"}, {412, "PreconditionFailed"}, {599, "599"}}) {
    protocol::HttpResponse message;
    message.status = status;
    EXPECT_EQ(protocol::decode_error(ops::HeadObject, message)->code(), code);
  }
}

TEST(S3Response, an_error_may_hide_in_a_success) {
  protocol::HttpResponse message;
  message.body = "<Error><Code>InternalError</Code><Message>try again</Message></Error>";
  s3::CompleteMultipartUploadResponse response;
  try {
    protocol::decode_response(ops::CompleteMultipartUpload, message, &response);
    FAIL();
  } catch (const protocol::ServiceError& error) {
    EXPECT_EQ(error.code(), "InternalError");
    EXPECT_EQ(error.message(), "try again");
  }
}

}  // namespace
}  // namespace matinee::vectors
