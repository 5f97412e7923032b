// Who may do what with buckets and objects.
#include <gmock/gmock.h>

#include "s3/operations.h"
#include "services/s3/service_fixture.h"

namespace matinee::s3 {

class Access : public ServiceTest {
 protected:
  Access() {
    make_bucket();
    put("key", "content");
  }

  Context owner{.caller_arn = "arn:aws:iam::000000000000:root"};
  Context stranger{.account = "111122223333", .caller_arn = "arn:aws:iam::111122223333:root"};
  Context nobody{.anonymous = true};

  template <class Request>
  bool may(const Context& caller, const protocol::Operation& operation, const Request& request) {
    try {
      service->authorize(caller, operation, &request);
      return true;
    } catch (const AccessDenied&) {
      return false;
    }
  }
  bool may_get(const Context& caller, const std::string& key = "key") {
    return may(caller, operations::GetObject, GetObjectRequest{.bucket = "bucket", .key = key});
  }
  bool may_put(const Context& caller) {
    return may(caller, operations::PutObject, PutObjectRequest{.bucket = "bucket", .key = "new"});
  }
  bool may_list(const Context& caller, const std::string& prefix = "") {
    return may(caller, operations::ListObjectsV2,
               ListObjectsV2Request{.bucket = "bucket", .prefix = prefix});
  }

  void put_policy(const std::string& statements) {
    call(&Service::put_bucket_policy,
         PutBucketPolicyRequest{
             .bucket = "bucket",
             .policy = R"({"Version":"2012-10-17","Statement":[)" + statements + "]}"});
  }
  static std::string statement(const std::string& effect, const std::string& rest) {
    return R"({"Effect":")" + effect + R"(",)" + rest + "}";
  }
  static std::string allow_reads(const std::string& principal) {
    return statement("Allow", R"("Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*",)"
                              R"("Principal":)" +
                                  principal);
  }
  /// Why a policy is refused.
  std::string fault_of(const std::string& statements) {
    try {
      put_policy(statements);
    } catch (const protocol::ServiceError& error) {
      return error.code() + ": " + error.message();
    }
    return "";
  }
  void unblock() {
    call(&Service::delete_public_access_block, DeletePublicAccessBlockRequest{.bucket = "bucket"});
  }
  void set_ownership(const std::string& name) {
    PutBucketOwnershipControlsRequest request{.bucket = "bucket"};
    request.ownership_controls.rules.push_back({.object_ownership = name});
    call(&Service::put_bucket_ownership_controls, request);
  }
};

TEST_F(Access, a_request_signed_for_another_region_is_told_the_buckets_own) {
  Context abroad = owner;
  abroad.access_key = "test";
  abroad.region = "eu-west-1";
  const GetObjectRequest request{.bucket = "bucket", .key = "key"};
  try {
    service->authorize(abroad, operations::GetObject, &request);
    FAIL() << "it was let in";
  } catch (const AuthorizationHeaderMalformed& error) {
    using Pair = std::pair<std::string, std::string>;
    EXPECT_THAT(error.details, testing::ElementsAre(Pair("Region", "us-east-1")));
    EXPECT_THAT(error.headers, testing::ElementsAre(Pair("x-amz-bucket-region", "us-east-1")));
  }
  EXPECT_TRUE(
      may(abroad, operations::GetBucketLocation, GetBucketLocationRequest{.bucket = "bucket"}));
  abroad.access_key.clear();
  EXPECT_TRUE(may_get(abroad)) << "what is not signed is signed for no region";
}

TEST_F(Access, is_the_owners_accounts_alone_at_first) {
  EXPECT_TRUE(may_get(owner) && may_put(owner) && may_list(owner));
  for (const Context& caller : {stranger, nobody})
    EXPECT_FALSE(may_get(caller) || may_put(caller) || may_list(caller));
}

TEST_F(Access, is_given_by_a_policy_to_another_account) {
  put_policy(allow_reads(R"({"AWS":"111122223333"})"));
  EXPECT_TRUE(may_get(stranger));
  EXPECT_FALSE(may_put(stranger));
  EXPECT_FALSE(may_get(nobody));
  kill_and_restart();
  EXPECT_TRUE(may_get(stranger));
}

TEST_F(Access, to_what_does_not_exist_is_denied_to_who_may_not_list) {
  put_policy(allow_reads(R"({"AWS":"111122223333"})"));
  EXPECT_FALSE(may_get(stranger, "missing"));
  put_policy(allow_reads(R"({"AWS":"111122223333"})") + "," +
             statement("Allow", R"("Principal":{"AWS":"111122223333"},"Action":"s3:ListBucket",)"
                                R"("Resource":"arn:aws:s3:::bucket")"));
  EXPECT_TRUE(may_get(stranger, "missing"));
}

TEST_F(Access, to_what_does_not_exist_is_told_to_who_may_list_and_no_more) {
  const std::string allow_list =
      statement("Allow", R"("Principal":{"AWS":"111122223333"},"Action":"s3:ListBucket",)"
                         R"("Resource":"arn:aws:s3:::bucket")");
  put_policy(allow_list);
  EXPECT_TRUE(may_get(stranger, "missing"));
  EXPECT_FALSE(may_get(stranger));
  put_policy(allow_list + "," +
             statement("Deny", R"("Principal":"*","Action":"s3:GetObject",)"
                               R"("Resource":"arn:aws:s3:::bucket/missing")"));
  EXPECT_FALSE(may_get(stranger, "missing"));
  EXPECT_TRUE(may_get(stranger, "other"));
}

TEST_F(Access, by_a_prefix_is_a_condition_on_listings) {
  put_policy(statement("Allow", R"("Principal":{"AWS":"111122223333"},"Action":"s3:ListBucket",)"
                                R"("Resource":"arn:aws:s3:::bucket",)"
                                R"("Condition":{"StringLike":{"s3:prefix":"films/*"}})"));
  EXPECT_TRUE(may_list(stranger, "films/new"));
  EXPECT_FALSE(may_list(stranger, "books/"));
}

TEST_F(Access, by_tags_of_the_object_is_a_condition) {
  PutObjectRequest request{.bucket = "bucket", .key = "tagged", .tagging = "open=yes"};
  call(&Service::put_object, request);
  put_policy(statement("Allow",
                       R"("Principal":{"AWS":"111122223333"},"Action":"s3:GetObject",)"
                       R"("Resource":"arn:aws:s3:::bucket/*",)"
                       R"("Condition":{"StringEquals":{"s3:ExistingObjectTag/open":"yes"}})"));
  EXPECT_TRUE(may_get(stranger, "tagged"));
  EXPECT_FALSE(may_get(stranger));
}

TEST_F(Access, is_denied_to_the_owner_too_but_not_the_policy_itself) {
  put_policy(statement("Deny", R"("Principal":"*","Action":"s3:*",)"
                               R"("Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*"])"));
  EXPECT_FALSE(may_get(owner));
  EXPECT_FALSE(may_list(owner));
  EXPECT_TRUE(
      may(owner, operations::DeleteBucketPolicy, DeleteBucketPolicyRequest{.bucket = "bucket"}));
  EXPECT_FALSE(
      may(stranger, operations::DeleteBucketPolicy, DeleteBucketPolicyRequest{.bucket = "bucket"}));
}

TEST_F(Access, to_versions_is_an_action_of_its_own) {
  put_policy(allow_reads(R"({"AWS":"111122223333"})"));
  EXPECT_FALSE(may(stranger, operations::GetObject,
                   GetObjectRequest{.bucket = "bucket", .key = "key", .version_id = "null"}));
}

TEST_F(Access, to_locks_and_around_them_needs_actions_of_its_own) {
  const auto allow = [](const std::string& actions) {
    return statement("Allow", R"("Principal":{"AWS":"111122223333"},"Action":[)" + actions +
                                  R"(],"Resource":"arn:aws:s3:::bucket/*")");
  };
  const DeleteObjectRequest plain{.bucket = "bucket", .key = "key", .version_id = "null"};
  DeleteObjectRequest bypassing = plain;
  bypassing.bypass_governance_retention = true;
  PutObjectRequest locking{.bucket = "bucket", .key = "new"};
  locking.object_lock_legal_hold_status = "ON";

  put_policy(allow(R"("s3:DeleteObjectVersion","s3:PutObject")"));
  EXPECT_TRUE(may(stranger, operations::DeleteObject, plain));
  EXPECT_FALSE(may(stranger, operations::DeleteObject, bypassing));
  EXPECT_FALSE(may(stranger, operations::PutObject, locking));
  put_policy(allow(R"("s3:DeleteObjectVersion","s3:BypassGovernanceRetention",)"
                   R"("s3:PutObject","s3:PutObjectLegalHold")"));
  EXPECT_TRUE(may(stranger, operations::DeleteObject, bypassing));
  EXPECT_TRUE(may(stranger, operations::PutObject, locking));
}

TEST_F(Access, to_a_copys_source_is_needed_too) {
  call(&Service::create_bucket, CreateBucketRequest{.bucket = "other-bucket"});
  call(&Service::put_bucket_policy,
       PutBucketPolicyRequest{
           .bucket = "other-bucket",
           .policy = R"({"Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},)"
                     R"("Action":"s3:PutObject","Resource":"arn:aws:s3:::other-bucket/*"}})"});
  const CopyObjectRequest request{
      .bucket = "other-bucket", .copy_source = "bucket/key", .key = "copy"};
  EXPECT_FALSE(may(stranger, operations::CopyObject, request));
  put_policy(allow_reads(R"({"AWS":"111122223333"})"));
  EXPECT_TRUE(may(stranger, operations::CopyObject, request));
}

TEST_F(Access, for_everybody_is_blocked_until_the_block_is_gone) {
  EXPECT_EQ(fault_of(allow_reads(R"("*")")),
            "AccessDenied: User: arn:aws:iam::000000000000:root is not authorized to perform: "
            "s3:PutBucketPolicy on resource: \"arn:aws:s3:::bucket\" because public policies are "
            "prevented by the BlockPublicPolicy setting in S3 Block Public Access.");
  unblock();
  EXPECT_EQ(fault_of(allow_reads(R"("*")")), "");
  EXPECT_TRUE(may_get(nobody));
  EXPECT_FALSE(may_put(nobody));
  call(&Service::put_public_access_block,
       PutPublicAccessBlockRequest{
           .bucket = "bucket",
           .public_access_block_configuration = {.restrict_public_buckets = true}});
  EXPECT_FALSE(may_get(nobody) || may_get(stranger));
  EXPECT_TRUE(may_get(owner));
}

TEST_F(Access, of_policies_is_about_this_bucket_and_real_actions) {
  const std::string all = R"("Effect":"Allow","Principal":{"AWS":"111122223333"},)";
  const auto fault = [&](const std::string& rest) { return fault_of("{" + all + rest + "}"); };
  EXPECT_EQ(fault(R"("Action":"s3:GetObject","Resource":"arn:aws:s3:::other/*")"),
            "MalformedPolicy: Policy has invalid resource");
  EXPECT_EQ(fault(R"("Action":"s3:GetObject","Resource":"*")"),
            "MalformedPolicy: Policy has invalid resource");
  EXPECT_EQ(fault(R"("Action":"s3:Fly","Resource":"arn:aws:s3:::bucket/*")"),
            "MalformedPolicy: Policy has invalid action");
  EXPECT_EQ(fault(R"("Action":"sqs:SendMessage","Resource":"arn:aws:s3:::bucket/*")"),
            "MalformedPolicy: Policy has invalid action");
  EXPECT_EQ(fault(R"("Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket")"),
            "MalformedPolicy: Action does not apply to any resource(s) in statement");
  EXPECT_EQ(fault(R"("Action":"s3:ListBucket","Resource":"arn:aws:s3:::bucket/*")"),
            "MalformedPolicy: Action does not apply to any resource(s) in statement");
  EXPECT_EQ(fault(R"("Action":"s3:*","Resource":"arn:aws:s3:::bucket/*")"), "");
  EXPECT_EQ(fault(R"("Action":"s3:Get*")"), "MalformedPolicy: Missing required field Resource");
  EXPECT_EQ(fault(R"("Action":"s3:*","Resource":"arn:aws:s3:::bucket/)" + std::string(21'000, 'x') +
                  "\""),
            "MalformedPolicy: Policy exceeds the maximum allowed document size.");
}

TEST_F(Access, by_lists_is_off_while_the_bucket_owner_owns_everything) {
  EXPECT_THROW(
      call(&Service::put_bucket_acl, PutBucketAclRequest{.acl = "private", .bucket = "bucket"}),
      AccessControlListNotSupported);
  EXPECT_NO_THROW(
      call(&Service::put_bucket_acl,
           PutBucketAclRequest{.acl = "bucket-owner-full-control", .bucket = "bucket"}));
  PutObjectRequest request{.acl = "private", .bucket = "bucket", .key = "k"};
  EXPECT_NO_THROW(call(&Service::put_object, request)) << "it is that without lists as well";
  context = stranger;
  EXPECT_THROW(call(&Service::put_object, request), AccessControlListNotSupported);
}

TEST_F(Access, by_a_public_list_lets_everybody_read) {
  set_ownership("ObjectWriter");
  const PutObjectAclRequest request{.acl = "public-read", .bucket = "bucket", .key = "key"};
  EXPECT_THROW(call(&Service::put_object_acl, request), AccessDenied);
  unblock();
  call(&Service::put_object_acl, request);
  EXPECT_TRUE(may_get(nobody));
  EXPECT_FALSE(may_list(nobody));
  call(&Service::put_public_access_block,
       PutPublicAccessBlockRequest{
           .bucket = "bucket", .public_access_block_configuration = {.ignore_public_acls = true}});
  EXPECT_FALSE(may_get(nobody));
}

TEST_F(Access, by_a_list_of_the_bucket_lets_others_list_and_store) {
  set_ownership("ObjectWriter");
  call(&Service::put_bucket_acl,
       PutBucketAclRequest{.bucket = "bucket",
                           .grant_read = "id=" + owner_id("111122223333"),
                           .grant_write = "id=\"" + owner_id("111122223333") + "\""});
  EXPECT_TRUE(may_list(stranger) && may_put(stranger));
  EXPECT_FALSE(may_get(stranger));
  EXPECT_TRUE(may_get(stranger, "missing"));
  EXPECT_FALSE(may_get(nobody, "missing"));
  EXPECT_FALSE(may_list(nobody));
}

TEST_F(Access, to_what_another_account_has_stored_is_that_accounts) {
  set_ownership("ObjectWriter");
  call(&Service::put_bucket_acl,
       PutBucketAclRequest{.bucket = "bucket", .grant_write = "id=" + owner_id("111122223333")});
  context = stranger;
  put("theirs", "content");
  EXPECT_TRUE(may_get(stranger, "theirs"));
  EXPECT_FALSE(may_get(owner, "theirs"));
  EXPECT_TRUE(may(owner, operations::DeleteObject,
                  DeleteObjectRequest{.bucket = "bucket", .key = "theirs"}));
  PutObjectRequest request{.acl = "bucket-owner-full-control", .bucket = "bucket", .key = "shared"};
  call(&Service::put_object, request);
  EXPECT_TRUE(may_get(owner, "shared"));
  context = owner;
  call(&Service::put_bucket_acl, PutBucketAclRequest{.acl = "private", .bucket = "bucket"});
  set_ownership("BucketOwnerEnforced");
  EXPECT_TRUE(may_get(owner, "theirs")) << "lists mean nothing any more";
  EXPECT_FALSE(may_get(stranger, "theirs"));
}

TEST_F(Access, ends_with_the_bucket) {
  put_policy(allow_reads(R"({"AWS":"111122223333"})"));
  call(&Service::delete_object, DeleteObjectRequest{.bucket = "bucket", .key = "key"});
  call(&Service::delete_bucket, DeleteBucketRequest{.bucket = "bucket"});
  make_bucket();
  put("key", "content");
  EXPECT_FALSE(may_get(stranger));
}

TEST_F(Access, of_batches_of_removals_is_told_object_by_object) {
  put("films/a", "1");
  put_policy(statement("Allow", R"("Principal":{"AWS":"111122223333"},"Action":"s3:DeleteObject",)"
                                R"("Resource":"arn:aws:s3:::bucket/films/*")"));
  context = stranger;
  DeleteObjectsRequest request{.bucket = "bucket"};
  request.delete_.objects = {{.key = "films/a"}, {.key = "key"}};
  EXPECT_TRUE(may(stranger, operations::DeleteObjects, request));
  const DeleteObjectsResponse response = call(&Service::delete_objects, request);
  ASSERT_EQ(response.deleted->size(), 1);
  EXPECT_EQ(response.deleted->front().key, "films/a");
  ASSERT_EQ(response.errors->size(), 1);
  EXPECT_EQ(response.errors->front().code, "AccessDenied");
}

TEST_F(Access, of_new_buckets_is_what_their_maker_says) {
  const auto make = [&](const char* ownership, const char* acl) {
    CreateBucketRequest request{.acl = acl, .bucket = "second", .object_ownership = ownership};
    call(&Service::create_bucket, request);
  };
  EXPECT_THROW(make("BucketOwnerEnforced", "public-read"), InvalidBucketAclWithObjectOwnership);
  EXPECT_THROW(make("ObjectWriter", "public-read"), InvalidBucketAclWithBlockPublicAccessError);
  make("ObjectWriter", "log-delivery-write");
  EXPECT_EQ(call(&Service::get_bucket_acl, GetBucketAclRequest{.bucket = "second"}).grants->size(),
            3);
}

}  // namespace matinee::s3
