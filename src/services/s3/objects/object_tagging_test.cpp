#include "services/s3/service_fixture.h"

namespace matinee::s3 {
namespace {

class ObjectTags : public ServiceTest {
 protected:
  ObjectTags() {
    make_bucket();
    put("key", "content");
  }

  void tag(const std::vector<Tag>& tags, const std::optional<std::string>& version = {}) {
    PutObjectTaggingRequest request{.bucket = "bucket", .key = "key", .version_id = version};
    request.tagging.tag_set = tags;
    call(&Service::put_object_tagging, request);
  }
  std::map<std::string, std::string> tags(const std::optional<std::string>& version = {}) {
    std::map<std::string, std::string> found;
    const auto response =
        call(&Service::get_object_tagging,
             GetObjectTaggingRequest{.bucket = "bucket", .key = "key", .version_id = version});
    for (const Tag& each : response.tag_set) found[each.key] = each.value;
    return found;
  }
};

using Tags = std::map<std::string, std::string>;

TEST_F(ObjectTags, are_replaced_as_a_whole_counted_and_removed) {
  EXPECT_EQ(tags(), Tags());
  tag({{.key = "a", .value = "1"}, {.key = "b", .value = ""}});
  EXPECT_EQ(tags(), (Tags{{"a", "1"}, {"b", ""}}));
  EXPECT_EQ(get("key").tag_count, 2);
  tag({{.key = "c", .value = "3"}});
  EXPECT_EQ(tags(), (Tags{{"c", "3"}}));
  call(&Service::delete_object_tagging,
       DeleteObjectTaggingRequest{.bucket = "bucket", .key = "key"});
  EXPECT_EQ(tags(), Tags());
  EXPECT_EQ(get("key").tag_count, std::nullopt);
}

TEST_F(ObjectTags, leave_everything_else_of_the_object_as_it_is) {
  const auto before = get("key");
  simulation.loop.advance(std::chrono::hours(1));
  tag({{.key = "a", .value = "1"}});
  EXPECT_EQ(get("key").last_modified, before.last_modified);
  EXPECT_EQ(get("key").etag, before.etag);
  EXPECT_EQ(read("key"), "content");
}

TEST_F(ObjectTags, beyond_their_limits_are_refused) {
  std::vector<Tag> eleven;
  for (int i = 0; i < 11; ++i) eleven.push_back({.key = std::to_string(i), .value = ""});
  EXPECT_THROW(tag(eleven), BadRequest);
  EXPECT_THROW(tag({{.key = "a", .value = "1"}, {.key = "a", .value = "2"}}), InvalidTag);
  EXPECT_THROW(tag({{.key = std::string(129, 'k'), .value = ""}}), InvalidTag);
  EXPECT_THROW(tag({{.key = "k", .value = std::string(257, 'v')}}), InvalidTag);
  EXPECT_THROW(tag({{.key = "k", .value = "<"}}), InvalidTag);
  EXPECT_THROW(tag({{.key = "aws:k", .value = ""}}), InvalidTag);
  EXPECT_EQ(tags(), Tags());
}

TEST_F(ObjectTags, of_an_object_that_is_not_there_are_no_such_key) {
  EXPECT_THROW(call(&Service::get_object_tagging,
                    GetObjectTaggingRequest{.bucket = "bucket", .key = "other"}),
               NoSuchKey);
}

TEST_F(ObjectTags, belong_to_one_version) {
  PutBucketVersioningRequest versioning{.bucket = "bucket"};
  versioning.versioning_configuration.status = "Enabled";
  call(&Service::put_bucket_versioning, versioning);
  const std::string first = *put("key", "first").version_id;
  const std::string second = *put("key", "second").version_id;
  tag({{.key = "of", .value = "first"}}, first);
  EXPECT_EQ(tags(first), (Tags{{"of", "first"}}));
  EXPECT_EQ(tags(second), Tags());
  EXPECT_EQ(tags(), Tags());
  EXPECT_EQ(tags("null"), Tags());
}

TEST_F(ObjectTags, go_with_a_copy_unless_it_has_its_own) {
  tag({{.key = "a", .value = "1"}});
  CopyObjectRequest copy{.bucket = "bucket", .copy_source = "bucket/key", .key = "copy"};
  call(&Service::copy_object, copy);
  EXPECT_EQ(get("copy").tag_count, 1);
  copy.tagging_directive = "REPLACE";
  copy.tagging = "x=1&y=2";
  call(&Service::copy_object, copy);
  EXPECT_EQ(get("copy").tag_count, 2);
}

}  // namespace
}  // namespace matinee::s3
