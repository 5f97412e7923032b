// Uploads and objects of many parts go in pieces, and all of them goes.
#include "services/s3/catalog/remains.h"

#include "services/s3/catalog/verification.h"
#include "services/s3/service_fixture.h"

namespace matinee::s3 {
namespace {

class RemainsOfManyParts : public ServiceTest {
 protected:
  RemainsOfManyParts() { make_bucket(); }

  static constexpr int part_count = 200;
  /// Just large enough for a file of its own.
  const std::string bytes = sample(storage::blob_threshold_bytes + 1);

  std::string begin_upload(const std::string& key = "key") {
    CreateMultipartUploadRequest request{.bucket = "bucket", .key = key};
    return *call(&Service::create_multipart_upload, request).upload_id;
  }
  std::string upload_part(const std::string& id, int number, const std::string& key = "key") {
    UploadPartRequest request{.bucket = "bucket", .key = key};
    request.upload_id = id;
    request.part_number = number;
    request.body = bytes;
    return *call(&Service::upload_part, request).etag;
  }
  std::string begin_with_parts() {
    const std::string id = begin_upload();
    for (int number = 1; number <= part_count; ++number) upload_part(id, number);
    return id;
  }
  void abort(const std::string& id) {
    call(&Service::abort_multipart_upload,
         AbortMultipartUploadRequest{.bucket = "bucket", .key = "key", .upload_id = id});
  }
  /// An object of many pieces that are too small for an upload to have them.
  void store_object(const std::string& key) {
    storage::Transaction transaction(*store);
    Catalog catalog(*store, simulation.random);
    ContentRecord content;
    for (int number = 1; number <= part_count; ++number) {
      auto writer = store->blobs().create();
      ASSERT_TRUE(writer && writer->write(bytes) && writer->finish());
      content.segments.push_back(
          {.blob = store->blobs().keep(std::move(*writer)), .length = bytes.size()});
    }
    ObjectRecord record{.size = part_count * bytes.size(), .etag = "e"};
    catalog.put_object({.key = Catalog::object_key("bucket", key)}, record, content);
    transaction.commit();
    // Which counts its contents by itself.
    service.reset();
    service = std::make_unique<Service>(*store, simulation.runtime());
  }
  std::size_t stored_parts(const std::string& id) {
    Catalog catalog(*store, simulation.random);
    std::size_t count = 0;
    catalog.parts.scan(catalog.parts.prefix(id), [&](const auto&, const auto&) {
      ++count;
      return true;
    });
    return count;
  }
  std::size_t stored_contents() {
    Catalog catalog(*store, simulation.random);
    std::size_t count = 0;
    catalog.contents.scan(catalog.contents.all(), [&](const auto&, const auto&) {
      ++count;
      return true;
    });
    return count;
  }
  bool has_remains() {
    Catalog catalog(*store, simulation.random);
    return !catalog.remains.is_empty(catalog.remains.all());
  }
  void let_work_take_time() { simulation.loop.let_looking_take(runtime::Turns::length / 4); }
  /// One round and no more: what it posts stays posted.
  void run_one_round() {
    simulation.loop.post([this] { simulation.loop.stop(); });
    simulation.loop.run();
  }
};

TEST_F(RemainsOfManyParts, an_aborted_upload_is_gone_at_once_and_its_parts_by_and_by) {
  const std::string id = begin_with_parts();
  let_work_take_time();
  abort(id);
  EXPECT_THROW(upload_part(id, 1), NoSuchUpload);
  EXPECT_EQ(stored_parts(id), static_cast<std::size_t>(part_count));
  run_one_round();
  EXPECT_LT(stored_parts(id), static_cast<std::size_t>(part_count));
  EXPECT_GT(stored_parts(id), 0U);
  simulation.loop.run_until_idle();
  EXPECT_EQ(stored_parts(id), 0U);
  EXPECT_EQ(count_blobs(), 0U);
  EXPECT_FALSE(has_remains());
}

TEST_F(RemainsOfManyParts, a_crash_midway_leaves_nothing_in_the_end) {
  const std::string id = begin_with_parts();
  let_work_take_time();
  abort(id);
  run_one_round();
  ASSERT_TRUE(store->flush());
  kill_and_restart();
  EXPECT_GT(stored_parts(id), 0U);
  simulation.loop.run_until_idle();
  EXPECT_EQ(stored_parts(id), 0U);
  EXPECT_EQ(count_blobs(), 0U);
  EXPECT_FALSE(has_remains());
}

TEST_F(RemainsOfManyParts, an_object_that_is_overwritten_gives_its_pieces_back_after_a_crash_too) {
  store_object("key");
  EXPECT_EQ(count_blobs(), static_cast<std::size_t>(part_count));
  let_work_take_time();
  put("key", "small");
  EXPECT_EQ(read("key"), "small");
  run_one_round();
  EXPECT_EQ(stored_contents(), 2U);
  ASSERT_TRUE(store->flush());
  kill_and_restart();
  EXPECT_EQ(read("key"), "small");
  simulation.loop.run_until_idle();
  EXPECT_EQ(stored_contents(), 1U);
  EXPECT_EQ(count_blobs(), 0U);
  EXPECT_FALSE(has_remains());
}

TEST_F(RemainsOfManyParts, what_is_left_midway_is_no_damage) {
  const std::string id = begin_with_parts();
  CompleteMultipartUploadRequest request{.bucket = "bucket", .key = "key"};
  request.upload_id = id;
  request.multipart_upload.emplace().parts.emplace().push_back(
      {.etag = upload_part(id, 7), .part_number = 7});
  store_object("object");
  let_work_take_time();
  std::optional<CompleteMultipartUploadResponse> response;
  runtime::start(service->complete_multipart_upload(context, request),
                 [&](std::optional<CompleteMultipartUploadResponse> result, std::exception_ptr) {
                   response = std::move(result);
                 });
  put("object", "small");
  for (int round = 0; round < 100 && has_remains(); ++round) {
    run_one_round();
    Catalog catalog(*store, simulation.random);
    storage::Verification found;
    verify(catalog, found);
    EXPECT_EQ(found.damages, std::vector<std::string>()) << round;
  }
  EXPECT_TRUE(response);
  simulation.loop.run_until_idle();
  EXPECT_FALSE(has_remains());
}

TEST_F(RemainsOfManyParts, a_copy_keeps_the_pieces_that_it_shares) {
  store_object("key");
  call(&Service::copy_object,
       CopyObjectRequest{.bucket = "bucket", .copy_source = "bucket/key", .key = "copy"});
  call(&Service::delete_object, DeleteObjectRequest{.bucket = "bucket", .key = "key"});
  simulation.loop.run_until_idle();
  EXPECT_EQ(count_blobs(), static_cast<std::size_t>(part_count));
  EXPECT_EQ(read("copy").size(), part_count * bytes.size());
}

TEST_F(RemainsOfManyParts, the_parts_of_a_completed_upload_live_on_in_its_object) {
  // Only the last part may be small, so of the many only that one is named.
  const std::string id = begin_with_parts();
  CompleteMultipartUploadRequest request{.bucket = "bucket", .key = "key"};
  request.upload_id = id;
  request.multipart_upload.emplace().parts.emplace().push_back(
      {.etag = upload_part(id, 7), .part_number = 7});
  call(&Service::complete_multipart_upload, request);
  simulation.loop.run_until_idle();
  EXPECT_EQ(stored_parts(id), 0U);
  EXPECT_EQ(count_blobs(), 1U);
  EXPECT_EQ(read("key"), bytes);
}

TEST_F(RemainsOfManyParts, a_bucket_goes_with_its_many_uploads) {
  std::string id;
  for (int number = 0; number < part_count; ++number) {
    id = begin_upload("key-" + std::to_string(number));
    upload_part(id, 1, "key-" + std::to_string(number));
  }
  call(&Service::delete_bucket, DeleteBucketRequest{.bucket = "bucket"});
  EXPECT_EQ(count_blobs(), 0U);
  make_bucket();
  const auto uploads =
      call(&Service::list_multipart_uploads, ListMultipartUploadsRequest{.bucket = "bucket"});
  EXPECT_TRUE(uploads.uploads->empty());
}

}  // namespace
}  // namespace matinee::s3
