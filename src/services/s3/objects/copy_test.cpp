#include "protocol/base64.h"
#include "services/s3/service_fixture.h"

namespace matinee::s3 {
namespace {

class Copies : public ServiceTest {
 protected:
  Copies() { make_bucket(); }

  CopyObjectRequest request(const std::string& from, const std::string& to) {
    CopyObjectRequest copy{.bucket = "bucket"};
    copy.copy_source = "bucket/" + from;
    copy.key = to;
    return copy;
  }
  CopyObjectResponse copy(const std::string& from, const std::string& to) {
    return call(&Service::copy_object, request(from, to));
  }
  /// An object of two parts of which the first is in a blob.
  void put_multipart(const std::string& key, const std::string& content) {
    const std::string id =
        *call(&Service::create_multipart_upload, {.bucket = "bucket", .key = key}).upload_id;
    CompleteMultipartUploadRequest complete{.bucket = "bucket", .key = key, .upload_id = id};
    std::vector<CompletedPart>& parts = complete.multipart_upload.emplace().parts.emplace();
    for (const int number : {1, 2}) {
      UploadPartRequest part{.bucket = "bucket", .key = key, .part_number = number};
      part.upload_id = id;
      part.body = number == 1 ? content.substr(0, min_part_bytes) : content.substr(min_part_bytes);
      CompletedPart& completed = parts.emplace_back();
      completed.etag = call(&Service::upload_part, part).etag;
      completed.part_number = number;
    }
    call(&Service::complete_multipart_upload, complete);
  }
};

TEST_F(Copies, have_the_content_and_the_headers_of_their_source) {
  PutObjectRequest source{.bucket = "bucket", .content_type = "text/plain", .key = "a b"};
  source.body = "content";
  source.tagging = "a=1";
  call(&Service::put_object, source);
  const auto response = copy("a%20b", "copy");
  EXPECT_EQ(response.copy_object_result->etag, get("a b").etag);
  EXPECT_EQ(read("copy"), "content");
  EXPECT_EQ(get("copy").content_type, "text/plain");
  EXPECT_EQ(get("copy").tag_count, 1);
}

TEST_F(Copies, share_the_blob_until_the_last_of_them_goes) {
  const std::string content = sample(100'000);
  put("one", content);
  copy("one", "two");
  copy("two", "three");
  EXPECT_EQ(count_blobs(), 1u);
  call(&Service::delete_object, {.bucket = "bucket", .key = "one"});
  put("three", "replaced");
  EXPECT_EQ(count_blobs(), 1u);
  EXPECT_EQ(read("two"), content);
  call(&Service::delete_object, {.bucket = "bucket", .key = "two"});
  EXPECT_EQ(count_blobs(), 0u);
}

TEST_F(Copies, onto_themselves_must_change_something) {
  put("key", sample(100'000));
  EXPECT_THROW(copy("key", "key"), InvalidRequest);
  CopyObjectRequest change = request("key", "key");
  change.metadata_directive = "REPLACE";
  change.metadata.emplace()["title"] = "Jaws";
  call(&Service::copy_object, change);
  EXPECT_EQ(read("key"), sample(100'000));
  EXPECT_EQ(get("key").metadata->at("title"), "Jaws");
  EXPECT_EQ(count_blobs(), 1u);
}

TEST_F(Copies, of_multipart_objects_are_single_part_objects) {
  const std::string content = sample(min_part_bytes + 1000);
  put_multipart("source", content);
  const auto response = copy("source", "copy");
  EXPECT_EQ(response.copy_object_result->etag, '"' + to_hex(digest(Algorithm::md5, content)) + '"');
  EXPECT_EQ(response.copy_object_result->checksum_crc64nvme,
            protocol::base64_encode(digest(Algorithm::crc64nvme, content)));
  EXPECT_EQ(read("copy"), content);
  EXPECT_EQ(count_blobs(), 1u);
}

TEST_F(Copies, have_the_checksum_that_is_asked_for) {
  put("key", sample(100'000));
  CopyObjectRequest sha = request("key", "copy");
  sha.checksum_algorithm = "SHA256";
  EXPECT_EQ(call(&Service::copy_object, sha).copy_object_result->checksum_sha256,
            protocol::base64_encode(digest(Algorithm::sha256, sample(100'000))));
}

TEST_F(Copies, start_anew_where_the_source_changes_meanwhile) {
  put("key", sample(100'000, 1));
  CopyObjectRequest sha = request("key", "copy");
  sha.checksum_algorithm = "SHA256";
  std::optional<CopyObjectResponse> response;
  runtime::start(service->copy_object(context, sha),
                 [&](std::optional<CopyObjectResponse> result, std::exception_ptr) {
                   response = std::move(result);
                 });
  ASSERT_FALSE(response);
  put("key", sample(100'000, 2));
  simulation.loop.run_until_idle();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->copy_object_result->checksum_sha256,
            protocol::base64_encode(digest(Algorithm::sha256, sample(100'000, 2))));
  EXPECT_EQ(read("copy"), sample(100'000, 2));
}

TEST_F(Copies, are_made_under_conditions) {
  put("key", "content");
  CopyObjectRequest conditional = request("key", "copy");
  conditional.copy_source_if_match = "\"other\"";
  EXPECT_THROW(call(&Service::copy_object, conditional), PreconditionFailed);
  conditional.copy_source_if_match = get("key").etag;
  call(&Service::copy_object, conditional);
  conditional.if_none_match = "*";
  EXPECT_THROW(call(&Service::copy_object, conditional), PreconditionFailed);
}

TEST_F(Copies, need_a_source) {
  EXPECT_THROW(copy("missing", "copy"), NoSuchKey);
  CopyObjectRequest elsewhere = request("key", "copy");
  elsewhere.copy_source = "elsewhere/key";
  EXPECT_THROW(call(&Service::copy_object, elsewhere), NoSuchBucket);
  elsewhere.copy_source = "nonsense";
  EXPECT_THROW(call(&Service::copy_object, elsewhere), InvalidArgument);
}

TEST_F(Copies, become_parts_of_uploads) {
  const std::string content = sample(min_part_bytes + 1000);
  put("source", content);
  const std::string id =
      *call(&Service::create_multipart_upload, {.bucket = "bucket", .key = "key"}).upload_id;
  UploadPartCopyRequest part{.bucket = "bucket", .copy_source = "bucket/source", .key = "key"};
  part.upload_id = id;
  part.part_number = 1;
  CompleteMultipartUploadRequest complete{.bucket = "bucket", .key = "key", .upload_id = id};
  std::vector<CompletedPart>& parts = complete.multipart_upload.emplace().parts.emplace();
  for (const char* range : {"", "bytes=10-20"}) {
    if (*range) part.copy_source_range = range;
    CompletedPart& completed = parts.emplace_back();
    completed.etag = call(&Service::upload_part_copy, part).copy_part_result->etag;
    completed.part_number = part.part_number++;
  }
  call(&Service::complete_multipart_upload, complete);
  EXPECT_EQ(read("key"), content + content.substr(10, 11));
  EXPECT_EQ(count_blobs(), 1u);
  call(&Service::delete_object, {.bucket = "bucket", .key = "source"});
  EXPECT_EQ(count_blobs(), 1u);
  call(&Service::delete_object, {.bucket = "bucket", .key = "key"});
  EXPECT_EQ(count_blobs(), 0u);
  part.copy_source_range = "bytes=0-99999999";
  EXPECT_THROW(call(&Service::upload_part_copy, part), protocol::ServiceError);
}

}  // namespace
}  // namespace matinee::s3
