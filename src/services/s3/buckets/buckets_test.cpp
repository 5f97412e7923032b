#include "services/s3/service_fixture.h"

namespace matinee::s3 {
namespace {

class Buckets : public ServiceTest {
 protected:
  std::vector<std::string> names(const ListBucketsRequest& request = {}) {
    std::vector<std::string> found;
    for (const Bucket& bucket : *call(&Service::list_buckets, request).buckets)
      found.push_back(*bucket.name);
    return found;
  }
  CreateBucketRequest located(const std::string& constraint) {
    CreateBucketRequest request{.bucket = "bucket"};
    request.create_bucket_configuration.emplace().location_constraint = constraint;
    return request;
  }
  std::optional<std::string> location() {
    return call(&Service::get_bucket_location, {.bucket = "bucket"}).location_constraint;
  }
};

TEST_F(Buckets, are_found_after_they_are_made) {
  EXPECT_THROW(call(&Service::head_bucket, {.bucket = "bucket"}), NotFound);
  make_bucket();
  EXPECT_EQ(call(&Service::head_bucket, {.bucket = "bucket"}).bucket_region, "us-east-1");
}

TEST_F(Buckets, can_be_made_again_in_us_east_1_only) {
  make_bucket();
  EXPECT_NO_THROW(make_bucket());
  context.region = "eu-west-1";
  EXPECT_THROW(call(&Service::create_bucket, located("eu-west-1")), BucketAlreadyOwnedByYou);
}

TEST_F(Buckets, have_names_that_are_unique_among_accounts) {
  make_bucket();
  context.account = "111111111111";
  EXPECT_THROW(make_bucket(), BucketAlreadyExists);
  EXPECT_TRUE(names().empty());
}

TEST_F(Buckets, need_a_location_constraint_that_agrees_with_the_region) {
  context.region = "eu-west-1";
  EXPECT_THROW(make_bucket(), IllegalLocationConstraintException);
  EXPECT_THROW(call(&Service::create_bucket, located("us-west-2")),
               IllegalLocationConstraintException);
  EXPECT_THROW(call(&Service::create_bucket, located("bar")), IllegalLocationConstraintException);
  EXPECT_THROW(call(&Service::create_bucket, located("us-east-1")),
               IllegalLocationConstraintException);
  EXPECT_EQ(call(&Service::create_bucket, located("eu-west-1")).location,
            "http://bucket.localhost:4566/");
  EXPECT_EQ(location(), "eu-west-1");
}

TEST_F(Buckets, in_the_eu_are_where_they_were_said_to_be) {
  context.region = "eu-west-1";
  call(&Service::create_bucket, located("EU"));
  EXPECT_EQ(location(), "EU");
  EXPECT_EQ(call(&Service::head_bucket, HeadBucketRequest{.bucket = "bucket"}).bucket_region,
            "eu-west-1");
}

TEST_F(Buckets, of_unknown_regions_are_invalid_in_us_east_1_only) {
  EXPECT_THROW(call(&Service::create_bucket, located("bar")), InvalidLocationConstraint);
  EXPECT_THROW(call(&Service::create_bucket, located("us-east-1")), InvalidLocationConstraint);
}

TEST_F(Buckets, are_not_listed_by_regions_and_tokens_that_cannot_be) {
  EXPECT_THROW(call(&Service::list_buckets, ListBucketsRequest{.bucket_region = "bar"}),
               InvalidArgument);
  EXPECT_THROW(call(&Service::list_buckets, ListBucketsRequest{.bucket_region = "EU"}),
               InvalidArgument);
  EXPECT_THROW(call(&Service::list_buckets, ListBucketsRequest{.continuation_token = ""}),
               InvalidArgument);
  EXPECT_NO_THROW(call(&Service::list_buckets, ListBucketsRequest{.bucket_region = "us-east-1"}));
}

TEST_F(Buckets, in_us_east_1_have_no_location_constraint) {
  make_bucket();
  EXPECT_EQ(location(), std::nullopt);
}

TEST_F(Buckets, in_other_regions_can_be_made_from_us_east_1) {
  call(&Service::create_bucket, located("us-west-2"));
  EXPECT_EQ(location(), "us-west-2");
}

TEST_F(Buckets, with_settings_that_are_not_served_are_refused) {
  EXPECT_THROW(call(&Service::create_bucket, {.acl = "public-read", .bucket = "bucket"}),
               InvalidBucketAclWithObjectOwnership);
  EXPECT_THROW(make_bucket("Bucket"), InvalidBucketName);
}

TEST_F(Buckets, are_listed_by_name_in_pages) {
  for (const char* name : {"ccc", "aaa", "bbb", "abc"}) make_bucket(name);
  EXPECT_EQ(names(), (std::vector<std::string>{"aaa", "abc", "bbb", "ccc"}));
  EXPECT_EQ(names({.prefix = "a"}), (std::vector<std::string>{"aaa", "abc"}));

  const auto first = call(&Service::list_buckets, ListBucketsRequest{.max_buckets = 3});
  EXPECT_EQ(first.buckets->size(), 3u);
  EXPECT_EQ(first.buckets->front().bucket_region, "us-east-1");
  EXPECT_EQ(names({.max_buckets = 3, .continuation_token = first.continuation_token}),
            std::vector<std::string>{"ccc"});
  EXPECT_THROW(names({.max_buckets = 0}), InvalidArgument);
}

TEST_F(Buckets, go_only_when_they_are_empty) {
  make_bucket();
  put("key", "content");
  EXPECT_THROW(call(&Service::delete_bucket, {.bucket = "bucket"}), BucketNotEmpty);
  call(&Service::delete_object, {.bucket = "bucket", .key = "key"});
  call(&Service::create_multipart_upload, {.bucket = "bucket", .key = "key"});
  call(&Service::delete_bucket, {.bucket = "bucket"});
  EXPECT_THROW(call(&Service::delete_bucket, {.bucket = "bucket"}), NoSuchBucket);
  EXPECT_TRUE(names().empty());
}

TEST_F(Buckets, of_another_owner_than_expected_are_not_touched) {
  make_bucket();
  EXPECT_THROW(
      call(&Service::delete_bucket, {.bucket = "bucket", .expected_bucket_owner = "111111111111"}),
      AccessDenied);
  try {
    call(&Service::delete_bucket, {.bucket = "bucket", .expected_bucket_owner = "somebody"});
    FAIL() << "no account is called so";
  } catch (const protocol::ServiceError& error) {
    EXPECT_EQ(error.code(), "InvalidBucketOwnerAWSAccountID");
  }
  EXPECT_NO_THROW(
      call(&Service::delete_bucket, {.bucket = "bucket", .expected_bucket_owner = "000000000000"}));
}

TEST_F(Buckets, that_nobody_could_have_made_are_invalid_rather_than_missing) {
  EXPECT_THROW(call(&Service::delete_bucket, {.bucket = "No_Bucket"}), InvalidBucketName);
}

}  // namespace
}  // namespace matinee::s3
