#include "services/s3/service_fixture.h"

namespace matinee::s3 {
namespace {

using std::chrono::hours;

class ObjectLock : public ServiceTest {
 protected:
  ObjectLock() {
    call(&Service::create_bucket,
         CreateBucketRequest{.bucket = "bucket", .object_lock_enabled_for_bucket = true});
  }

  runtime::Time in(std::int64_t days) { return simulation.loop.now() + hours(24 * days); }

  std::string store_locked(const std::string& mode, std::int64_t days) {
    return *put_with([&](auto& r) {
              r.object_lock_mode = mode;
              r.object_lock_retain_until_date = in(days);
            }).version_id;
  }
  PutObjectResponse put_with(const std::function<void(PutObjectRequest&)>& change) {
    PutObjectRequest request{.bucket = "bucket", .checksum_algorithm = "CRC32", .key = "key"};
    request.body = "content";
    request.content_md5 = "mgNkuembtIDdJeHwKEyFVQ==";
    change(request);
    return call(&Service::put_object, request);
  }
  void remove(const std::string& version, bool bypass = false) {
    DeleteObjectRequest request{.bucket = "bucket", .key = "key", .version_id = version};
    request.bypass_governance_retention = bypass;
    call(&Service::delete_object, request);
  }
  void retain(const std::optional<std::string>& mode, std::int64_t days, bool bypass = false) {
    PutObjectRetentionRequest request{.bucket = "bucket", .key = "key"};
    request.retention.emplace().mode = mode;
    if (mode) request.retention->retain_until_date = in(days);
    request.bypass_governance_retention = bypass;
    call(&Service::put_object_retention, request);
  }
  void hold(const std::string& status) {
    PutObjectLegalHoldRequest request{.bucket = "bucket", .key = "key"};
    request.legal_hold.emplace().status = status;
    call(&Service::put_object_legal_hold, request);
  }
  void configure(const std::function<void(DefaultRetention&)>& change) {
    PutObjectLockConfigurationRequest request{.bucket = "bucket"};
    auto& configuration = request.object_lock_configuration.emplace();
    configuration.object_lock_enabled = "Enabled";
    change(configuration.rule.emplace().default_retention.emplace());
    call(&Service::put_object_lock_configuration, request);
  }
};

TEST_F(ObjectLock, keeps_a_version_until_its_retention_ends) {
  for (const std::string mode : {"GOVERNANCE", "COMPLIANCE"}) {
    const std::string version = store_locked(mode, 10);
    EXPECT_THROW(remove(version), AccessDenied);
    simulation.loop.advance(hours(24 * 9));
    EXPECT_THROW(remove(version), AccessDenied);
    simulation.loop.advance(hours(24));
    EXPECT_NO_THROW(remove(version));
  }
}

TEST_F(ObjectLock, in_governance_mode_can_be_bypassed_and_in_compliance_mode_cannot) {
  const std::string governed = store_locked("GOVERNANCE", 1);
  EXPECT_NO_THROW(remove(governed, true));
  const std::string compliant = store_locked("COMPLIANCE", 1);
  EXPECT_THROW(remove(compliant, true), AccessDenied);
}

TEST_F(ObjectLock, does_not_keep_a_delete_marker_or_a_new_version_from_covering_a_version) {
  store_locked("COMPLIANCE", 1);
  const auto marker = call(&Service::delete_object, {.bucket = "bucket", .key = "key"});
  EXPECT_EQ(marker.delete_marker, true);
  EXPECT_NO_THROW(remove(*marker.version_id));
  EXPECT_EQ(read("key"), "content");
  EXPECT_NO_THROW(put_with([](auto&) {}));
}

TEST_F(ObjectLock, refuses_only_the_locked_versions_of_a_batch) {
  const std::string locked = store_locked("GOVERNANCE", 1);
  const std::string free = *put_with([](auto&) {}).version_id;
  DeleteObjectsRequest request{.bucket = "bucket"};
  request.delete_.objects = {{.key = "key", .version_id = locked},
                             {.key = "key", .version_id = free}};
  const auto response = call(&Service::delete_objects, request);
  ASSERT_EQ(response.errors->size(), 1u);
  EXPECT_EQ(response.errors->front().code, "AccessDenied");
  EXPECT_EQ(response.deleted->size(), 1u);
  request.bypass_governance_retention = true;
  EXPECT_FALSE(call(&Service::delete_objects, request).errors);
}

TEST_F(ObjectLock, by_legal_hold_lasts_until_it_is_taken_away) {
  const std::string version =
      *put_with([](auto& r) { r.object_lock_legal_hold_status = "ON"; }).version_id;
  EXPECT_EQ(get("key").object_lock_legal_hold_status, "ON");
  simulation.loop.advance(hours(24 * 1000));
  EXPECT_THROW(remove(version, true), AccessDenied);
  hold("OFF");
  EXPECT_EQ(
      call(&Service::get_object_legal_hold, {.bucket = "bucket", .key = "key"}).legal_hold->status,
      "OFF");
  EXPECT_NO_THROW(remove(version));
}

TEST_F(ObjectLock, is_reported_with_the_object) {
  store_locked("GOVERNANCE", 3);
  const auto head = call(&Service::head_object, {.bucket = "bucket", .key = "key"});
  EXPECT_EQ(head.object_lock_mode, "GOVERNANCE");
  EXPECT_EQ(head.object_lock_retain_until_date, in(3));
  EXPECT_EQ(head.object_lock_legal_hold_status, std::nullopt);
  const auto retention =
      call(&Service::get_object_retention, {.bucket = "bucket", .key = "key"}).retention;
  EXPECT_EQ(retention->mode, "GOVERNANCE");
  EXPECT_EQ(retention->retain_until_date, in(3));
}

TEST_F(ObjectLock, becomes_longer_at_will_and_shorter_only_with_the_bypass) {
  store_locked("GOVERNANCE", 10);
  EXPECT_NO_THROW(retain("GOVERNANCE", 20));
  EXPECT_THROW(retain("GOVERNANCE", 5), AccessDenied);
  EXPECT_THROW(retain("COMPLIANCE", 30), AccessDenied);
  EXPECT_THROW(retain(std::nullopt, 0), AccessDenied);
  EXPECT_NO_THROW(retain("GOVERNANCE", 5, true));
  EXPECT_NO_THROW(retain(std::nullopt, 0, true));
  EXPECT_THROW(call(&Service::get_object_retention, {.bucket = "bucket", .key = "key"}),
               NoSuchObjectLockConfiguration);
  retain("COMPLIANCE", 10);
  EXPECT_NO_THROW(retain("COMPLIANCE", 20));
  EXPECT_THROW(retain("COMPLIANCE", 19, true), AccessDenied);
  EXPECT_THROW(retain("GOVERNANCE", 30, true), AccessDenied);
  EXPECT_THROW(retain(std::nullopt, 0, true), AccessDenied);
  simulation.loop.advance(hours(24 * 20));
  EXPECT_NO_THROW(retain("GOVERNANCE", 1));
}

TEST_F(ObjectLock, comes_from_the_bucket_where_the_request_has_none) {
  configure([](auto& retention) {
    retention.mode = "COMPLIANCE";
    retention.days = 2;
  });
  EXPECT_THROW(put("key", "content"), InvalidRequest);
  const std::string version = *put_with([](auto&) {}).version_id;
  EXPECT_EQ(get("key").object_lock_retain_until_date, in(2));
  EXPECT_THROW(remove(version, true), AccessDenied);
  const std::string own = store_locked("GOVERNANCE", 1);
  EXPECT_EQ(get("key").object_lock_mode, "GOVERNANCE");
  simulation.loop.advance(hours(48));
  EXPECT_NO_THROW(remove(version));
  EXPECT_NO_THROW(remove(own));
}

TEST_F(ObjectLock, is_given_to_copies_and_multipart_objects) {
  put("source", "content");
  CopyObjectRequest copy{.bucket = "bucket", .copy_source = "bucket/source", .key = "key"};
  copy.object_lock_mode = "COMPLIANCE";
  copy.object_lock_retain_until_date = in(1);
  const std::string copied = *call(&Service::copy_object, copy).version_id;
  EXPECT_THROW(remove(copied), AccessDenied);

  CreateMultipartUploadRequest create{.bucket = "bucket", .key = "key"};
  create.object_lock_legal_hold_status = "ON";
  const std::string id = *call(&Service::create_multipart_upload, create).upload_id;
  UploadPartRequest part{.bucket = "bucket", .key = "key", .part_number = 1, .upload_id = id};
  part.body = "content";
  EXPECT_THROW(call(&Service::upload_part, part), InvalidRequest);
  part.body = "content";
  part.content_md5 = "mgNkuembtIDdJeHwKEyFVQ==";
  const std::string etag = *call(&Service::upload_part, part).etag;
  CompleteMultipartUploadRequest complete{.bucket = "bucket", .key = "key", .upload_id = id};
  complete.multipart_upload.emplace().parts.emplace().push_back({.etag = etag, .part_number = 1});
  const std::string finished = *call(&Service::complete_multipart_upload, complete).version_id;
  EXPECT_THROW(remove(finished, true), AccessDenied);
  EXPECT_EQ(*call(&Service::complete_multipart_upload, complete).version_id, finished);
}

TEST_F(ObjectLock, is_not_copied_along) {
  store_locked("COMPLIANCE", 1);
  call(&Service::copy_object, {.bucket = "bucket", .copy_source = "bucket/key", .key = "copy"});
  EXPECT_EQ(get("copy").object_lock_mode, std::nullopt);
}

TEST_F(ObjectLock, needs_a_bucket_that_has_it) {
  make_bucket("plain");
  PutObjectRequest request{.bucket = "plain", .key = "key"};
  request.body = "content";
  call(&Service::put_object, request);
  request.object_lock_legal_hold_status = "ON";
  EXPECT_THROW(call(&Service::put_object, request), InvalidRequest);
  EXPECT_THROW(call(&Service::get_object_retention, {.bucket = "plain", .key = "key"}),
               InvalidRequest);
  EXPECT_THROW(call(&Service::get_object_legal_hold, {.bucket = "plain", .key = "key"}),
               InvalidRequest);
  EXPECT_THROW(call(&Service::get_object_lock_configuration, {.bucket = "plain"}),
               ObjectLockConfigurationNotFoundError);
}

TEST_F(ObjectLock, is_enabled_on_a_bucket_that_has_versioning_and_then_for_ever) {
  make_bucket("plain");
  PutObjectLockConfigurationRequest request{.bucket = "plain"};
  request.object_lock_configuration.emplace().object_lock_enabled = "Enabled";
  EXPECT_THROW(call(&Service::put_object_lock_configuration, request), InvalidBucketState);
  PutBucketVersioningRequest versioning{.bucket = "plain"};
  versioning.versioning_configuration.status = "Enabled";
  call(&Service::put_bucket_versioning, versioning);
  call(&Service::put_object_lock_configuration, request);
  EXPECT_FALSE(call(&Service::get_object_lock_configuration, {.bucket = "plain"})
                   .object_lock_configuration->rule);
  versioning.versioning_configuration.status = "Suspended";
  EXPECT_THROW(call(&Service::put_bucket_versioning, versioning), InvalidBucketState);
}

TEST_F(ObjectLock, of_a_bucket_is_told_and_refused_where_it_makes_no_sense) {
  configure([](auto& retention) {
    retention.mode = "GOVERNANCE";
    retention.years = 1;
  });
  const auto rule = call(&Service::get_object_lock_configuration, {.bucket = "bucket"})
                        .object_lock_configuration->rule;
  EXPECT_EQ(rule->default_retention->mode, "GOVERNANCE");
  EXPECT_EQ(rule->default_retention->years, 1);
  EXPECT_EQ(rule->default_retention->days, std::nullopt);
  EXPECT_THROW(configure([](auto& r) { r.days = 1; }), MalformedXML);
  EXPECT_THROW(configure([](auto& r) { r.mode = "GOVERNANCE"; }), MalformedXML);
  EXPECT_THROW(configure([](auto& r) {
                 r.mode = "GOVERNANCE";
                 r.days = 1;
                 r.years = 1;
               }),
               MalformedXML);
  EXPECT_THROW(configure([](auto& r) {
                 r.mode = "GOVERNANCE";
                 r.days = 0;
               }),
               InvalidArgument);
  EXPECT_THROW(call(&Service::put_object_lock_configuration, {.bucket = "bucket"}),
               MissingRequestBodyError);
}

TEST_F(ObjectLock, needs_mode_and_date_together_a_date_to_come_and_a_digest_of_the_content) {
  EXPECT_THROW(put_with([](auto& r) { r.object_lock_mode = "GOVERNANCE"; }), InvalidArgument);
  EXPECT_THROW(put_with([&](auto& r) { r.object_lock_retain_until_date = in(1); }),
               InvalidArgument);
  EXPECT_THROW(store_locked("GOVERNANCE", 0), InvalidArgument);
  EXPECT_THROW(put_with([&](auto& r) {
                 r.object_lock_legal_hold_status = "ON";
                 r.content_md5.reset();
               }),
               InvalidRequest);
  put_with([](auto&) {});
  EXPECT_THROW(retain("GOVERNANCE", 0), InvalidArgument);
  EXPECT_THROW(call(&Service::put_object_retention, {.bucket = "bucket", .key = "key"}),
               MissingRequestBodyError);
  EXPECT_THROW(call(&Service::put_object_legal_hold, {.bucket = "bucket", .key = "key"}),
               MissingRequestBodyError);
}

TEST_F(ObjectLock, is_of_one_version_and_survives_a_kill_of_the_server) {
  const std::string first = *put_with([](auto&) {}).version_id;
  const std::string second = *put_with([](auto&) {}).version_id;
  PutObjectRetentionRequest request{.bucket = "bucket", .key = "key", .version_id = first};
  request.retention.emplace().mode = "COMPLIANCE";
  request.retention->retain_until_date = in(1);
  call(&Service::put_object_retention, request);
  ASSERT_TRUE(store->flush());
  kill_and_restart();
  EXPECT_THROW(remove(first), AccessDenied);
  EXPECT_NO_THROW(remove(second));
  EXPECT_THROW(remove(first), AccessDenied);
}

}  // namespace
}  // namespace matinee::s3
