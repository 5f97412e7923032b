#include <fmt/format.h>

#include "services/calls_maker.h"
#include "services/s3/service_fixture.h"

namespace matinee::s3 {
namespace {

class BucketConfigurationsTest : public ServiceTest {
 protected:
  void SetUp() override { make_bucket(); }

  PutBucketCorsRequest cors(const CORSRule& rule) {
    PutBucketCorsRequest request{.bucket = "bucket"};
    request.cors_configuration.cors_rules = {rule};
    return request;
  }
  PutBucketTaggingRequest tagging(const std::vector<Tag>& tags) {
    PutBucketTaggingRequest request{.bucket = "bucket"};
    request.tagging.tag_set = tags;
    return request;
  }
  PutBucketMetricsConfigurationRequest metrics(const std::string& id) {
    PutBucketMetricsConfigurationRequest request{.bucket = "bucket", .id = id};
    request.metrics_configuration.id = id;
    return request;
  }
  PutBucketReplicationRequest replication_to(const std::string& target) {
    PutBucketReplicationRequest request{.bucket = "bucket"};
    request.replication_configuration.role = "arn:aws:iam::000000000000:role/replication";
    ReplicationRule& rule = request.replication_configuration.rules.emplace_back();
    rule.prefix = "";
    rule.status = "Enabled";
    rule.destination.bucket = "arn:aws:s3:::" + target;
    return request;
  }
  void enable_versioning(const std::string& bucket) {
    PutBucketVersioningRequest request{.bucket = bucket};
    request.versioning_configuration.status = "Enabled";
    call(&Service::put_bucket_versioning, request);
  }
};

TEST_F(BucketConfigurationsTest, come_back_as_they_were_put_even_across_a_crash) {
  const CORSRule rule{.id = "a <rule> & more",
                      .allowed_headers = std::vector<std::string>{"*", "x-amz-*"},
                      .allowed_methods = {"GET", "PUT"},
                      .allowed_origins = {"https://*.example.com"},
                      .max_age_seconds = 0};
  call(&Service::put_bucket_cors, cors(rule));
  ASSERT_TRUE(store->flush());
  kill_and_restart();
  const auto kept = call(&Service::get_bucket_cors, GetBucketCorsRequest{.bucket = "bucket"});
  ASSERT_EQ(kept.cors_rules->size(), 1u);
  const CORSRule& found = kept.cors_rules->front();
  EXPECT_EQ(found.id, rule.id);
  EXPECT_EQ(found.allowed_headers, rule.allowed_headers);
  EXPECT_EQ(found.allowed_methods, rule.allowed_methods);
  EXPECT_EQ(found.allowed_origins, rule.allowed_origins);
  EXPECT_EQ(found.expose_headers, std::nullopt);
  EXPECT_EQ(found.max_age_seconds, 0);
  EXPECT_EQ(service->find_cors("bucket")->cors_rules.size(), 1u);
}

TEST_F(BucketConfigurationsTest, are_missing_until_somebody_puts_them) {
  EXPECT_THROW(call(&Service::get_bucket_cors, {.bucket = "bucket"}), NoSuchCORSConfiguration);
  EXPECT_THROW(call(&Service::get_bucket_tagging, {.bucket = "bucket"}), NoSuchTagSet);
  EXPECT_THROW(call(&Service::get_bucket_website, {.bucket = "bucket"}),
               NoSuchWebsiteConfiguration);
  EXPECT_THROW(call(&Service::get_bucket_lifecycle_configuration, {.bucket = "bucket"}),
               NoSuchLifecycleConfiguration);
  EXPECT_THROW(call(&Service::get_bucket_replication, {.bucket = "bucket"}),
               ReplicationConfigurationNotFoundError);
  EXPECT_THROW(call(&Service::get_bucket_metrics_configuration, {.bucket = "bucket", .id = "all"}),
               NoSuchConfiguration);
  EXPECT_THROW(
      call(&Service::delete_bucket_metrics_configuration, {.bucket = "bucket", .id = "all"}),
      NoSuchConfiguration);
  EXPECT_NO_THROW(call(&Service::delete_bucket_cors, {.bucket = "bucket"}));
  EXPECT_FALSE(service->find_cors("bucket"));
}

TEST_F(BucketConfigurationsTest, that_every_bucket_has_are_told_without_being_put) {
  const auto encryption = call(&Service::get_bucket_encryption, {.bucket = "bucket"});
  const ServerSideEncryptionRule& rule =
      encryption.server_side_encryption_configuration->rules.front();
  EXPECT_EQ(rule.apply_server_side_encryption_by_default->sse_algorithm, "AES256");
  EXPECT_EQ(rule.bucket_key_enabled, false);
  EXPECT_EQ(call(&Service::get_bucket_request_payment, {.bucket = "bucket"}).payer, "BucketOwner");
  EXPECT_EQ(call(&Service::get_bucket_accelerate_configuration, {.bucket = "bucket"}).status,
            std::nullopt);
  EXPECT_FALSE(call(&Service::get_bucket_logging, {.bucket = "bucket"}).logging_enabled);
}

TEST_F(BucketConfigurationsTest, can_be_deleted_more_than_once) {
  call(&Service::put_bucket_tagging, tagging({{.key = "a", .value = "b"}}));
  call(&Service::delete_bucket_tagging, DeleteBucketTaggingRequest{.bucket = "bucket"});
  EXPECT_NO_THROW(
      call(&Service::delete_bucket_tagging, DeleteBucketTaggingRequest{.bucket = "bucket"}));
  EXPECT_THROW(call(&Service::get_bucket_tagging, {.bucket = "bucket"}), NoSuchTagSet);
}

TEST_F(BucketConfigurationsTest, go_with_their_bucket) {
  call(&Service::put_bucket_tagging, tagging({{.key = "a", .value = "b"}}));
  call(&Service::put_bucket_metrics_configuration, metrics("all"));
  call(&Service::delete_bucket, DeleteBucketRequest{.bucket = "bucket"});
  make_bucket();
  EXPECT_THROW(call(&Service::get_bucket_tagging, {.bucket = "bucket"}), NoSuchTagSet);
  const auto listed = call(&Service::list_bucket_metrics_configurations,
                           ListBucketMetricsConfigurationsRequest{.bucket = "bucket"});
  EXPECT_TRUE(listed.metrics_configuration_list->empty());
}

TEST_F(BucketConfigurationsTest, of_another_owner_than_expected_are_not_touched) {
  PutBucketTaggingRequest request = tagging({{.key = "a", .value = "b"}});
  request.expected_bucket_owner = "111111111111";
  EXPECT_THROW(call(&Service::put_bucket_tagging, request), AccessDenied);
}

TEST_F(BucketConfigurationsTest, with_ids_are_listed_in_pages_of_a_hundred) {
  for (int number = 0; number < 150; ++number)
    call(&Service::put_bucket_metrics_configuration, metrics(fmt::format("m{:03}", number)));
  ListBucketMetricsConfigurationsRequest request{.bucket = "bucket"};
  const auto first = call(&Service::list_bucket_metrics_configurations, request);
  EXPECT_EQ(first.metrics_configuration_list->size(), 100u);
  EXPECT_EQ(first.is_truncated, true);
  request.continuation_token = first.next_continuation_token;
  const auto second = call(&Service::list_bucket_metrics_configurations, request);
  EXPECT_EQ(second.metrics_configuration_list->size(), 50u);
  EXPECT_EQ(second.metrics_configuration_list->front().id, "m100");
  EXPECT_EQ(second.is_truncated, false);
  EXPECT_EQ(second.next_continuation_token, std::nullopt);
}

TEST_F(BucketConfigurationsTest, with_an_id_other_than_the_one_asked_for_are_refused) {
  PutBucketMetricsConfigurationRequest request = metrics("one");
  request.id = "other";
  EXPECT_THROW(call(&Service::put_bucket_metrics_configuration, request), MalformedXML);
}

TEST_F(BucketConfigurationsTest, may_have_up_to_50_tags_with_keys_of_their_own) {
  std::vector<Tag> tags;
  for (int number = 0; number < 50; ++number)
    tags.push_back({.key = fmt::format("key {}", number), .value = "ä/b"});
  call(&Service::put_bucket_tagging, tagging(tags));
  EXPECT_EQ(call(&Service::get_bucket_tagging, {.bucket = "bucket"}).tag_set.size(), 50u);
  tags.push_back({.key = "one too many", .value = ""});
  EXPECT_THROW(call(&Service::put_bucket_tagging, tagging(tags)), BadRequest);
  const Tag tag{.key = "a", .value = "b"};
  EXPECT_THROW(call(&Service::put_bucket_tagging, tagging({tag, tag})), InvalidTag);
  EXPECT_THROW(call(&Service::put_bucket_tagging, tagging({{.key = "aws:x", .value = ""}})),
               InvalidTag);
  EXPECT_THROW(call(&Service::put_bucket_tagging, tagging({{.key = "a<b", .value = ""}})),
               InvalidTag);
}

TEST_F(BucketConfigurationsTest, of_cors_name_methods_and_one_wildcard_at_most) {
  const CORSRule fine{.allowed_methods = {"GET"}, .allowed_origins = {"*"}};
  CORSRule rule = fine;
  rule.allowed_methods = {"PATCH"};
  EXPECT_THROW(call(&Service::put_bucket_cors, cors(rule)), InvalidRequest);
  rule = fine;
  rule.allowed_origins = {"http://*.*"};
  EXPECT_THROW(call(&Service::put_bucket_cors, cors(rule)), InvalidRequest);
  rule = fine;
  rule.expose_headers = std::vector<std::string>{"x-*"};
  EXPECT_THROW(call(&Service::put_bucket_cors, cors(rule)), InvalidRequest);
  rule = fine;
  rule.allowed_origins.clear();
  EXPECT_THROW(call(&Service::put_bucket_cors, cors(rule)), MalformedXML);
}

TEST_F(BucketConfigurationsTest, of_logging_need_a_bucket_of_the_same_owner_and_region) {
  PutBucketLoggingRequest request{.bucket = "bucket"};
  request.bucket_logging_status.logging_enabled = {.target_bucket = "logs", .target_prefix = "l/"};
  EXPECT_THROW(call(&Service::put_bucket_logging, request), InvalidTargetBucketForLogging);
  make_bucket("logs");
  call(&Service::put_bucket_logging, request);
  const auto kept = call(&Service::get_bucket_logging, {.bucket = "bucket"});
  EXPECT_EQ(kept.logging_enabled->target_prefix, "l/");
  request.bucket_logging_status.logging_enabled.reset();
  call(&Service::put_bucket_logging, request);
  EXPECT_FALSE(call(&Service::get_bucket_logging, {.bucket = "bucket"}).logging_enabled);
}

TEST_F(BucketConfigurationsTest, of_replication_need_versioning_on_both_sides) {
  make_bucket("target");
  EXPECT_THROW(call(&Service::put_bucket_replication, replication_to("target")), InvalidRequest);
  enable_versioning("bucket");
  EXPECT_THROW(call(&Service::put_bucket_replication, replication_to("nowhere")), InvalidRequest);
  EXPECT_THROW(call(&Service::put_bucket_replication, replication_to("target")), InvalidRequest);
  enable_versioning("target");
  call(&Service::put_bucket_replication, replication_to("target"));
  const auto kept = call(&Service::get_bucket_replication, {.bucket = "bucket"});
  EXPECT_FALSE(kept.replication_configuration->rules.front().id->empty());
  PutBucketVersioningRequest suspend{.bucket = "bucket"};
  suspend.versioning_configuration.status = "Suspended";
  EXPECT_THROW(call(&Service::put_bucket_versioning, suspend), InvalidBucketState);
}

TEST_F(BucketConfigurationsTest, have_tags_of_awss_own_that_cloudformation_sets) {
  const Tag own{.key = "aws:cloudformation:stack-name", .value = "shop"};
  EXPECT_THROW(call(&Service::put_bucket_tagging, tagging({own})), InvalidTag);
  context.source_ip = services::cloudformation_address;
  call(&Service::put_bucket_tagging, tagging({own}));
  context.source_ip.clear();
  call(&Service::put_bucket_tagging, tagging({own, {.key = "a", .value = "b"}}));
  EXPECT_EQ(service->tags_of_bucket("bucket", context.account).size(), 2u);
  Tag other = own;
  other.value = "market";
  EXPECT_THROW(call(&Service::put_bucket_tagging, tagging({other})), InvalidTag);
}

TEST_F(BucketConfigurationsTest, leave_tags_to_s3_control_where_access_depends_on_them) {
  call(&Service::put_bucket_abac,
       PutBucketAbacRequest{.bucket = "bucket", .abac_status = {.status = "Enabled"}});
  EXPECT_EQ(call(&Service::get_bucket_abac, {.bucket = "bucket"}).abac_status->status, "Enabled");
  EXPECT_THROW(call(&Service::put_bucket_tagging, tagging({{.key = "a", .value = "b"}})),
               AccessDenied);
  storage::Transaction transaction(*store);
  service->put_tags_of_bucket("bucket", {{"a", "b"}});
  EXPECT_EQ(service->tags_of_bucket("bucket", context.account).size(), 1u);
}

}  // namespace
}  // namespace matinee::s3
