#include "protocol/base64.h"
#include "s3/operations.h"
#include "services/s3/service_fixture.h"

namespace matinee::s3 {
namespace {

using protocol::base64_encode;

class Objects : public ServiceTest {
 protected:
  Objects() { make_bucket(); }

  PutObjectRequest put_request(const std::string& content) {
    PutObjectRequest request{.bucket = "bucket", .key = "key"};
    request.body = content;
    return request;
  }
  GetObjectResponse get_with(const std::function<void(GetObjectRequest&)>& change) {
    GetObjectRequest request{.bucket = "bucket", .key = "key"};
    change(request);
    return call(&Service::get_object, request);
  }
};

TEST_F(Objects, of_any_size_come_back_as_they_were) {
  for (const std::size_t size : {0, 1, 16384, 16385, 262144, 1'000'000}) {
    const std::string content = sample(size);
    EXPECT_EQ(put("key", content).etag, '"' + to_hex(digest(Algorithm::md5, content)) + '"');
    EXPECT_EQ(read("key"), content) << size;
    EXPECT_EQ(get("key").content_length, static_cast<std::int64_t>(size));
  }
}

TEST_F(Objects, leave_no_blob_behind_when_they_are_replaced_or_removed) {
  put("key", sample(100'000));
  EXPECT_EQ(count_blobs(), 1u);
  put("key", sample(200'000));
  EXPECT_EQ(count_blobs(), 1u);
  call(&Service::delete_object, {.bucket = "bucket", .key = "key"});
  EXPECT_EQ(count_blobs(), 0u);
}

TEST_F(Objects, that_are_refused_leave_no_blob_behind) {
  PutObjectRequest request = put_request(sample(100'000));
  request.content_md5 = base64_encode(std::string(16, 'x'));
  EXPECT_THROW(call(&Service::put_object, request), BadDigest);
  request = put_request(sample(100'000));
  request.if_match = "x";
  EXPECT_THROW(call(&Service::put_object, request), NoSuchKey);
  EXPECT_EQ(count_blobs(), 0u);
  EXPECT_THROW(get("key"), NoSuchKey);
}

TEST_F(Objects, survive_a_kill_of_the_server_with_their_content) {
  put("small", "content");
  put("large", sample(100'000));
  ASSERT_TRUE(store->flush());
  kill_and_restart();
  EXPECT_EQ(read("small"), "content");
  EXPECT_EQ(read("large"), sample(100'000));
  put("new", "content");
  EXPECT_EQ(read("new"), "content");
  EXPECT_EQ(read("small"), "content");
}

TEST_F(Objects, that_were_not_acknowledged_leave_no_half_object_and_no_blob) {
  ASSERT_TRUE(store->flush());
  protocol::HttpRequest head;
  head.headers.add("Content-Length", "100000");
  auto interrupted = service->open_sink(operations::PutObject, head);
  interrupted->write(sample(50'000));
  EXPECT_EQ(count_blobs(), 1u);
  simulation.crash(runtime::SimulatedDisk::Crash::process);
  interrupted.reset();
  kill_and_restart();
  EXPECT_THROW(get("key"), NoSuchKey);
  EXPECT_EQ(count_blobs(), 0u);
}

TEST_F(Objects, are_checked_against_what_the_client_says) {
  PutObjectRequest request = put_request("content");
  request.checksum_crc32 = base64_encode(digest(Algorithm::crc32, "content"));
  const PutObjectResponse response = call(&Service::put_object, request);
  EXPECT_EQ(response.checksum_crc32, request.checksum_crc32);
  EXPECT_EQ(response.checksum_type, "FULL_OBJECT");
  request.checksum_crc32 = base64_encode(digest(Algorithm::crc32, "other"));
  EXPECT_THROW(call(&Service::put_object, request), BadDigest);
  request.checksum_crc32 = "nonsense";
  EXPECT_THROW(call(&Service::put_object, request), InvalidRequest);
  request.checksum_crc32.reset();
  request.content_md5 = "nonsense";
  EXPECT_THROW(call(&Service::put_object, request), InvalidDigest);
}

TEST_F(Objects, have_a_crc64nvme_where_the_client_sends_no_checksum) {
  EXPECT_EQ(put("key", "content").checksum_crc64nvme,
            base64_encode(digest(Algorithm::crc64nvme, "content")));
}

TEST_F(Objects, tell_their_checksum_only_when_asked_and_only_of_the_whole) {
  PutObjectRequest request = put_request("content");
  request.checksum_algorithm = "SHA256";
  call(&Service::put_object, request);
  const std::string expected = base64_encode(digest(Algorithm::sha256, "content"));
  EXPECT_EQ(get("key").checksum_sha256, std::nullopt);
  EXPECT_EQ(get_with([](auto& r) { r.checksum_mode = "ENABLED"; }).checksum_sha256, expected);
  EXPECT_EQ(get_with([](auto& r) {
              r.checksum_mode = "ENABLED";
              r.range = "bytes=0-2";
            }).checksum_sha256,
            std::nullopt);
  EXPECT_EQ(
      call(&Service::head_object, {.bucket = "bucket", .key = "key", .checksum_mode = "ENABLED"})
          .checksum_sha256,
      expected);
}

TEST_F(Objects, keep_their_headers_metadata_and_tags) {
  PutObjectRequest request = put_request("content");
  request.content_type = "text/plain";
  request.cache_control = "no-cache";
  request.content_encoding = "aws-chunked,gzip";
  request.expires = "tomorrow";
  request.metadata.emplace()["Title"] = "Jaws";
  request.tagging = "a=1&b=2";
  request.storage_class = "STANDARD_IA";
  call(&Service::put_object, request);
  const auto head = call(&Service::head_object, {.bucket = "bucket", .key = "key"});
  EXPECT_EQ(head.content_type, "text/plain");
  EXPECT_EQ(head.cache_control, "no-cache");
  EXPECT_EQ(head.content_encoding, "gzip");
  EXPECT_EQ(head.expires, "tomorrow");
  EXPECT_EQ(head.metadata->at("title"), "Jaws");
  EXPECT_EQ(head.tag_count, 2);
  EXPECT_EQ(head.storage_class, "STANDARD_IA");
  EXPECT_EQ(head.server_side_encryption, "AES256");
  EXPECT_EQ(head.content_length, 7);
}

TEST_F(Objects, have_aws_s_defaults_where_the_client_says_nothing) {
  put("key", "content");
  const GetObjectResponse response = get("key");
  EXPECT_EQ(response.content_type, "binary/octet-stream");
  EXPECT_EQ(response.storage_class, std::nullopt);
  EXPECT_EQ(response.accept_ranges, "bytes");
  EXPECT_EQ(response.last_modified, simulation.loop.now());
}

TEST_F(Objects, are_read_in_ranges_from_memory_and_from_blobs) {
  for (const std::size_t size : {1000, 100'000}) {
    const std::string content = sample(size);
    put("key", content);
    const auto response = get_with([](auto& r) { r.range = "bytes=10-19"; });
    EXPECT_EQ(content_of(response.body), content.substr(10, 10));
    EXPECT_EQ(response.content_range, "bytes 10-19/" + std::to_string(size));
    EXPECT_EQ(response.content_length, 10);
    EXPECT_EQ(content_of(get_with([](auto& r) { r.range = "bytes=-5"; }).body),
              content.substr(size - 5));
    EXPECT_THROW(get_with([](auto& r) { r.range = "bytes=100000-"; }), InvalidRange);
    EXPECT_EQ(get_with([](auto& r) { r.range = "lines=1-2"; }).content_range, std::nullopt);
  }
}

TEST_F(Objects, have_one_part_where_they_came_in_one) {
  put("key", "content");
  const auto response = get_with([](auto& r) { r.part_number = 1; });
  EXPECT_EQ(response.content_range, "bytes 0-6/7");
  EXPECT_EQ(response.parts_count, std::nullopt);
  EXPECT_THROW(get_with([](auto& r) { r.part_number = 2; }), InvalidPartNumber);
  EXPECT_THROW(get_with([](auto& r) {
                 r.part_number = 1;
                 r.range = "bytes=0-1";
               }),
               InvalidRequest);
}

TEST_F(Objects, are_read_with_other_headers_when_asked) {
  put("key", "content");
  const auto response = get_with([](auto& r) {
    r.response_content_type = "text/html";
    r.response_expires = protocol::Timestamp(std::chrono::seconds(0));
  });
  EXPECT_EQ(response.content_type, "text/html");
  EXPECT_EQ(response.expires, "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST_F(Objects, are_read_with_such_headers_only_as_can_be) {
  put("key", "content");
  const auto response = get_with([](auto& r) { r.response_content_disposition = "caf\u00e9"; });
  EXPECT_EQ(response.content_disposition, "caf\xE9");
  try {
    get_with([](auto& r) { r.response_content_disposition = "\u4e2d"; });
    ADD_FAILURE() << "was read";
  } catch (const InvalidArgument& error) {
    EXPECT_EQ(error.message(), "Header value cannot be represented using ISO-8859-1.");
    EXPECT_EQ(error.details.front().second, "response-content-disposition");
  }
}

TEST_F(Objects, have_metadata_of_any_characters) {
  PutObjectRequest request = put_request("content");
  request.metadata = {{"plain", "abc"}, {"encoded", "=?UTF-8?B?YWJj?="}, {"raw", "caf\u00e9 noir"}};
  call(&Service::put_object, request);
  const auto metadata = *get("key").metadata;
  EXPECT_EQ(metadata.at("plain"), "abc");
  EXPECT_EQ(metadata.at("encoded"), "abc");
  EXPECT_EQ(metadata.at("raw"), "=?UTF-8?Q?caf=C3=A9_noir?=");
}

TEST_F(Objects, are_read_and_written_under_conditions) {
  put("key", "content");
  const std::string etag = *get("key").etag;
  EXPECT_THROW(get_with([&](auto& r) { r.if_none_match = etag; }), NotModified);
  EXPECT_THROW(get_with([&](auto& r) { r.if_match = "\"x\""; }), PreconditionFailed);
  PutObjectRequest request = put_request("new");
  request.if_none_match = "*";
  EXPECT_THROW(call(&Service::put_object, request), PreconditionFailed);
  request.if_none_match.reset();
  request.if_match = etag;
  call(&Service::put_object, request);
  EXPECT_EQ(read("key"), "new");
  EXPECT_THROW(call(&Service::delete_object, {.bucket = "bucket", .key = "key", .if_match = etag}),
               PreconditionFailed);
}

TEST_F(Objects, that_are_missing_are_no_such_key_and_without_a_code_for_head) {
  EXPECT_THROW(get("key"), NoSuchKey);
  EXPECT_THROW(call(&Service::head_object, {.bucket = "bucket", .key = "key"}), NotFound);
  EXPECT_NO_THROW(call(&Service::delete_object, {.bucket = "bucket", .key = "key"}));
  EXPECT_THROW(call(&Service::get_object, {.bucket = "other", .key = "key"}), NoSuchBucket);
}

TEST_F(Objects, are_not_read_from_the_archive) {
  PutObjectRequest request = put_request("content");
  request.storage_class = "GLACIER";
  call(&Service::put_object, request);
  try {
    get("key");
    FAIL() << "an archived object was read";
  } catch (const InvalidObjectState& error) {
    EXPECT_EQ(error.data.storage_class, "GLACIER");
  }
  EXPECT_EQ(call(&Service::head_object, {.bucket = "bucket", .key = "key"}).storage_class,
            "GLACIER");
}

TEST_F(Objects, are_refused_where_the_request_means_more_than_is_served) {
  const auto put_with = [&](const std::function<void(PutObjectRequest&)>& change) {
    PutObjectRequest request = put_request("content");
    change(request);
    return call(&Service::put_object, request);
  };
  EXPECT_THROW(put_with([](auto& r) { r.object_lock_event_hold = "ON"; }), NotImplemented);
  EXPECT_THROW(put_with([](auto& r) { r.acl = "public-read"; }), AccessControlListNotSupported);
  EXPECT_THROW(put_with([](auto& r) { r.storage_class = "OUTPOSTS"; }), InvalidStorageClass);
  EXPECT_THROW(put_with([](auto& r) { r.website_redirect_location = "elsewhere"; }),
               InvalidRedirectLocation);
  EXPECT_NO_THROW(put_with([](auto& r) { r.acl = "bucket-owner-full-control"; }));
  EXPECT_EQ(put_with([](auto& r) { r.server_side_encryption = "AES256"; }).server_side_encryption,
            "AES256");
}

TEST_F(Objects, are_removed_in_batches_each_for_itself) {
  put("one", "1");
  put("two", "2");
  put("three", "3");
  DeleteObjectsRequest request{.bucket = "bucket"};
  request.delete_.objects = {{.key = "one"},
                             {.key = "never there"},
                             {.key = "two", .etag = "\"wrong\""},
                             {.key = "three", .version_id = "other"}};
  const DeleteObjectsResponse response = call(&Service::delete_objects, request);
  ASSERT_EQ(response.deleted->size(), 2u);
  ASSERT_EQ(response.errors->size(), 2u);
  EXPECT_EQ(response.errors->front().code, "PreconditionFailed");
  EXPECT_EQ(response.errors->back().code, "NoSuchVersion");
  EXPECT_THROW(get("one"), NoSuchKey);
  EXPECT_EQ(read("two"), "2");

  request.delete_ = {.objects = {{.key = "two"}}, .quiet = true};
  EXPECT_FALSE(call(&Service::delete_objects, request).deleted);
  request.delete_.objects.assign(1001, {.key = "x"});
  EXPECT_THROW(call(&Service::delete_objects, request), MalformedXML);
}

TEST_F(Objects, are_not_removed_by_a_list_that_is_not_of_its_digest) {
  const auto check = [this](const std::string& header, const std::string& value) {
    protocol::HttpRequest request;
    request.headers.add("Content-Length", "9");
    request.headers.add(header, value);
    request.body = "<Delete/>";
    service->check_body(operations::DeleteObjects, request);
  };
  const auto digest = [](Algorithm algorithm, std::string_view content) {
    Hasher hasher(algorithm);
    hasher.update(content);
    return hasher.finish();
  };
  using enum Algorithm;
  EXPECT_NO_THROW(check("Content-MD5", base64_encode(digest(md5, "<Delete/>"))));
  EXPECT_NO_THROW(check("x-amz-checksum-crc32", base64_encode(digest(crc32, "<Delete/>"))));
  // The digest of the signature does not stand for one of the list.
  EXPECT_THROW(check("x-amz-content-sha256", to_hex(digest(sha256, "<Delete/>"))), InvalidRequest);
  EXPECT_THROW(check("Content-MD5", base64_encode(digest(md5, "other"))), BadDigest);
  EXPECT_THROW(check("Content-MD5", "short"), InvalidDigest);
  EXPECT_THROW(check("x-amz-checksum-crc32", base64_encode(digest(crc32, "other"))), BadDigest);
  EXPECT_THROW(check("x-amz-checksum-sha256", base64_encode(digest(sha256, "other"))), BadDigest);
}

TEST_F(Objects, are_given_to_anonymous_callers_with_the_headers_that_they_have) {
  put("key", "content");
  GetObjectRequest request{.bucket = "bucket", .key = "key"};
  request.response_content_type = "text/html";
  EXPECT_EQ(call(&Service::get_object, request).content_type, "text/html");
  context.anonymous = true;
  EXPECT_THROW(call(&Service::get_object, request), InvalidRequest);
  request.response_content_type.reset();
  EXPECT_EQ(content_of(call(&Service::get_object, request).body), "content");
}

}  // namespace
}  // namespace matinee::s3
