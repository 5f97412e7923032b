// Which ids a version can have, which replies name, and what stands behind that of a delete marker.
#include "services/s3/versioned_fixture.h"

namespace matinee::s3 {
namespace {

class VersionIds : public VersionedTest {};

TEST_F(VersionIds, that_no_bucket_has_issued_are_invalid) {
  const std::string version = store_version("key", "a");
  std::string foreign = version;
  foreign.back() = foreign.back() == 'a' ? 'b' : 'a';
  for (const std::string& id : {foreign, std::string(32, 'a'), std::string(32, 'A')}) {
    EXPECT_THROW(read_version("key", id), InvalidArgument) << id;
    EXPECT_THROW(remove("key", id), InvalidArgument) << id;
    EXPECT_THROW(remove("nothing", id), InvalidArgument) << id;
    DeleteObjectsRequest request{.bucket = "bucket"};
    request.delete_.objects = {{.key = "key", .version_id = id}};
    const DeleteObjectsResponse response = call(&Service::delete_objects, request);
    EXPECT_FALSE(response.deleted) << id;
    EXPECT_EQ(response.errors->front().code, "NoSuchVersion") << id;
    EXPECT_EQ(response.errors->front().message, "The specified version does not exist.") << id;
  }
  EXPECT_EQ(read_version("key", version), "a");
  EXPECT_EQ(remove("other", version).version_id, version);
}

TEST_F(VersionIds, of_another_bucket_are_invalid_where_there_is_no_versioning) {
  const std::string version = store_version("key", "a");
  make_bucket("plain");
  EXPECT_THROW(
      call(&Service::delete_object, {.bucket = "plain", .key = "key", .version_id = version}),
      InvalidArgument);
  EXPECT_NO_THROW(
      call(&Service::delete_object, {.bucket = "plain", .key = "key", .version_id = "null"}));
}

TEST_F(VersionIds, issued_without_a_check_are_found) {
  store_version("key", "a");
  const Catalog::ObjectKey key = Catalog::object_key("bucket", "key");
  Catalog catalog(*store, simulation.random);
  ObjectRecord record = catalog.objects.find(key).value();
  // The sequence number, hidden by as many random bytes, which are zero here.
  ASSERT_EQ(record.version->sequence, 1u);
  const std::string old_id = "AAAAAAAAAAEAAAAAAAAAAAAAAAAAAAAA";
  ASSERT_FALSE(is_issued_id(old_id));
  record.version->id = old_id;
  storage::Transaction transaction(*store);
  catalog.objects.put(key, record);
  transaction.commit();
  EXPECT_EQ(read_version("key", old_id), "a");
  EXPECT_EQ(remove("key", old_id).version_id, old_id);
}

TEST_F(VersionIds, that_are_null_are_not_told_by_writes) {
  set_versioning("Suspended");
  put("key", "a");
  const auto copied =
      call(&Service::copy_object, {.bucket = "bucket", .copy_source = "bucket/key", .key = "copy"});
  EXPECT_EQ(copied.version_id, std::nullopt);
  EXPECT_EQ(copied.copy_source_version_id, std::nullopt);
  PutObjectTaggingRequest tagging{.bucket = "bucket", .key = "key"};
  EXPECT_EQ(call(&Service::put_object_tagging, tagging).version_id, std::nullopt);
  EXPECT_EQ(get("key").version_id, "null");
}

TEST_F(VersionIds, that_are_delete_markers_are_told_to_those_who_would_change_the_object) {
  store_version("key", "a");
  const std::string marker = *remove("key").version_id;
  const auto refused_as = [](const auto& ask) -> decltype(protocol::ServiceError::details) {
    try {
      ask();
    } catch (const MethodNotAllowed& error) {
      return error.details;
    }
    return {};
  };
  using Details = decltype(protocol::ServiceError::details);
  const Details put_details{{"Method", "PUT"}, {"ResourceType", "DeleteMarker"}};
  PutObjectTaggingRequest tagging{.bucket = "bucket", .key = "key"};
  EXPECT_EQ(refused_as([&] { call(&Service::put_object_tagging, tagging); }), put_details);
  EXPECT_EQ(refused_as([&] {
              call(&Service::put_object_acl,
                   PutObjectAclRequest{.acl = "private", .bucket = "bucket", .key = "key"});
            }),
            put_details);
  EXPECT_EQ(refused_as([&] {
              call(&Service::delete_object_tagging,
                   DeleteObjectTaggingRequest{.bucket = "bucket", .key = "key"});
            }),
            (Details{{"Method", "DELETE"}, {"ResourceType", "DeleteMarker"}}));
  EXPECT_EQ(refused_as([&] { read_version("key", marker); }),
            (Details{{"Method", "GET"}, {"ResourceType", "DeleteMarker"}}));
  EXPECT_THROW(
      call(&Service::get_object_tagging, GetObjectTaggingRequest{.bucket = "bucket", .key = "key"}),
      NoSuchKey);
}

}  // namespace
}  // namespace matinee::s3
