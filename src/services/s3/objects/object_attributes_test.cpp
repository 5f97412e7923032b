#include "services/s3/service_fixture.h"

namespace matinee::s3 {
namespace {

class Attributions : public ServiceTest {
 protected:
  Attributions() { make_bucket(); }

  GetObjectAttributesResponse ask(std::vector<std::string> attributes,
                                  std::optional<std::int32_t> max_parts = std::nullopt,
                                  std::optional<std::int32_t> marker = std::nullopt) {
    return call(&Service::get_object_attributes, {.bucket = "bucket",
                                                  .key = "key",
                                                  .max_parts = max_parts,
                                                  .part_number_marker = marker,
                                                  .object_attributes = std::move(attributes)});
  }

  /// An object of three parts.
  void store_parts() {
    const std::string id = *call(&Service::create_multipart_upload,
                                 {.bucket = "bucket", .key = "key", .checksum_algorithm = "SHA256"})
                                .upload_id;
    CompleteMultipartUploadRequest complete{.bucket = "bucket", .key = "key", .upload_id = id};
    auto& parts = complete.multipart_upload.emplace().parts.emplace();
    for (const std::int32_t number : {1, 2, 3}) {
      UploadPartRequest part{
          .bucket = "bucket", .key = "key", .part_number = number, .upload_id = id};
      part.body = sample(number < 3 ? min_part_bytes : 7);
      const UploadPartResponse uploaded = call(&Service::upload_part, part);
      parts.push_back({.etag = uploaded.etag,
                       .checksum_sha256 = uploaded.checksum_sha256,
                       .part_number = number});
    }
    call(&Service::complete_multipart_upload, complete);
  }
};

TEST_F(Attributions, are_those_that_are_asked_for) {
  put("key", "content");
  const auto all = ask({"ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"});
  EXPECT_EQ('"' + *all.etag + '"', get("key").etag);
  EXPECT_TRUE(all.checksum->checksum_crc64nvme);
  EXPECT_EQ(all.checksum->checksum_type, "FULL_OBJECT");
  EXPECT_FALSE(all.object_parts);
  EXPECT_EQ(all.storage_class, "STANDARD");
  EXPECT_EQ(all.object_size, 7);
  EXPECT_EQ(all.last_modified, simulation.loop.now());
  const auto size = ask({"ObjectSize"});
  EXPECT_FALSE(size.etag || size.checksum || size.storage_class);
  EXPECT_EQ(size.object_size, 7);
}

TEST_F(Attributions, list_the_parts_of_a_multipart_object_in_pages) {
  store_parts();
  const auto all = *ask({"ObjectParts"}).object_parts;
  EXPECT_EQ(all.total_parts_count, 3);
  EXPECT_EQ(all.is_truncated, false);
  ASSERT_EQ(all.parts->size(), 3u);
  EXPECT_EQ(all.parts->back().part_number, 3);
  EXPECT_EQ(all.parts->back().size, 7);
  EXPECT_TRUE(all.parts->back().checksum_sha256);

  const auto first = *ask({"ObjectParts"}, 2).object_parts;
  EXPECT_EQ(first.is_truncated, true);
  EXPECT_EQ(first.next_part_number_marker, 2);
  EXPECT_EQ(first.max_parts, 2);
  const auto second = *ask({"ObjectParts"}, 2, 2).object_parts;
  EXPECT_EQ(second.is_truncated, false);
  EXPECT_EQ(second.part_number_marker, 2);
  EXPECT_EQ(second.parts->front().part_number, 3);
}

TEST_F(Attributions, tell_of_the_parts_of_other_objects_how_many_they_are) {
  const std::string id =
      *call(&Service::create_multipart_upload, {.bucket = "bucket", .key = "key"}).upload_id;
  UploadPartRequest part{.bucket = "bucket", .key = "key", .part_number = 1, .upload_id = id};
  part.body = "content";
  CompleteMultipartUploadRequest complete{.bucket = "bucket", .key = "key", .upload_id = id};
  complete.multipart_upload.emplace().parts.emplace().push_back(
      {.etag = call(&Service::upload_part, part).etag, .part_number = 1});
  call(&Service::complete_multipart_upload, complete);
  const auto told = *ask({"ObjectParts"}).object_parts;
  EXPECT_EQ(told.total_parts_count, 1);
  EXPECT_FALSE(told.parts || told.part_number_marker || told.next_part_number_marker ||
               told.max_parts || told.is_truncated);
}

TEST_F(Attributions, have_the_digest_of_a_composite_checksum_alone) {
  store_parts();
  const auto head =
      call(&Service::head_object, {.bucket = "bucket", .key = "key", .checksum_mode = "ENABLED"});
  const auto checksum = *ask({"Checksum"}).checksum;
  EXPECT_EQ(checksum.checksum_type, "COMPOSITE");
  EXPECT_EQ(*checksum.checksum_sha256 + "-3", head.checksum_sha256);
}

TEST_F(Attributions, are_of_objects_that_are_there) {
  EXPECT_THROW(ask({"ETag"}), NoSuchKey);
}

}  // namespace
}  // namespace matinee::s3
