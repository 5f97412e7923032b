// S3's requests: REST with XML bodies.
#include "messages.h"
#include "s3/operations.h"

namespace matinee::vectors {
namespace {

using protocol::Protocol;
namespace ops = s3::operations;

Decoded decode(const protocol::Operation& operation, protocol::HttpRequest request) {
  return vectors::decode(operation, Protocol::rest_xml, std::move(request));
}

std::string refusal(const protocol::Operation& operation, protocol::HttpRequest request) {
  try {
    decode(operation, std::move(request));
  } catch (const protocol::ServiceError& error) {
    EXPECT_EQ(error.status(), 400);
    return error.code();
  }
  return "";
}

TEST(S3Request, path_headers_and_body_are_bound) {
  protocol::Headers headers;
  headers.add("content-type", "application/json");
  headers.add("Content-Length", "5");
  headers.add("X-Amz-Meta-Job-Id", "j1");
  headers.add("x-amz-meta-count", " 3 ");
  auto decoded =
      decode(ops::PutObject, http("PUT", "/movie-bucket/a%20b/%C3%BC+.json", "hello", headers));
  const auto& request = decoded.as<s3::PutObjectRequest>();
  EXPECT_TRUE(decoded.violations.empty());
  EXPECT_EQ(request.bucket, "movie-bucket");
  EXPECT_EQ(request.key, "a b/ü+.json");
  EXPECT_EQ(request.content_type, "application/json");
  EXPECT_EQ(request.content_length, 5);
  EXPECT_EQ(*request.metadata,
            (std::map<std::string, std::string>{{"job-id", "j1"}, {"count", "3"}}));
  EXPECT_EQ(request.body.bytes, "hello");
}

TEST(S3Request, keys_keep_their_slashes) {
  for (const auto& [target, key] :
       std::initializer_list<std::pair<const char*, const char*>>{{"/b//a", "/a"},
                                                                  {"/b/a/", "a/"},
                                                                  {"/b/a//b", "a//b"},
                                                                  {"/b/a%2Fb", "a/b"},
                                                                  {"/b/..%2F..", "../.."},
                                                                  {"/b/a?x=1", "a"}})
    EXPECT_EQ(decode(ops::GetObject, http("GET", target, "")).as<s3::GetObjectRequest>().key, key);
}

TEST(S3Request, a_bucket_may_have_a_slash_behind_it) {
  auto decoded = decode(ops::ListObjectsV2, http("GET", "/b/?list-type=2", ""));
  EXPECT_EQ(decoded.as<s3::ListObjectsV2Request>().bucket, "b");
  EXPECT_TRUE(decoded.violations.empty());
}

TEST(S3Request, parameters_are_bound) {
  auto decoded = decode(
      ops::ListObjectsV2,
      http("GET", "/b?list-type=2&prefix=a%2Fb&max-keys=7&fetch-owner=true&delimiter=%2F", ""));
  const auto& request = decoded.as<s3::ListObjectsV2Request>();
  EXPECT_EQ(request.prefix, "a/b");
  EXPECT_EQ(request.max_keys, 7);
  EXPECT_EQ(request.fetch_owner, true);
  EXPECT_EQ(request.delimiter, "/");
}

TEST(S3Request, headers_of_a_presigned_url_are_parameters) {
  auto decoded = decode(ops::PutObject,
                        http("PUT", "/b/k?x-amz-acl=private&X-Amz-Meta-A=1&X-Amz-Signature=x", ""));
  const auto& request = decoded.as<s3::PutObjectRequest>();
  EXPECT_EQ(request.acl, "private");
  EXPECT_EQ(request.metadata->at("a"), "1");
}

TEST(S3Request, a_malformed_parameter_is_an_invalid_argument_with_details) {
  try {
    decode(ops::ListObjectsV2, http("GET", "/b?list-type=2&max-keys=many", ""));
    FAIL();
  } catch (const protocol::ServiceError& error) {
    EXPECT_EQ(error.code(), "InvalidArgument");
    EXPECT_EQ(error.message(), "Provided max-keys not an integer or within integer range");
    EXPECT_EQ(error.details[0], (std::pair<std::string, std::string>("ArgumentName", "max-keys")));
    EXPECT_EQ(error.details[1], (std::pair<std::string, std::string>("ArgumentValue", "many")));
  }
}

TEST(S3Request, a_date_that_is_none_is_ignored) {
  protocol::Headers headers;
  headers.add("If-Modified-Since", "yesterday");
  headers.add("If-Unmodified-Since", "Thu, 29 Feb 2024 12:00:00 GMT");
  auto decoded = decode(ops::GetObject, http("GET", "/b/k", "", headers));
  const auto& request = decoded.as<s3::GetObjectRequest>();
  EXPECT_FALSE(request.if_modified_since);
  EXPECT_TRUE(request.if_unmodified_since);
}

TEST(S3Request, a_key_that_cannot_be_decoded_is_an_invalid_uri) {
  EXPECT_EQ(refusal(ops::GetObject, http("GET", "/b/%FF", "")), "InvalidURI");
  protocol::HttpRequest request = http("GET", "/b/k", "");
  request.path = "/b/%zz";
  EXPECT_EQ(refusal(ops::GetObject, request), "InvalidURI");
}

TEST(S3Request, missing_members_of_path_and_query_are_reported) {
  auto decoded = decode(ops::AbortMultipartUpload, http("DELETE", "/b/k", ""));
  ASSERT_EQ(decoded.violations.size(), 1u);
  EXPECT_EQ(decoded.violations[0].path, "UploadId");
  decoded = decode(ops::GetObject, http("GET", "/b/", ""));
  ASSERT_EQ(decoded.violations.size(), 1u);
  EXPECT_EQ(decoded.violations[0].path, "Key");
}

TEST(S3Request, a_list_of_parts_is_read) {
  auto decoded = decode(
      ops::CompleteMultipartUpload,
      http("POST", "/b/k?uploadId=u",
           "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
           "<Part><PartNumber>1</PartNumber><ETag>&quot;e1&quot;</ETag></Part>"
           "<Part><ETag>e2</ETag><PartNumber>2</PartNumber></Part></CompleteMultipartUpload>"));
  const auto& request = decoded.as<s3::CompleteMultipartUploadRequest>();
  EXPECT_EQ(request.upload_id, "u");
  ASSERT_EQ(request.multipart_upload->parts->size(), 2u);
  EXPECT_EQ(request.multipart_upload->parts->at(0).etag, "\"e1\"");
  EXPECT_EQ(request.multipart_upload->parts->at(1).part_number, 2);
}

TEST(S3Request, keys_to_delete_are_read_and_missing_ones_reported) {
  auto decoded = decode(ops::DeleteObjects,
                        http("POST", "/b?delete",
                             "<Delete><Quiet>true</Quiet><Object><Key>a &amp; b</Key></Object>"
                             "<Object><VersionId>v</VersionId></Object></Delete>"));
  const auto& request = decoded.as<s3::DeleteObjectsRequest>();
  EXPECT_EQ(request.delete_.quiet, true);
  EXPECT_EQ(request.delete_.objects.at(0).key, "a & b");
  ASSERT_EQ(decoded.violations.size(), 1u);
  EXPECT_EQ(decoded.violations[0].path, "Delete.Objects.2.member.Key");
}

TEST(S3Request, a_document_that_is_none_or_another_is_malformed) {
  for (const char* body : {"<Delete>", "hello", "<Other/>", "<!DOCTYPE a><Delete/>"})
    EXPECT_EQ(refusal(ops::DeleteObjects, http("POST", "/b?delete", body)), "MalformedXML");
  EXPECT_EQ(refusal(ops::CompleteMultipartUpload,
                    http("POST", "/b/k?uploadId=u",
                         "<CompleteMultipartUpload><Part><PartNumber>x</PartNumber></Part>"
                         "</CompleteMultipartUpload>")),
            "MalformedXML");
}

TEST(S3Request, a_body_may_be_left_out) {
  auto decoded = decode(ops::CreateBucket, http("PUT", "/b", ""));
  EXPECT_FALSE(decoded.as<s3::CreateBucketRequest>().create_bucket_configuration);
  EXPECT_TRUE(decoded.violations.empty());
  decoded = decode(ops::DeleteObjects, http("POST", "/b?delete", ""));
  ASSERT_EQ(decoded.violations.size(), 1u);
  EXPECT_EQ(decoded.violations[0].path, "Delete");
}

TEST(S3Request, what_a_client_sends_a_server_understands) {
  s3::PutObjectRequest put;
  put.bucket = "b";
  put.key = "dir/ü? &#.json";
  put.content_type = "text/plain";
  put.metadata.emplace().emplace("a", "1");
  put.body = "content";
  const auto message = protocol::encode_request(ops::PutObject, &put);
  EXPECT_EQ(message.method, "PUT");
  EXPECT_EQ(message.target, "/b/dir/%C3%BC%3F%20%26%23.json");
  const auto received = sent_and_received(ops::PutObject, put);
  EXPECT_EQ(received.key, put.key);
  EXPECT_EQ(received.metadata, put.metadata);
  EXPECT_EQ(received.body.bytes, "content");
}

TEST(S3Request, a_client_writes_parameters_and_documents) {
  s3::CompleteMultipartUploadRequest complete;
  complete.bucket = "b";
  complete.key = "k";
  complete.upload_id = "u+/=";
  auto& part = complete.multipart_upload.emplace().parts.emplace().emplace_back();
  part.part_number = 1;
  part.etag = "\"e\"";
  const auto message = protocol::encode_request(ops::CompleteMultipartUpload, &complete);
  EXPECT_EQ(message.target, "/b/k?uploadId=u%2B%2F%3D");
  EXPECT_EQ(message.body.bytes,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Part>"
            "<ETag>&quot;e&quot;</ETag><PartNumber>1</PartNumber></Part>"
            "</CompleteMultipartUpload>");
  EXPECT_EQ(sent_and_received(ops::CompleteMultipartUpload, complete).upload_id, "u+/=");
}

TEST(S3Request, a_client_does_not_send_a_request_without_bucket) {
  const s3::ListObjectsV2Request request;
  EXPECT_THROW(protocol::encode_request(ops::ListObjectsV2, &request), protocol::ServiceError);
}

}  // namespace
}  // namespace matinee::vectors
