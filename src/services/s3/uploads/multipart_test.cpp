#include "protocol/base64.h"
#include "services/s3/service_fixture.h"

namespace matinee::s3 {
namespace {

using protocol::base64_encode;

class Multipart : public ServiceTest {
 protected:
  Multipart() { make_bucket(); }

  std::string begin(const std::optional<std::string>& algorithm = std::nullopt,
                    const std::optional<std::string>& type = std::nullopt) {
    CreateMultipartUploadRequest request{.bucket = "bucket", .key = "key"};
    request.checksum_algorithm = algorithm;
    request.checksum_type = type;
    return *call(&Service::create_multipart_upload, request).upload_id;
  }
  UploadPartResponse upload(const std::string& id, int number, const std::string& content,
                            const std::function<void(UploadPartRequest&)>& change = nullptr) {
    UploadPartRequest request{.bucket = "bucket", .key = "key", .part_number = number};
    request.upload_id = id;
    request.body = content;
    if (change) change(request);
    return call(&Service::upload_part, request);
  }
  CompletedPart part(int number, const std::string& content) {
    CompletedPart part{.etag = '"' + to_hex(digest(Algorithm::md5, content)) + '"'};
    part.part_number = number;
    return part;
  }
  CompleteMultipartUploadRequest completion(const std::string& id,
                                            std::vector<CompletedPart> parts) {
    CompleteMultipartUploadRequest request{.bucket = "bucket", .key = "key", .upload_id = id};
    request.multipart_upload.emplace().parts = std::move(parts);
    return request;
  }
  CompleteMultipartUploadResponse complete(const std::string& id,
                                           std::vector<CompletedPart> parts) {
    return call(&Service::complete_multipart_upload, completion(id, std::move(parts)));
  }

  const std::string first = sample(min_part_bytes, 1);
  const std::string second = sample(min_part_bytes + 1, 2);
  const std::string last = sample(100, 3);
};

TEST_F(Multipart, parts_become_one_object_in_their_order) {
  const std::string id = begin();
  upload(id, 30, last);
  upload(id, 1, first);
  upload(id, 2, second);
  EXPECT_THROW(get("key"), NoSuchKey);
  const auto response = complete(id, {part(1, first), part(2, second), part(30, last)});
  const std::string digests =
      digest(Algorithm::md5, first) + digest(Algorithm::md5, second) + digest(Algorithm::md5, last);
  EXPECT_EQ(response.etag, '"' + to_hex(digest(Algorithm::md5, digests)) + "-3\"");
  EXPECT_EQ(response.location, "http://localhost:4566/bucket/key");
  EXPECT_EQ(read("key"), first + second + last);
  EXPECT_EQ(get("key").etag, response.etag);
  EXPECT_EQ(count_blobs(), 2u);
}

TEST_F(Multipart, an_object_is_read_across_and_by_its_parts) {
  const std::string id = begin();
  upload(id, 1, first);
  upload(id, 2, last);
  complete(id, {part(1, first), part(2, last)});
  GetObjectRequest request{.bucket = "bucket", .key = "key"};
  request.range = "bytes=5242870-5242889";
  EXPECT_EQ(content_of(call(&Service::get_object, request).body),
            first.substr(first.size() - 10) + last.substr(0, 10));
  request.range.reset();
  request.part_number = 2;
  const auto response = call(&Service::get_object, request);
  EXPECT_EQ(content_of(response.body), last);
  EXPECT_EQ(response.parts_count, 2);
  EXPECT_EQ(response.content_range, "bytes 5242880-5242979/5242980");
  request.part_number = 3;
  EXPECT_THROW(call(&Service::get_object, request), InvalidPartNumber);
}

TEST_F(Multipart, a_checksum_of_the_whole_is_combined_from_those_of_the_parts) {
  const std::string id = begin();
  upload(id, 1, first);
  upload(id, 2, last);
  const auto response = complete(id, {part(1, first), part(2, last)});
  EXPECT_EQ(response.checksum_crc64nvme, base64_encode(digest(Algorithm::crc64nvme, first + last)));
  EXPECT_EQ(response.checksum_type, "FULL_OBJECT");

  const std::string crc32 = begin("CRC32", "FULL_OBJECT");
  upload(crc32, 1, first);
  upload(crc32, 2, last);
  EXPECT_EQ(complete(crc32, {part(1, first), part(2, last)}).checksum_crc32,
            base64_encode(digest(Algorithm::crc32, first + last)));
}

TEST_F(Multipart, a_composite_checksum_is_that_of_the_checksums_of_the_parts) {
  const std::string id = begin("SHA256");
  std::vector<CompletedPart> parts = {part(1, first), part(2, last)};
  const std::string crc32 = base64_encode(digest(Algorithm::crc32, first));
  EXPECT_THROW(upload(id, 1, first, [&](auto& r) { r.checksum_crc32 = crc32; }), InvalidRequest);
  const auto one = upload(id, 1, first);
  const auto two = upload(id, 2, last);
  EXPECT_EQ(two.checksum_sha256, base64_encode(digest(Algorithm::sha256, last)));
  EXPECT_THROW(complete(id, parts), InvalidRequest);
  parts[0].checksum_sha256 = one.checksum_sha256;
  parts[1].checksum_sha256 = one.checksum_sha256;
  EXPECT_THROW(complete(id, parts), InvalidPart);
  parts[1].checksum_sha256 = two.checksum_sha256;
  const auto response = complete(id, parts);
  const std::string expected =
      base64_encode(digest(Algorithm::sha256,
                           digest(Algorithm::sha256, first) + digest(Algorithm::sha256, last))) +
      "-2";
  EXPECT_EQ(response.checksum_sha256, expected);
  EXPECT_EQ(response.checksum_type, "COMPOSITE");
  const auto head =
      call(&Service::head_object, {.bucket = "bucket", .key = "key", .checksum_mode = "ENABLED"});
  EXPECT_EQ(head.checksum_sha256, expected);
  EXPECT_EQ(head.checksum_type, "COMPOSITE");
}

TEST_F(Multipart, a_composite_checksum_needs_parts_without_gaps) {
  const std::string id = begin("SHA256");
  const auto stored = [&](int number, const std::string& content) {
    CompletedPart listed = part(number, content);
    listed.checksum_sha256 = upload(id, number, content).checksum_sha256;
    return listed;
  };
  const CompletedPart second_part = stored(2, first);
  const CompletedPart third_part = stored(3, last);
  EXPECT_THROW(complete(id, {second_part, third_part}), InvalidPartOrder);
  EXPECT_NO_THROW(complete(id, {stored(1, first), second_part, third_part}));
}

TEST_F(Multipart, parts_of_an_upload_without_an_algorithm_may_come_with_any_checksum) {
  const std::string id = begin();
  const std::string crc32 = base64_encode(digest(Algorithm::crc32, last));
  const auto response = upload(id, 1, last, [&](auto& r) { r.checksum_crc32 = crc32; });
  EXPECT_EQ(response.checksum_crc32, crc32);
  std::vector<CompletedPart> parts = {part(1, last)};
  parts[0].checksum_crc32 = "AAAAAA==";
  EXPECT_THROW(complete(id, parts), InvalidPart);
  parts[0].checksum_crc32 = crc32;
  EXPECT_EQ(complete(id, parts).checksum_crc64nvme,
            base64_encode(digest(Algorithm::crc64nvme, last)));
}

TEST_F(Multipart, checksum_types_go_with_certain_algorithms) {
  EXPECT_THROW(begin("SHA256", "FULL_OBJECT"), InvalidRequest);
  EXPECT_THROW(begin("CRC64NVME", "COMPOSITE"), InvalidRequest);
  EXPECT_THROW(begin(std::nullopt, "COMPOSITE"), InvalidRequest);
  for (const char* algorithm : {"SHA1", "SHA512", "MD5", "XXHASH64", "XXHASH3", "XXHASH128"}) {
    EXPECT_THROW(begin(algorithm, "FULL_OBJECT"), InvalidRequest) << algorithm;
    EXPECT_NO_THROW(begin(algorithm)) << algorithm;
  }
}

TEST_F(Multipart, completing_twice_gives_the_same_reply) {
  const std::string id = begin();
  upload(id, 1, last);
  const auto once = complete(id, {part(1, last)});
  EXPECT_EQ(complete(id, {part(1, last)}).etag, once.etag);
  EXPECT_THROW(complete(id, {part(1, first)}), NoSuchUpload);
  put("key", "other");
  EXPECT_THROW(complete(id, {part(1, last)}), NoSuchUpload);
}

TEST_F(Multipart, a_wrong_list_of_parts_is_refused_and_leaves_the_upload_as_it_was) {
  const std::string id = begin();
  upload(id, 1, first);
  upload(id, 2, last);
  EXPECT_THROW(complete(id, {}), InvalidRequest);
  EXPECT_THROW(complete(id, {part(2, last), part(1, first)}), InvalidPartOrder);
  EXPECT_THROW(complete(id, {part(1, first), part(1, first)}), InvalidPartOrder);
  EXPECT_THROW(complete(id, {part(1, last)}), InvalidPart);
  EXPECT_THROW(complete(id, {part(1, first), part(3, last)}), InvalidPart);
  upload(id, 3, last);
  EXPECT_THROW(complete(id, {part(2, last), part(3, last)}), EntityTooSmall);
  EXPECT_NO_THROW(complete(id, {part(1, first), part(3, last)}));
  EXPECT_EQ(read("key"), first + last);
}

TEST_F(Multipart, the_whole_must_be_what_the_client_expects) {
  const std::string id = begin();
  upload(id, 1, last);
  auto request = completion(id, {part(1, last)});
  request.mpu_object_size = 99;
  EXPECT_THROW(call(&Service::complete_multipart_upload, request), InvalidRequest);
  request.mpu_object_size = 100;
  request.checksum_crc64nvme = base64_encode(std::string(8, 'x'));
  EXPECT_THROW(call(&Service::complete_multipart_upload, request), BadDigest);
  const std::string right = base64_encode(digest(Algorithm::crc64nvme, last));
  request.checksum_crc64nvme = right + "-1";
  EXPECT_THROW(call(&Service::complete_multipart_upload, request), BadDigest);
  request.checksum_crc64nvme = "short";
  EXPECT_THROW(call(&Service::complete_multipart_upload, request), InvalidRequest);
  request.checksum_crc64nvme = right;
  request.checksum_crc32 = base64_encode(digest(Algorithm::crc32, last));
  EXPECT_THROW(call(&Service::complete_multipart_upload, request), InvalidRequest);
  request.checksum_crc64nvme.reset();
  EXPECT_THROW(call(&Service::complete_multipart_upload, request), BadDigest);
  request.checksum_crc32.reset();
  request.checksum_crc64nvme = right;
  request.checksum_type = "COMPOSITE";
  EXPECT_THROW(call(&Service::complete_multipart_upload, request), InvalidRequest);
  request.checksum_type = "FULL_OBJECT";
  EXPECT_NO_THROW(call(&Service::complete_multipart_upload, request));
}

TEST_F(Multipart, a_full_object_checksum_that_is_wrong_completes_nothing) {
  const std::string id = begin("CRC32C", "FULL_OBJECT");
  upload(id, 1, first);
  upload(id, 2, last);
  auto request = completion(id, {part(1, first), part(2, last)});
  request.checksum_crc32c = base64_encode(std::string(4, 'x'));
  try {
    call(&Service::complete_multipart_upload, request);
    ADD_FAILURE() << "was completed";
  } catch (const BadDigest& error) {
    EXPECT_EQ(error.message(), "The crc32c you specified did not match the calculated checksum.");
  }
  const std::string wrong = *request.checksum_crc32c;
  request.checksum_crc32c = base64_encode(digest(Algorithm::crc32c, first + last));
  EXPECT_NO_THROW(call(&Service::complete_multipart_upload, request));
  // Neither does it when it is asked again.
  EXPECT_NO_THROW(call(&Service::complete_multipart_upload, request));
  request.checksum_crc32c = wrong;
  EXPECT_THROW(call(&Service::complete_multipart_upload, request), BadDigest);
}

TEST_F(Multipart, a_part_listed_with_a_checksum_of_another_kind_is_no_match) {
  for (const char* type : {"COMPOSITE", "FULL_OBJECT"}) {
    const std::string id = begin("CRC32", type);
    upload(id, 1, last);
    std::vector<CompletedPart> parts = {part(1, last)};
    parts[0].checksum_sha256 = base64_encode(digest(Algorithm::sha256, last));
    try {
      complete(id, parts);
      ADD_FAILURE() << "was completed";
    } catch (const BadDigest& error) {
      EXPECT_EQ(error.message(),
                "The sha256 you specified for part 1 did not match what we received.");
    }
  }
}

TEST_F(Multipart, a_composite_checksum_may_tell_the_number_of_parts) {
  const std::string id = begin("SHA256");
  std::vector<CompletedPart> parts = {part(1, last)};
  parts[0].checksum_sha256 = upload(id, 1, last).checksum_sha256;
  auto request = completion(id, parts);
  const std::string right =
      base64_encode(digest(Algorithm::sha256, digest(Algorithm::sha256, last)));
  request.checksum_sha256 = right + "-2";
  EXPECT_THROW(call(&Service::complete_multipart_upload, request), BadDigest);
  request.checksum_sha256 = right + "-1";
  EXPECT_EQ(call(&Service::complete_multipart_upload, request).checksum_sha256, right + "-1");
}

TEST_F(Multipart, a_part_is_read_with_its_checksum_where_the_whole_is_made_of_them) {
  const auto read_part = [this] {
    return call(&Service::get_object,
                {.bucket = "bucket", .key = "key", .part_number = 1, .checksum_mode = "ENABLED"});
  };
  const std::string id = begin("SHA256");
  std::vector<CompletedPart> parts = {part(1, first), part(2, last)};
  parts[0].checksum_sha256 = upload(id, 1, first).checksum_sha256;
  parts[1].checksum_sha256 = upload(id, 2, last).checksum_sha256;
  complete(id, parts);
  EXPECT_EQ(read_part().checksum_sha256, parts[0].checksum_sha256);
  EXPECT_EQ(read_part().checksum_type, "COMPOSITE");

  const std::string whole = begin();
  upload(whole, 1, first);
  complete(whole, {part(1, first)});
  EXPECT_EQ(read_part().checksum_crc64nvme, std::nullopt);
  EXPECT_EQ(read_part().checksum_type, std::nullopt);
}

TEST_F(Multipart, completing_can_require_that_there_is_no_object_yet) {
  put("key", "old");
  const std::string id = begin();
  upload(id, 1, last);
  auto request = completion(id, {part(1, last)});
  request.if_none_match = "*";
  EXPECT_THROW(call(&Service::complete_multipart_upload, request), PreconditionFailed);
  EXPECT_EQ(read("key"), "old");
}

/// Conditional completions after something has happened to the key since the upload began.
class Overtaken : public Multipart {
 protected:
  void expect_conflict(const std::string& id, const std::string& condition) {
    auto request = completion(id, {part(1, last)});
    if (condition == "If-None-Match")
      request.if_none_match = "*";
    else
      request.if_match = get("key").etag;
    // For good: asking again does not help.
    for (int attempt = 0; attempt < 2; ++attempt) {
      try {
        call(&Service::complete_multipart_upload, request);
        ADD_FAILURE() << "was completed";
      } catch (const ConditionalRequestConflict& error) {
        EXPECT_EQ(error.details, (decltype(protocol::ServiceError::details){
                                     {"Condition", condition}, {"Key", "key"}}));
      }
    }
    EXPECT_NO_THROW(complete(id, {part(1, last)}));
  }
  void remove() { call(&Service::delete_object, {.bucket = "bucket", .key = "key"}); }
  std::string begin_with_part() {
    const std::string id = begin();
    upload(id, 1, last);
    return id;
  }
};

TEST_F(Overtaken, by_a_removal_is_a_conflict_whether_or_not_there_was_an_object) {
  put("key", "old");
  const std::string id = begin_with_part();
  remove();
  expect_conflict(id, "If-None-Match");
  remove();
  const std::string other = begin_with_part();
  remove();
  expect_conflict(other, "If-None-Match");
}

TEST_F(Overtaken, by_a_write_is_a_conflict_also_with_the_same_content) {
  put("key", "same");
  const std::string id = begin_with_part();
  put("key", "same");
  expect_conflict(id, "If-Match");
}

TEST_F(Overtaken, by_a_write_and_a_removal_is_a_conflict) {
  const std::string id = begin_with_part();
  put("key", "new");
  remove();
  expect_conflict(id, "If-None-Match");
}

TEST_F(Overtaken, by_the_removal_of_the_latest_version_is_a_conflict) {
  PutBucketVersioningRequest versioning{.bucket = "bucket"};
  versioning.versioning_configuration.status = "Enabled";
  call(&Service::put_bucket_versioning, versioning);
  put("key", "old");
  const std::string id = begin_with_part();
  const auto version = put("key", "new").version_id;
  call(&Service::delete_object, {.bucket = "bucket", .key = "key", .version_id = version});
  expect_conflict(id, "If-Match");
}

TEST_F(Overtaken, stays_so_when_the_server_was_killed) {
  const std::string id = begin_with_part();
  ASSERT_TRUE(store->flush());
  kill_and_restart();
  remove();
  ASSERT_TRUE(store->flush());
  kill_and_restart();
  expect_conflict(id, "If-None-Match");
}

TEST_F(Overtaken, by_nothing_is_no_conflict) {
  put("key", "old");
  const std::string etag = *get("key").etag;
  const std::string id = begin_with_part();
  put("kez", "another key");
  call(&Service::delete_object, {.bucket = "bucket", .key = "kez"});
  auto request = completion(id, {part(1, last)});
  request.if_match = etag;
  EXPECT_NO_THROW(call(&Service::complete_multipart_upload, request));
}

TEST_F(Overtaken, with_a_condition_that_does_not_hold_keeps_that_answer) {
  const std::string id = begin_with_part();
  put("key", "new");
  auto request = completion(id, {part(1, last)});
  request.if_none_match = "*";
  EXPECT_THROW(call(&Service::complete_multipart_upload, request), PreconditionFailed);
  request.if_none_match.reset();
  request.if_match = "\"other\"";
  EXPECT_THROW(call(&Service::complete_multipart_upload, request), PreconditionFailed);
  remove();
  EXPECT_THROW(call(&Service::complete_multipart_upload, request), NoSuchKey);
}

TEST_F(Multipart, parts_uploaded_again_and_left_out_leave_no_blob_behind) {
  const std::string id = begin();
  upload(id, 1, second);
  upload(id, 1, first);
  upload(id, 2, second);
  EXPECT_EQ(count_blobs(), 2u);
  complete(id, {part(1, first)});
  EXPECT_EQ(count_blobs(), 1u);
  call(&Service::delete_object, {.bucket = "bucket", .key = "key"});
  EXPECT_EQ(count_blobs(), 0u);
}

TEST_F(Multipart, aborting_removes_the_upload_and_its_parts) {
  const std::string id = begin();
  upload(id, 1, first);
  const AbortMultipartUploadRequest request{.bucket = "bucket", .key = "key", .upload_id = id};
  call(&Service::abort_multipart_upload, request);
  EXPECT_EQ(count_blobs(), 0u);
  EXPECT_THROW(call(&Service::abort_multipart_upload, request), NoSuchUpload);
  EXPECT_THROW(upload(id, 1, last), NoSuchUpload);
}

TEST_F(Multipart, part_numbers_go_from_1_to_10000) {
  const std::string id = begin();
  EXPECT_THROW(upload(id, 0, last), InvalidArgument);
  EXPECT_THROW(upload(id, 10001, last), InvalidArgument);
  EXPECT_NO_THROW(upload(id, 10000, last));
}

TEST_F(Multipart, parts_are_listed_in_pages) {
  const std::string id = begin();
  for (int number = 1; number <= 5; ++number) upload(id, number, last);
  ListPartsRequest request{.bucket = "bucket", .key = "key"};
  request.upload_id = id;
  request.max_parts = 3;
  auto page = call(&Service::list_parts, request);
  EXPECT_EQ(page.parts->size(), 3u);
  EXPECT_EQ(page.is_truncated, true);
  EXPECT_EQ(page.next_part_number_marker, 3);
  request.part_number_marker = 3;
  page = call(&Service::list_parts, request);
  EXPECT_EQ(page.parts->front().part_number, 4);
  EXPECT_EQ(page.parts->front().size, 100);
  EXPECT_EQ(page.is_truncated, false);
  request.part_number_marker = -1;
  EXPECT_THROW(call(&Service::list_parts, request), InvalidArgument);
}

TEST_F(Multipart, uploads_are_told_in_whole_seconds) {
  simulation.loop.advance(std::chrono::microseconds(1234567));
  begin();
  const auto page =
      call(&Service::list_multipart_uploads, ListMultipartUploadsRequest{.bucket = "bucket"});
  EXPECT_EQ(page.uploads->front().initiated,
            std::chrono::floor<std::chrono::seconds>(simulation.loop.now()));
}

TEST_F(Multipart, uploads_are_listed_by_key_and_then_by_time) {
  std::vector<std::string> ids;
  for (const char* key : {"b", "a/1", "a/2", "b"}) {
    simulation.loop.advance(std::chrono::seconds(1));
    CreateMultipartUploadRequest request{.bucket = "bucket", .key = key};
    ids.push_back(*call(&Service::create_multipart_upload, request).upload_id);
  }
  std::vector<std::string> walked;
  ListMultipartUploadsRequest request{.bucket = "bucket", .max_uploads = 1};
  for (bool more = true; more;) {
    const auto page = call(&Service::list_multipart_uploads, request);
    for (const MultipartUpload& each : *page.uploads) walked.push_back(*each.upload_id);
    request.key_marker = page.next_key_marker;
    request.upload_id_marker = page.next_upload_id_marker;
    more = *page.is_truncated;
  }
  EXPECT_EQ(walked, (std::vector{ids[1], ids[2], ids[0], ids[3]}));

  request = {.bucket = "bucket"};
  const auto whole = call(&Service::list_multipart_uploads, request);
  EXPECT_EQ(whole.next_key_marker, "");
  EXPECT_EQ(whole.next_upload_id_marker, "");
  EXPECT_EQ(whole.prefix, std::nullopt);
  request.key_marker = "b";
  request.upload_id_marker = "nonsense";
  EXPECT_THROW(call(&Service::list_multipart_uploads, request), InvalidArgument);
  request = {.bucket = "bucket", .delimiter = "/", .key_marker = "a/1"};
  EXPECT_TRUE(call(&Service::list_multipart_uploads, request).common_prefixes->empty());

  const auto folded = call(&Service::list_multipart_uploads,
                           ListMultipartUploadsRequest{.bucket = "bucket", .delimiter = "/"});
  EXPECT_EQ(folded.uploads->size(), 2u);
  EXPECT_EQ(folded.common_prefixes->front().prefix, "a/");
  const auto prefixed = call(&Service::list_multipart_uploads,
                             ListMultipartUploadsRequest{.bucket = "bucket", .prefix = "a/"});
  EXPECT_EQ(prefixed.uploads->size(), 2u);
}

}  // namespace
}  // namespace matinee::s3
