#include <fmt/format.h>

#include "services/s3/service_fixture.h"

namespace matinee::s3 {
namespace {

using std::chrono::days;
using std::chrono::hours;

/// Keeps what would be delivered.
class KeptDeliveries final : public services::Outbox {
 public:
  std::vector<std::string> bodies;

  void add(const services::Delivery& delivery) override { bodies.push_back(delivery.body); }
  runtime::Task<> deliver_now(services::Delivery) override { co_return; }
  bool serves(const std::string&) const override { return true; }
  void listen(const std::string&, services::DeliveryListener&) override {}
  void provide(const std::string&, services::DeliveryTarget&) override {}
};

/// The simulation starts on 2024-01-01 at midnight.
class LifecycleRules : public ServiceTest {
 protected:
  void SetUp() override {
    make_bucket();
    // Objects are stored at 10:30.
    simulation.loop.advance(hours(10) + std::chrono::minutes(30));
  }

  static LifecycleRule rule(const std::string& prefix = "") {
    LifecycleRule rule{.id = "a rule", .status = "Enabled"};
    rule.filter.emplace().prefix = prefix;
    return rule;
  }
  static LifecycleRule expire_after(std::int32_t after, const std::string& prefix = "") {
    LifecycleRule result = rule(prefix);
    result.expiration.emplace().days = after;
    return result;
  }
  static LifecycleRule expire_noncurrent(std::int32_t after, std::optional<std::int32_t> kept) {
    LifecycleRule result = rule();
    result.noncurrent_version_expiration = {.noncurrent_days = after,
                                            .newer_noncurrent_versions = kept};
    return result;
  }
  static LifecycleRule move_after(std::int32_t after, const std::string& storage_class) {
    LifecycleRule result = rule();
    result.transitions = {Transition{.days = after, .storage_class = storage_class}};
    return result;
  }

  void set_rules(const std::vector<LifecycleRule>& rules, const std::string& minimum_size = "") {
    PutBucketLifecycleConfigurationRequest request{.bucket = "bucket"};
    request.lifecycle_configuration.emplace().rules = rules;
    if (!minimum_size.empty()) request.transition_default_minimum_object_size = minimum_size;
    call(&Service::put_bucket_lifecycle_configuration, request);
  }
  void set_versioning(const std::string& status) {
    PutBucketVersioningRequest request{.bucket = "bucket"};
    request.versioning_configuration.status = status;
    call(&Service::put_bucket_versioning, request);
  }
  HeadObjectResponse head(const std::string& key) {
    return call(&Service::head_object, HeadObjectRequest{.bucket = "bucket", .key = key});
  }
  bool exists(const std::string& key) {
    try {
      head(key);
      return true;
    } catch (const NotFound&) {
      return false;
    }
  }
  std::size_t count_objects() {
    return call(&Service::list_objects_v2, ListObjectsV2Request{.bucket = "bucket"})
        .contents->size();
  }
  ListObjectVersionsResponse versions() {
    return call(&Service::list_object_versions, ListObjectVersionsRequest{.bucket = "bucket"});
  }
  std::string storage_class_of(const std::string& key) {
    return head(key).storage_class.value_or("STANDARD");
  }
};

TEST_F(LifecycleRules, remove_an_object_on_the_midnight_after_its_days) {
  set_rules({expire_after(3)});
  put("key", "content");
  // Stored on January 1 at 10:30 with three days: gone on January 5 at midnight.
  simulation.loop.advance(days(3) + hours(13));
  EXPECT_TRUE(exists("key"));
  simulation.loop.advance(hours(1));
  EXPECT_FALSE(exists("key"));
  EXPECT_EQ(count_objects(), 0u);
}

TEST_F(LifecycleRules, apply_to_the_objects_that_their_filter_means) {
  LifecycleRule tagged = rule();
  tagged.filter->prefix.reset();
  tagged.filter->tag = Tag{.key = "keep", .value = "no"};
  tagged.expiration.emplace().days = 1;
  tagged.id = "tagged";
  LifecycleRule large = rule();
  large.filter->prefix.reset();
  large.filter->and_ = LifecycleRuleAndOperator{.prefix = "logs/", .object_size_greater_than = 10};
  large.expiration.emplace().days = 1;
  large.id = "large";
  LifecycleRule disabled = expire_after(1);
  disabled.status = "Disabled";
  disabled.id = "disabled";
  set_rules({expire_after(1, "temporary/"), tagged, large, disabled});
  put("temporary/a", "x");
  put("logs/large", "eleven byte");
  put("logs/small", "ten  bytes");
  put("other", "eleven bytes and more");
  PutObjectRequest with_tag{.bucket = "bucket", .key = "tagged", .tagging = "keep=no&a=b"};
  call(&Service::put_object, with_tag);
  simulation.loop.advance(days(2));
  EXPECT_FALSE(exists("temporary/a"));
  EXPECT_FALSE(exists("logs/large"));
  EXPECT_FALSE(exists("tagged"));
  EXPECT_TRUE(exists("logs/small"));
  EXPECT_TRUE(exists("other"));
}

TEST_F(LifecycleRules, can_name_the_day_itself) {
  LifecycleRule dated = rule();
  dated.expiration.emplace().date = std::chrono::sys_days(std::chrono::year(2024) / 1 / 10);
  set_rules({dated});
  put("key", "content");
  simulation.loop.advance(days(8));
  EXPECT_TRUE(exists("key"));
  simulation.loop.advance(days(1));
  EXPECT_FALSE(exists("key"));
}

TEST_F(LifecycleRules, cover_the_objects_of_a_versioned_bucket_with_delete_markers) {
  set_versioning("Enabled");
  set_rules({expire_after(1)});
  put("key", "content");
  simulation.loop.advance(days(2));
  EXPECT_FALSE(exists("key"));
  EXPECT_EQ(versions().versions->size(), 1u);
  EXPECT_EQ(versions().delete_markers->size(), 1u);
}

TEST_F(LifecycleRules, remove_versions_some_days_after_they_stopped_being_current) {
  set_versioning("Enabled");
  put("key", "first");
  simulation.loop.advance(days(10));
  set_rules({expire_noncurrent(2, std::nullopt)});
  put("key", "second");
  simulation.loop.advance(days(2));
  EXPECT_EQ(versions().versions->size(), 2u);
  simulation.loop.advance(days(1));
  EXPECT_EQ(versions().versions->size(), 1u);
  EXPECT_EQ(read("key"), "second");
}

TEST_F(LifecycleRules, keep_as_many_of_the_newer_versions_as_they_say) {
  set_versioning("Enabled");
  set_rules({expire_noncurrent(1, 2)});
  for (int number = 0; number < 6; ++number) put("key", fmt::format("{}", number));
  simulation.loop.advance(days(5));
  EXPECT_EQ(versions().versions->size(), 3u);
}

TEST_F(LifecycleRules, never_remove_a_version_that_is_locked) {
  set_versioning("Enabled");
  put("key", "held");
  put("kept", "retained");
  put("gone", "neither");
  {
    storage::Transaction transaction(*store);
    Catalog catalog(*store, simulation.random);
    const auto lock = [&](const std::string& key, const auto& change) {
      ObjectRecord object = *catalog.objects.find(Catalog::object_key("bucket", key));
      change(object);
      catalog.update_object(Catalog::object_key("bucket", key), object);
    };
    lock("key", [](ObjectRecord& object) { object.legal_hold = true; });
    lock("kept", [&](ObjectRecord& object) {
      object.retention = {.mode = LockMode::governance, .until = simulation.loop.now() + days(30)};
    });
    transaction.commit();
  }
  for (const char* key : {"key", "kept", "gone"}) put(key, "newer");
  set_rules({expire_noncurrent(1, std::nullopt)});
  simulation.loop.advance(days(10));
  EXPECT_EQ(versions().versions->size(), 5u);
  simulation.loop.advance(days(30));
  EXPECT_EQ(versions().versions->size(), 4u);
}

TEST_F(LifecycleRules, remove_delete_markers_that_cover_nothing) {
  set_versioning("Enabled");
  put("key", "content");
  const std::string version = *versions().versions->front().version_id;
  call(&Service::delete_object, DeleteObjectRequest{.bucket = "bucket", .key = "key"});
  put("other", "content");
  call(&Service::delete_object, DeleteObjectRequest{.bucket = "bucket", .key = "other"});
  call(&Service::delete_object,
       DeleteObjectRequest{.bucket = "bucket", .key = "key", .version_id = version});
  LifecycleRule markers = rule();
  markers.expiration.emplace().expired_object_delete_marker = true;
  set_rules({markers});
  simulation.loop.advance(days(1));
  ASSERT_EQ(versions().delete_markers->size(), 1u);
  EXPECT_EQ(versions().delete_markers->front().key, "other");
}

TEST_F(LifecycleRules, abort_uploads_that_nobody_completes) {
  LifecycleRule abort = rule("up");
  abort.abort_incomplete_multipart_upload = {.days_after_initiation = 2};
  set_rules({abort});
  const auto begun = call(&Service::create_multipart_upload,
                          CreateMultipartUploadRequest{.bucket = "bucket", .key = "upload"});
  EXPECT_EQ(begun.abort_rule_id, "a rule");
  EXPECT_EQ(*begun.abort_date, std::chrono::sys_days(std::chrono::year(2024) / 1 / 4));
  UploadPartRequest part{.bucket = "bucket", .key = "upload", .part_number = 1};
  part.upload_id = *begun.upload_id;
  part.body = sample(100'000);
  call(&Service::upload_part, part);
  call(&Service::create_multipart_upload,
       CreateMultipartUploadRequest{.bucket = "bucket", .key = "another"});
  EXPECT_EQ(count_blobs(), 1u);
  simulation.loop.advance(days(3));
  const auto listed =
      call(&Service::list_multipart_uploads, ListMultipartUploadsRequest{.bucket = "bucket"});
  ASSERT_EQ(listed.uploads->size(), 1u);
  EXPECT_EQ(listed.uploads->front().key, "another");
  EXPECT_EQ(count_blobs(), 0u);
}

TEST_F(LifecycleRules, move_objects_to_colder_storage_classes) {
  LifecycleRule moves = rule();
  moves.transitions = {Transition{.days = 30, .storage_class = "STANDARD_IA"},
                       Transition{.days = 60, .storage_class = "GLACIER_IR"}};
  set_rules({moves});
  put("large", sample(200'000));
  put("small", "content");
  simulation.loop.advance(days(31));
  EXPECT_EQ(storage_class_of("large"), "STANDARD_IA");
  simulation.loop.advance(days(30));
  EXPECT_EQ(storage_class_of("large"), "GLACIER_IR");
  EXPECT_EQ(read("large"), sample(200'000));
  EXPECT_EQ(storage_class_of("small"), "STANDARD");
}

TEST_F(LifecycleRules, move_small_objects_only_where_they_say_so) {
  set_rules({move_after(1, "GLACIER_IR")}, "varies_by_storage_class");
  put("small", "content");
  simulation.loop.advance(days(2));
  EXPECT_EQ(storage_class_of("small"), "STANDARD");
  set_rules({move_after(1, "GLACIER")}, "varies_by_storage_class");
  simulation.loop.advance(days(1));
  EXPECT_EQ(storage_class_of("small"), "GLACIER");
}

TEST_F(LifecycleRules, are_told_by_the_replies_about_an_object) {
  set_rules({expire_after(3)});
  const std::string expected =
      "expiry-date=\"Fri, 05 Jan 2024 00:00:00 GMT\", rule-id=\"a%20rule\"";
  EXPECT_EQ(put("key", "content").expiration, expected);
  EXPECT_EQ(head("key").expiration, expected);
  EXPECT_EQ(get("key").expiration, expected);
}

TEST_F(LifecycleRules, act_after_the_next_start_where_nothing_ran_at_midnight) {
  set_rules({expire_after(1)});
  put("key", "content");
  ASSERT_TRUE(store->flush());
  kill_and_restart();
  service.reset();
  simulation.loop.advance(days(5));
  service = std::make_unique<Service>(*store, simulation.runtime());
  EXPECT_TRUE(exists("key"));
  simulation.loop.run_until_idle();
  EXPECT_FALSE(exists("key"));
}

TEST_F(LifecycleRules, go_over_a_large_bucket_in_steps_that_a_crash_may_interrupt) {
  set_versioning("Enabled");
  for (int number = 0; number < 700; ++number) put(fmt::format("k{:04}", number % 350), "x");
  LifecycleRule both = expire_after(1);
  both.noncurrent_version_expiration = {.noncurrent_days = 1,
                                        .newer_noncurrent_versions = std::nullopt};
  set_rules({both});
  service.reset();
  simulation.loop.advance(days(2));
  service = std::make_unique<Service>(*store, simulation.runtime());
  simulation.loop.set_flush([this] { ASSERT_TRUE(store->flush()); });
  // One round and no more: other work had its turn before the pass was through.
  simulation.loop.post([this] { simulation.loop.stop(); });
  simulation.loop.run();
  const std::size_t left = count_objects();
  EXPECT_GT(left, 0u);
  EXPECT_LT(left, 350u);
  kill_and_restart();
  simulation.loop.run_until_idle();
  EXPECT_EQ(count_objects(), 0u);
  // The versions that had not been current for long stay until the next day's pass.
  EXPECT_EQ(versions().versions->size(), 350u);
}

TEST_F(LifecycleRules, are_carried_out_at_once_when_told) {
  put("key", "content");
  simulation.loop.advance(days(5));
  set_rules({expire_after(1)});
  service->run_lifecycle();
  simulation.loop.run_until_idle();
  EXPECT_FALSE(exists("key"));
}

TEST_F(LifecycleRules, tell_queues_what_they_do) {
  KeptDeliveries outbox;
  service.reset();
  service = std::make_unique<Service>(*store, simulation.runtime(), &outbox);
  PutBucketNotificationConfigurationRequest request{.bucket = "bucket"};
  request.notification_configuration.queue_configurations = {
      QueueConfiguration{.queue_arn = "arn:aws:sqs:us-east-1:000000000000:queue",
                         .events = {"s3:LifecycleExpiration:*", "s3:LifecycleTransition"}}};
  call(&Service::put_bucket_notification_configuration, request);
  LifecycleRule moves = move_after(1, "GLACIER_IR");
  moves.expiration.emplace().days = 2;
  set_rules({moves});
  put("key", sample(200'000));
  simulation.loop.advance(days(2));
  simulation.loop.advance(days(1));
  ASSERT_EQ(outbox.bodies.size(), 2u);
  EXPECT_NE(outbox.bodies[0].find("\"LifecycleTransition\""), std::string::npos);
  EXPECT_NE(outbox.bodies[1].find("\"LifecycleExpiration:Delete\""), std::string::npos);
  EXPECT_NE(outbox.bodies[1].find("\"s3.amazonaws.com\""), std::string::npos);
  service.reset();
}

TEST_F(LifecycleRules, that_are_deleted_do_nothing_any_more) {
  set_rules({expire_after(1)});
  put("key", "content");
  call(&Service::delete_bucket_lifecycle, DeleteBucketLifecycleRequest{.bucket = "bucket"});
  simulation.loop.advance(days(5));
  EXPECT_TRUE(exists("key"));
  EXPECT_EQ(head("key").expiration, std::nullopt);
}

}  // namespace
}  // namespace matinee::s3
