// Object lock of buckets, and retention and legal hold of versions.
#include "services/s3/locks/object_lock.h"
#include "services/s3/requests.h"
#include "services/s3/service.h"

namespace matinee::s3 {

namespace {

MalformedXML malformed() {
  return MalformedXML(
      "The XML you provided was not well-formed or did not validate against our published schema");
}

std::uint32_t require_period(std::int32_t period, std::int32_t most) {
  if (period <= 0)
    throw InvalidArgument("Default retention period must be a positive integer value.");
  if (period > most) throw InvalidArgument("Default retention period is too large.");
  return static_cast<std::uint32_t>(period);
}

/// A mode, and days or years.
BucketLockRecord read_rule(const ObjectLockRule& rule) {
  const auto& retention = rule.default_retention;
  if (!retention || !retention->mode) throw malformed();
  if (retention->default_event_hold) refuse("DefaultEventHold");
  if (retention->days.has_value() == retention->years.has_value()) throw malformed();
  BucketLockRecord lock{.default_mode = parse_lock_mode(*retention->mode)};
  if (retention->days) lock.days = require_period(*retention->days, max_retention_days);
  if (retention->years) lock.years = require_period(*retention->years, max_retention_years);
  return lock;
}

/// Nothing for an empty one, which takes the retention away.
std::optional<RetentionRecord> read_retention(const PutObjectRetentionRequest& request,
                                              runtime::Time now) {
  if (!request.retention) throw empty_body();
  const ObjectLockRetention& asked = *request.retention;
  if (asked.event_hold || asked.event_hold_duration) refuse("EventHold");
  if (asked.mode.has_value() != asked.retain_until_date.has_value()) throw malformed();
  if (!asked.mode) return std::nullopt;
  if (*asked.retain_until_date <= now)
    throw InvalidArgument("The retain until date must be in the future!");
  return RetentionRecord{.mode = parse_lock_mode(*asked.mode), .until = *asked.retain_until_date};
}

void check_has_lock(const BucketRecord& bucket) {
  if (!bucket.lock) throw InvalidRequest("Bucket is missing Object Lock Configuration");
}

NoSuchObjectLockConfiguration no_lock_of(const std::string& key) {
  NoSuchObjectLockConfiguration error(
      "The specified object does not have a ObjectLock configuration");
  error.details = {{"Key", key}};
  return error;
}

}  // namespace

/// Object lock that is enabled stays enabled; what changes is the default retention.
PutObjectLockConfigurationResponse Service::put_object_lock_configuration(
    const Context& context, const PutObjectLockConfigurationRequest& request) {
  BucketRecord bucket = require_bucket(context, request.bucket, request.expected_bucket_owner);
  const auto& configuration = request.object_lock_configuration;
  if (!configuration) throw empty_body();
  if (configuration->object_lock_enabled != "Enabled") throw malformed();
  if (bucket.versioning != Versioning::enabled)
    throw InvalidBucketState(
        "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration");
  bucket.lock = configuration->rule ? read_rule(*configuration->rule) : BucketLockRecord();
  catalog_.buckets.put(request.bucket, bucket);
  return {};
}

GetObjectLockConfigurationResponse Service::get_object_lock_configuration(
    const Context& context, const GetObjectLockConfigurationRequest& request) {
  const BucketRecord bucket =
      require_bucket(context, request.bucket, request.expected_bucket_owner);
  if (!bucket.lock) {
    ObjectLockConfigurationNotFoundError error(
        "Object Lock configuration does not exist for this bucket");
    error.details = {{"BucketName", request.bucket}};
    throw error;
  }
  GetObjectLockConfigurationResponse response;
  ObjectLockConfiguration& configuration = response.object_lock_configuration.emplace();
  configuration.object_lock_enabled = "Enabled";
  if (bucket.lock->default_mode) {
    DefaultRetention& retention = configuration.rule.emplace().default_retention.emplace();
    retention.mode = name_of(*bucket.lock->default_mode);
    if (bucket.lock->days > 0) retention.days = static_cast<std::int32_t>(bucket.lock->days);
    if (bucket.lock->years > 0) retention.years = static_cast<std::int32_t>(bucket.lock->years);
  }
  return response;
}

PutObjectRetentionResponse Service::put_object_retention(const Context& context,
                                                         const PutObjectRetentionRequest& request) {
  check_has_lock(require_bucket(context, request.bucket, request.expected_bucket_owner));
  check_key(request.key);
  ObjectRecord object = require_object(request.bucket, request.key, request.version_id, "PUT");
  const std::optional<RetentionRecord> retention = read_retention(request, clock_.now());
  check_retention_change(object, retention, clock_.now(),
                         request.bypass_governance_retention.value_or(false));
  object.retention = retention;
  catalog_.update_object(Catalog::object_key(request.bucket, request.key), object);
  notify(context, request, "ObjectRetention:Put", object);
  return {};
}

GetObjectRetentionResponse Service::get_object_retention(const Context& context,
                                                         const GetObjectRetentionRequest& request) {
  check_has_lock(require_bucket(context, request.bucket, request.expected_bucket_owner));
  check_key(request.key);
  const ObjectRecord object = require_object(request.bucket, request.key, request.version_id);
  if (!object.retention) throw no_lock_of(request.key);
  GetObjectRetentionResponse response;
  ObjectLockRetention& retention = response.retention.emplace();
  retention.mode = name_of(object.retention->mode);
  retention.retain_until_date = object.retention->until;
  return response;
}

PutObjectLegalHoldResponse Service::put_object_legal_hold(
    const Context& context, const PutObjectLegalHoldRequest& request) {
  check_has_lock(require_bucket(context, request.bucket, request.expected_bucket_owner));
  check_key(request.key);
  if (!request.legal_hold) throw empty_body();
  if (!request.legal_hold->status) throw malformed();
  ObjectRecord object = require_object(request.bucket, request.key, request.version_id, "PUT");
  object.legal_hold = *request.legal_hold->status == "ON";
  catalog_.update_object(Catalog::object_key(request.bucket, request.key), object);
  return {};
}

GetObjectLegalHoldResponse Service::get_object_legal_hold(
    const Context& context, const GetObjectLegalHoldRequest& request) {
  check_has_lock(require_bucket(context, request.bucket, request.expected_bucket_owner));
  check_key(request.key);
  const ObjectRecord object = require_object(request.bucket, request.key, request.version_id);
  if (!object.legal_hold) throw no_lock_of(request.key);
  GetObjectLegalHoldResponse response;
  response.legal_hold.emplace().status = *object.legal_hold ? "ON" : "OFF";
  return response;
}

}  // namespace matinee::s3
