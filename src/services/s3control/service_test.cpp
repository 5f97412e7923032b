#include "services/s3control/service.h"

#include <gtest/gtest.h>

#include "s3control/errors.h"

namespace matinee::s3control {
namespace {

/// Has tags for one bucket.
class TagsOfOneBucket final : public services::BucketTags {
 public:
  services::Tags tags = {{"a", "1"}, {"b", "2"}};

  void authorize_tags(const Context&, const std::string& bucket,
                      std::string_view action) const override {
    EXPECT_EQ(bucket, "bucket");
    if (action == "s3:UntagResource") throw AccessDenied("Access Denied");
  }
  services::Tags tags_of_bucket(const std::string& bucket,
                                const std::string& owner) const override {
    EXPECT_EQ(bucket, "bucket");
    EXPECT_EQ(owner, "000000000000");
    return tags;
  }
  void put_tags_of_bucket(const std::string& bucket, const services::Tags& put) override {
    EXPECT_EQ(bucket, "bucket");
    tags = put;
  }
};

class TagsOfResources : public testing::Test {
 protected:
  static constexpr const char* arn = "arn:aws:s3:::bucket";

  TagsOfOneBucket bucket;
  Service service{bucket};
  Context context;
};

TEST_F(TagsOfResources, are_those_of_the_bucket) {
  const auto listed =
      service.list_tags_for_resource(context, {.account_id = context.account, .resource_arn = arn});
  ASSERT_EQ(listed.tags->size(), 2u);
  EXPECT_EQ(listed.tags->front().key, "a");
  EXPECT_EQ(listed.tags->front().value, "1");
}

TEST_F(TagsOfResources, are_added_to_and_changed) {
  service.tag_resource(context, {.account_id = context.account,
                                 .resource_arn = arn,
                                 .tags = {{.key = "b", .value = "3"}, {.key = "c", .value = ""}}});
  EXPECT_EQ(bucket.tags, (services::Tags{{"a", "1"}, {"b", "3"}, {"c", ""}}));
}

TEST_F(TagsOfResources, are_removed_whether_they_are_there_or_not) {
  service.untag_resource(
      context, {.account_id = context.account, .resource_arn = arn, .tag_keys = {"a", "missing"}});
  EXPECT_EQ(bucket.tags, (services::Tags{{"b", "2"}}));
}

TEST_F(TagsOfResources, are_changed_by_those_whom_the_bucket_permits_it) {
  const TagResourceRequest add{.account_id = context.account, .resource_arn = arn, .tags = {}};
  EXPECT_NO_THROW(service.authorize(context, operations::TagResource, &add));
  const UntagResourceRequest remove{
      .account_id = context.account, .resource_arn = arn, .tag_keys = {}};
  EXPECT_THROW(service.authorize(context, operations::UntagResource, &remove), AccessDenied);
}

TEST_F(TagsOfResources, are_kept_for_buckets_only) {
  EXPECT_THROW(service.list_tags_for_resource(
                   context, {.account_id = context.account,
                             .resource_arn = "arn:aws:s3:us-east-1:000000000000:accesspoint/name"}),
               NotImplemented);
}

TEST_F(TagsOfResources, have_keys_of_their_own) {
  const Tag tag{.key = "a", .value = "b"};
  EXPECT_THROW(
      service.tag_resource(
          context, {.account_id = context.account, .resource_arn = arn, .tags = {tag, tag}}),
      InvalidTag);
}

}  // namespace
}  // namespace matinee::s3control
