#include "services/s3/catalog/version_cursor.h"
#include "services/s3/versioned_fixture.h"

namespace matinee::s3 {
namespace {

using Strings = std::vector<std::string>;

class Versions : public VersionedTest {
 protected:
  ListObjectVersionsResponse list_with(
      const std::function<void(ListObjectVersionsRequest&)>& change = [](auto&) {}) {
    ListObjectVersionsRequest request{.bucket = "bucket"};
    change(request);
    return call(&Service::list_object_versions, request);
  }
  /// All versions in order as "key content-size", with "D" for delete markers and "*" for the
  /// latest.
  Strings walk() {
    Catalog catalog(*store, simulation.random);
    Strings found;
    for (VersionCursor place(catalog, "bucket"); place.valid(); place.next()) {
      const Version& version = place.version();
      found.push_back(place.key() + " " +
                      (version.delete_marker ? "D" : std::to_string(version.object.size)) +
                      (version.latest ? "*" : ""));
    }
    return found;
  }
};

TEST_F(Versions, are_all_kept_and_the_last_one_is_current) {
  const std::string first = store_version("key", "a");
  const std::string second = store_version("key", sample(50'000));
  const std::string third = store_version("key", "ccc");
  EXPECT_EQ(read("key"), "ccc");
  EXPECT_EQ(read_version("key", first), "a");
  EXPECT_EQ(read_version("key", second), sample(50'000));
  EXPECT_EQ(read_version("key", third), "ccc");
  EXPECT_EQ(walk(), (Strings{"key 3*", "key 50000", "key 1"}));
}

TEST_F(Versions, have_ids_of_32_characters_of_which_no_two_are_alike) {
  std::set<std::string> ids;
  for (int i = 0; i < 50; ++i) ids.insert(store_version("key" + std::to_string(i % 5), "x"));
  EXPECT_EQ(ids.size(), 50u);
  for (const std::string& id : ids) {
    EXPECT_EQ(id.size(), 32u);
    EXPECT_TRUE(is_version_id(id));
  }
}

TEST_F(Versions, are_covered_by_a_delete_marker_and_come_back_when_it_is_removed) {
  store_version("key", "a");
  store_version("key", "bb");
  const DeleteObjectResponse deleted = remove("key");
  EXPECT_EQ(deleted.delete_marker, true);
  EXPECT_EQ(walk(), (Strings{"key D*", "key 2", "key 1"}));
  EXPECT_THROW(get("key"), NoSuchKey);
  EXPECT_TRUE(call(&Service::list_objects_v2, {.bucket = "bucket"}).contents->empty());

  const DeleteObjectResponse undeleted = remove("key", deleted.version_id);
  EXPECT_EQ(undeleted.delete_marker, true);
  EXPECT_EQ(undeleted.version_id, deleted.version_id);
  EXPECT_EQ(read("key"), "bb");
  EXPECT_EQ(walk(), (Strings{"key 2*", "key 1"}));
}

TEST_F(Versions, that_are_deleted_tell_of_the_marker_in_headers) {
  store_version("key", "a");
  const std::string marker = *remove("key").version_id;
  using Headers = std::vector<std::pair<std::string, std::string>>;
  try {
    get("key");
    FAIL();
  } catch (const NoSuchKey& error) {
    EXPECT_EQ(error.headers,
              (Headers{{"x-amz-delete-marker", "true"}, {"x-amz-version-id", marker}}));
  }
  try {
    call(&Service::head_object, {.bucket = "bucket", .key = "key"});
    FAIL();
  } catch (const NotFound& error) {
    EXPECT_EQ(error.headers.front(), (Headers::value_type{"x-amz-delete-marker", "true"}));
  }
  try {
    read_version("key", marker);
    FAIL();
  } catch (const MethodNotAllowed& error) {
    EXPECT_NE(std::ranges::find(error.headers, Headers::value_type{"Allow", "DELETE"}),
              error.headers.end());
  }
}

TEST_F(Versions, that_are_removed_leave_the_next_older_one_as_the_current) {
  const std::string first = store_version("key", sample(20'000));
  const std::string second = store_version("key", sample(30'000));
  const std::string third = store_version("key", sample(40'000));
  EXPECT_EQ(count_blobs(), 3u);
  remove("key", second);
  EXPECT_EQ(walk(), (Strings{"key 40000*", "key 20000"}));
  remove("key", third);
  EXPECT_EQ(read("key"), sample(20'000));
  EXPECT_EQ(count_blobs(), 1u);
  EXPECT_EQ(remove("key", third).version_id, third);
  remove("key", first);
  EXPECT_TRUE(walk().empty());
  EXPECT_EQ(count_blobs(), 0u);
}

TEST_F(Versions, that_do_not_exist_are_no_such_version_and_other_texts_are_no_ids) {
  store_version("key", "a");
  const std::string other = store_version("other", "b");
  EXPECT_THROW(read_version("key", other), NoSuchVersion);
  EXPECT_THROW(read_version("key", "null"), NoSuchVersion);
  EXPECT_THROW(read_version("key", "short"), InvalidArgument);
  EXPECT_THROW(read_version("key", ""), InvalidArgument);
  EXPECT_THROW(remove("key", "short"), InvalidArgument);
}

TEST_F(Versions, from_before_versioning_are_the_null_version) {
  make_bucket("old");
  PutObjectRequest request{.bucket = "old", .key = "key"};
  request.body = "before";
  EXPECT_EQ(call(&Service::put_object, request).version_id, std::nullopt);
  PutBucketVersioningRequest enable{.bucket = "old"};
  enable.versioning_configuration.status = "Enabled";
  call(&Service::put_bucket_versioning, enable);
  const auto get_null = [&] {
    return content_of(
        call(&Service::get_object, {.bucket = "old", .key = "key", .version_id = "null"}).body);
  };
  EXPECT_EQ(get_null(), "before");
  request.body = "after";
  call(&Service::put_object, request);
  EXPECT_EQ(get_null(), "before");
  EXPECT_EQ(call(&Service::list_object_versions, {.bucket = "old"}).versions->back().version_id,
            "null");
}

TEST_F(Versions, of_a_suspended_bucket_take_the_place_of_the_null_version_only) {
  const std::string first = store_version("key", "a");
  set_versioning("Suspended");
  EXPECT_EQ(put("key", "bb").version_id, std::nullopt);
  EXPECT_EQ(put("key", "ccc").version_id, std::nullopt);
  EXPECT_EQ(walk(), (Strings{"key 3*", "key 1"}));

  set_versioning("Enabled");
  store_version("key", "dddd");
  EXPECT_EQ(read_version("key", "null"), "ccc");
  set_versioning("Suspended");
  put("key", "eeeee");
  EXPECT_EQ(walk(), (Strings{"key 5*", "key 4", "key 1"}));
  EXPECT_EQ(read_version("key", first), "a");
}

TEST_F(Versions, of_a_suspended_bucket_are_removed_under_a_null_delete_marker) {
  store_version("key", "a");
  set_versioning("Suspended");
  put("key", "bb");
  const DeleteObjectResponse deleted = remove("key");
  EXPECT_EQ(deleted.version_id, "null");
  EXPECT_EQ(deleted.delete_marker, true);
  EXPECT_EQ(walk(), (Strings{"key D*", "key 1"}));
  remove("key");
  EXPECT_EQ(walk(), (Strings{"key D*", "key 1"}));
  put("key", "ccc");
  EXPECT_EQ(walk(), (Strings{"key 3*", "key 1"}));
  remove("key", "null");
  EXPECT_EQ(read("key"), "a");
}

TEST_F(Versions, of_keys_that_begin_alike_are_kept_apart) {
  for (const std::string key : {"a", "ab", "a/b", "a\x01", "b"}) {
    store_version(key, "1");
    store_version(key, "22");
  }
  remove("ab");
  EXPECT_EQ(walk(), (Strings{"a 2*", "a 1", "a\x01 2*", "a\x01 1", "a/b 2*", "a/b 1", "ab D*",
                             "ab 2", "ab 1", "b 2*", "b 1"}));
}

TEST_F(Versions, are_listed_page_by_page_with_nothing_missing_and_nothing_twice) {
  for (const std::string key : {"a", "b", "c"})
    for (int i = 0; i < 3; ++i) store_version(key, "x");
  remove("b");
  for (const std::int32_t size : {1, 2, 3, 4, 7}) {
    std::set<std::string> ids;
    std::size_t count = 0;
    std::optional<std::string> key;
    std::optional<std::string> version;
    for (;;) {
      const auto page = list_with([&](auto& r) {
        r.max_keys = size;
        r.key_marker = key;
        r.version_id_marker = version;
      });
      for (const auto& each : *page.versions) ids.insert(*each.version_id);
      for (const auto& each : *page.delete_markers) ids.insert(*each.version_id);
      count += page.versions->size() + page.delete_markers->size();
      if (!*page.is_truncated) break;
      key = page.next_key_marker;
      version = page.next_version_id_marker;
    }
    EXPECT_EQ(ids.size(), 10u) << size;
    EXPECT_EQ(count, 10u) << size;
  }
}

TEST_F(Versions, are_listed_after_a_version_that_is_gone) {
  store_version("key", "1");
  const std::string second = store_version("key", "22");
  store_version("key", "333");
  remove("key", second);
  const auto page = list_with([&](auto& r) {
    r.key_marker = "key";
    r.version_id_marker = second;
  });
  ASSERT_EQ(page.versions->size(), 1u);
  EXPECT_EQ(page.versions->front().size, 1);
}

TEST_F(Versions, are_listed_with_prefix_and_delimiter) {
  for (const std::string key : {"dir/a", "dir/b", "dir/sub/c", "other"}) store_version(key, "x");
  remove("dir/sub/c");
  const auto page = list_with([](auto& r) {
    r.prefix = "dir/";
    r.delimiter = "/";
  });
  EXPECT_EQ(page.versions->size(), 2u);
  ASSERT_EQ(page.common_prefixes->size(), 1u);
  EXPECT_EQ(page.common_prefixes->front().prefix, "dir/sub/");
  EXPECT_TRUE(page.delete_markers->empty());
  EXPECT_TRUE(list_with([](auto& r) {
                r.delimiter = "/";
                r.key_marker = "dir/";
              }).common_prefixes->empty());
}

TEST_F(Versions, are_listed_after_markers_outside_of_the_prefix) {
  for (const std::string key : {"a", "dir/b", "z"}) store_version(key, "x");
  const auto count_after = [this](const std::string& marker) {
    return list_with([&](auto& r) {
             r.prefix = "dir/";
             r.key_marker = marker;
           })
        .versions->size();
  };
  EXPECT_EQ(count_after("a"), 1u);
  EXPECT_EQ(count_after("dir/b"), 0u);
  EXPECT_EQ(count_after("z"), 0u);
}

TEST_F(Versions, are_not_listed_again_in_the_group_of_a_marker) {
  for (const std::string key : {"a/b", "a/c", "d"}) store_version(key, "x");
  const auto page = list_with([](auto& r) {
    r.delimiter = "/";
    r.key_marker = "a/b";
  });
  EXPECT_TRUE(page.common_prefixes->empty());
  EXPECT_EQ(page.versions->front().key, "d");
}

TEST_F(Versions, are_not_listed_after_markers_that_make_no_sense) {
  EXPECT_THROW(list_with([](auto& r) {
                 r.key_marker = "key";
                 r.version_id_marker = "";
               }),
               InvalidArgument);
  EXPECT_THROW(list_with([](auto& r) { r.version_id_marker = "null"; }), InvalidArgument);
  EXPECT_THROW(list_with([](auto& r) {
                 r.key_marker = "key";
                 r.version_id_marker = "short";
               }),
               InvalidArgument);
}

TEST_F(Versions, keep_their_bucket_from_being_removed) {
  const std::string version = store_version("key", "x");
  const std::string marker = *remove("key").version_id;
  const DeleteBucketRequest request{.bucket = "bucket"};
  EXPECT_THROW(call(&Service::delete_bucket, request), BucketNotEmpty);
  remove("key", version);
  EXPECT_THROW(call(&Service::delete_bucket, request), BucketNotEmpty);
  remove("key", marker);
  EXPECT_NO_THROW(call(&Service::delete_bucket, request));
}

TEST_F(Versions, are_removed_in_batches) {
  const std::string first = store_version("key", "a");
  const std::string second = store_version("key", "bb");
  DeleteObjectsRequest request{.bucket = "bucket"};
  request.delete_.objects = {
      {.key = "key"}, {.key = "key", .version_id = first}, {.key = "key", .version_id = "short"}};
  const DeleteObjectsResponse response = call(&Service::delete_objects, request);
  ASSERT_EQ(response.deleted->size(), 2u);
  EXPECT_EQ(response.deleted->front().delete_marker, true);
  EXPECT_EQ(response.deleted->front().version_id, std::nullopt);
  EXPECT_TRUE(response.deleted->front().delete_marker_version_id.has_value());
  EXPECT_EQ(response.deleted->back().version_id, first);
  EXPECT_EQ(response.deleted->back().delete_marker, std::nullopt);
  EXPECT_EQ(response.errors->front().code, "NoSuchVersion");
  EXPECT_EQ(read_version("key", second), "bb");
}

TEST_F(Versions, are_copied_from_an_older_one_to_the_current) {
  const std::string first = store_version("key", sample(50'000));
  store_version("key", "other");
  const CopyObjectResponse copied =
      call(&Service::copy_object,
           {.bucket = "bucket", .copy_source = "bucket/key?versionId=" + first, .key = "key"});
  EXPECT_EQ(copied.copy_source_version_id, first);
  EXPECT_NE(copied.version_id, first);
  EXPECT_EQ(read("key"), sample(50'000));
  EXPECT_EQ(count_blobs(), 1u);
  remove("key", first);
  EXPECT_EQ(read("key"), sample(50'000));
  EXPECT_THROW(
      call(&Service::copy_object,
           {.bucket = "bucket", .copy_source = "bucket/key?versionId=" + first, .key = "key"}),
      NoSuchVersion);
}

TEST_F(Versions, of_an_upload_are_told_of_again_also_when_newer_ones_cover_them) {
  const std::string id =
      *call(&Service::create_multipart_upload, {.bucket = "bucket", .key = "key"}).upload_id;
  UploadPartRequest part{.bucket = "bucket", .key = "key", .part_number = 1, .upload_id = id};
  part.body = "content";
  const std::string etag = *call(&Service::upload_part, part).etag;
  CompleteMultipartUploadRequest complete{.bucket = "bucket", .key = "key", .upload_id = id};
  complete.multipart_upload.emplace().parts.emplace().push_back({.etag = etag, .part_number = 1});
  const auto version = call(&Service::complete_multipart_upload, complete).version_id;
  store_version("key", "newer");
  EXPECT_EQ(call(&Service::complete_multipart_upload, complete).version_id, version);
  EXPECT_EQ(read("key"), "newer");
  remove("key", version);
  EXPECT_THROW(call(&Service::complete_multipart_upload, complete), NoSuchUpload);
}

TEST_F(Versions, are_not_copied_from_a_delete_marker) {
  store_version("key", "x");
  CopyObjectRequest request{.bucket = "bucket", .key = "copy"};
  request.copy_source = "bucket/key?versionId=" + *remove("key").version_id;
  EXPECT_THROW(call(&Service::copy_object, request), InvalidRequest);
  request.copy_source = "bucket/key";
  EXPECT_THROW(call(&Service::copy_object, request), NoSuchKey);
}

TEST_F(Versions, are_written_under_conditions_of_the_current_one) {
  const std::string first = store_version("key", "a");
  PutObjectRequest request{.bucket = "bucket", .if_none_match = "*", .key = "key"};
  EXPECT_THROW(call(&Service::put_object, request), PreconditionFailed);
  remove("key");
  EXPECT_NO_THROW(call(&Service::put_object, request));
  remove("key");
  PutObjectRequest match{.bucket = "bucket", .if_match = "x", .key = "key"};
  EXPECT_THROW(call(&Service::put_object, match), NoSuchKey);
  EXPECT_EQ(read_version("key", first), "a");
}

TEST_F(Versions, survive_a_kill_of_the_server) {
  const std::string first = store_version("key", "a");
  store_version("key", "bb");
  remove("key");
  ASSERT_TRUE(store->flush());
  kill_and_restart();
  EXPECT_EQ(walk(), (Strings{"key D*", "key 2", "key 1"}));
  store_version("key", "ccc");
  EXPECT_EQ(walk(), (Strings{"key 3*", "key D", "key 2", "key 1"}));
  EXPECT_EQ(read_version("key", first), "a");
}

TEST_F(Versions, know_when_they_were_covered) {
  store_version("key", "a");
  simulation.loop.advance(std::chrono::hours(24));
  const runtime::Time covered = simulation.loop.now();
  store_version("key", "bb");
  simulation.loop.advance(std::chrono::hours(24));
  Catalog catalog(*store, simulation.random);
  VersionCursor place(catalog, "bucket");
  EXPECT_EQ(place.version().noncurrent_since, std::nullopt);
  place.next();
  EXPECT_EQ(place.version().noncurrent_since, covered);
}

TEST_F(Versions, are_told_of_as_the_bucket_s_state) {
  const auto status = [this](const std::string& bucket) {
    return call(&Service::get_bucket_versioning, {.bucket = bucket}).status;
  };
  make_bucket("other");
  EXPECT_EQ(status("other"), std::nullopt);
  EXPECT_EQ(status("bucket"), "Enabled");
  set_versioning("Suspended");
  EXPECT_EQ(status("bucket"), "Suspended");
  EXPECT_THROW(call(&Service::put_bucket_versioning, {.bucket = "bucket"}),
               IllegalVersioningConfigurationException);
  PutBucketVersioningRequest request{.bucket = "bucket"};
  request.versioning_configuration.status = "Enabled";
  request.versioning_configuration.mfa_delete = "Enabled";
  EXPECT_THROW(call(&Service::put_bucket_versioning, request), NotImplemented);
}

}  // namespace
}  // namespace matinee::s3
