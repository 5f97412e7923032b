// The configurations differ in what is checked, and in what is answered where a bucket has none;
// the rest is written once.

#include "services/s3/configurations/configuration_operations.h"

#include <algorithm>

#include "services/calls_maker.h"
#include "services/s3/encryption/encryption.h"

namespace matinee::s3 {

using Kind = ConfigurationKind;

namespace {

template <class E>
E missing(const std::string& message, const std::string& bucket) {
  E error(message);
  error.details = {{"BucketName", bucket}};
  return error;
}

/// What AWS does to objects of buckets for which nothing else was said, since January 2023.
ServerSideEncryptionConfiguration default_encryption_of_buckets() {
  ServerSideEncryptionRule rule{.bucket_key_enabled = false};
  rule.apply_server_side_encryption_by_default.emplace().sse_algorithm = default_encryption;
  return {.rules = {rule}};
}

/// The tags that a caller may set: AWS's own are CloudFormation's to set, and may be sent again by
/// others as they are.
Tagging without_system_tags(const Tagging& tagging, const std::optional<Tagging>& kept) {
  const auto is_kept = [&](const Tag& tag) {
    return !kept || std::ranges::any_of(kept->tag_set, [&](const Tag& other) {
      return other.key == tag.key && other.value == tag.value;
    });
  };
  Tagging others = tagging;
  std::erase_if(others.tag_set,
                [&](const Tag& tag) { return tag.key.starts_with("aws:") && is_kept(tag); });
  return others;
}

}  // namespace

void throw_missing(Kind kind, const std::string& bucket) {
  switch (kind) {
    case Kind::tagging:
      throw missing<NoSuchTagSet>("The TagSet does not exist", bucket);
    case Kind::lifecycle:
      throw missing<NoSuchLifecycleConfiguration>("The lifecycle configuration does not exist",
                                                  bucket);
    case Kind::website:
      throw missing<NoSuchWebsiteConfiguration>(
          "The specified bucket does not have a website configuration", bucket);
    case Kind::replication:
      throw missing<ReplicationConfigurationNotFoundError>(
          "The replication configuration was not found", bucket);
    case Kind::cors:
      throw missing<NoSuchCORSConfiguration>("The CORS configuration does not exist", bucket);
    default:
      throw NoSuchConfiguration("The specified configuration does not exist.");
  }
}

BucketConfigurations::BucketConfigurations(storage::Store& store, const runtime::Runtime& runtime)
    : ServiceBase(s3::model),
      configurations_(store),
      buckets_(store, storage::TableId{0x0301}),
      random_(runtime.random) {}

std::optional<CORSConfiguration> BucketConfigurations::find_cors(const std::string& bucket) const {
  return configurations_.find<CORSConfiguration>(Configurations::key(bucket, Kind::cors));
}

// Tagging.

void BucketConfigurations::refuse_tagging_with_abac(const std::string& bucket) const {
  const auto abac = configurations_.find<AbacStatus>(Configurations::key(bucket, Kind::abac));
  if (abac && abac->status == "Enabled") throw AccessDenied("Access Denied");
}

/// With attribute-based access control tags decide about permissions, and only S3 Control's
/// TagResource and UntagResource change them.
PutBucketTaggingResponse BucketConfigurations::put_bucket_tagging(
    const Context& context, const PutBucketTaggingRequest& request) {
  require_bucket(context, request.bucket, request.expected_bucket_owner);
  refuse_tagging_with_abac(request.bucket);
  put_tags(request.bucket, request.tagging, services::comes_from_cloudformation(context));
  return {};
}

GetBucketTaggingResponse BucketConfigurations::get_bucket_tagging(
    const Context& context, const GetBucketTaggingRequest& request) {
  return require_configuration<GetBucketTaggingResponse>(context, request, Kind::tagging);
}

DeleteBucketTaggingResponse BucketConfigurations::delete_bucket_tagging(
    const Context& context, const DeleteBucketTaggingRequest& request) {
  require_bucket(context, request.bucket, request.expected_bucket_owner);
  refuse_tagging_with_abac(request.bucket);
  return delete_configuration<DeleteBucketTaggingResponse>(context, request, Kind::tagging);
}

services::Tags BucketConfigurations::tags_of_bucket(const std::string& bucket,
                                                    const std::string& owner) const {
  require_bucket({}, bucket, owner);
  services::Tags tags;
  if (const auto kept = configurations_.find<Tagging>(Configurations::key(bucket, Kind::tagging)))
    for (const Tag& tag : kept->tag_set) tags.emplace_back(tag.key, tag.value);
  return tags;
}

void BucketConfigurations::put_tags_of_bucket(const std::string& bucket,
                                              const services::Tags& tags) {
  Tagging tagging;
  for (const auto& [key, value] : tags) tagging.tag_set.push_back({.key = key, .value = value});
  put_tags(bucket, tagging);
}

void BucketConfigurations::put_tags(const std::string& bucket, const Tagging& tagging,
                                    bool by_system) {
  const Configurations::Key key = Configurations::key(bucket, Kind::tagging);
  std::optional<Tagging> kept;
  if (!by_system) kept = configurations_.find<Tagging>(key).value_or(Tagging{});
  check_configuration(without_system_tags(tagging, kept));
  tagging.tag_set.empty() ? configurations_.erase(key) : configurations_.put(key, tagging);
}

PutBucketAbacResponse BucketConfigurations::put_bucket_abac(const Context& context,
                                                            const PutBucketAbacRequest& request) {
  if (!request.abac_status.status) refuse_document();
  return put_configuration<PutBucketAbacResponse>(context, request, Kind::abac,
                                                  request.abac_status);
}

GetBucketAbacResponse BucketConfigurations::get_bucket_abac(const Context& context,
                                                            const GetBucketAbacRequest& request) {
  return find_configuration<GetBucketAbacResponse>(context, request, Kind::abac)
      .value_or(GetBucketAbacResponse{.abac_status = AbacStatus{.status = "Disabled"}});
}

// Encryption.

PutBucketEncryptionResponse BucketConfigurations::put_bucket_encryption(
    const Context& context, const PutBucketEncryptionRequest& request) {
  ServerSideEncryptionConfiguration configuration = request.server_side_encryption_configuration;
  for (ServerSideEncryptionRule& rule : configuration.rules) {
    if (!rule.bucket_key_enabled) rule.bucket_key_enabled = false;
    if (!rule.apply_server_side_encryption_by_default)
      rule.apply_server_side_encryption_by_default.emplace().sse_algorithm = default_encryption;
  }
  return put_configuration<PutBucketEncryptionResponse>(context, request, Kind::encryption,
                                                        configuration);
}

GetBucketEncryptionResponse BucketConfigurations::get_bucket_encryption(
    const Context& context, const GetBucketEncryptionRequest& request) {
  return find_configuration<GetBucketEncryptionResponse>(context, request, Kind::encryption)
      .value_or(GetBucketEncryptionResponse{.server_side_encryption_configuration =
                                                default_encryption_of_buckets()});
}

DeleteBucketEncryptionResponse BucketConfigurations::delete_bucket_encryption(
    const Context& context, const DeleteBucketEncryptionRequest& request) {
  return delete_configuration<DeleteBucketEncryptionResponse>(context, request, Kind::encryption);
}

// Logging.

/// Logs go to a bucket of the same owner in the same region.
void BucketConfigurations::check_log_target(const BucketRecord& source,
                                            const std::string& target) const {
  const std::optional<BucketRecord> bucket = buckets_.find(target);
  const auto refuse_target = [&](const std::string& reason) {
    InvalidTargetBucketForLogging error(reason);
    error.details = {{"TargetBucket", target}};
    throw error;
  };
  if (!bucket) refuse_target("The target bucket for logging does not exist");
  if (bucket->account != source.account)
    refuse_target("The owner for the bucket to be logged and the target bucket must be the same.");
  if (bucket->region == source.region) return;
  CrossLocationLoggingProhibited error("Cross S3 location logging not allowed. ");
  error.details = {{"TargetBucketLocation", bucket->region},
                   {"SourceBucketLocation", source.region}};
  throw error;
}

/// A status without LoggingEnabled ends the logging.
PutBucketLoggingResponse BucketConfigurations::put_bucket_logging(
    const Context& context, const PutBucketLoggingRequest& request) {
  const BucketRecord bucket =
      require_bucket(context, request.bucket, request.expected_bucket_owner);
  const auto& logging = request.bucket_logging_status.logging_enabled;
  if (!logging)
    return delete_configuration<PutBucketLoggingResponse>(context, request, Kind::logging);
  check_log_target(bucket, logging->target_bucket);
  return put_configuration<PutBucketLoggingResponse>(context, request, Kind::logging,
                                                     request.bucket_logging_status);
}

GetBucketLoggingResponse BucketConfigurations::get_bucket_logging(
    const Context& context, const GetBucketLoggingRequest& request) {
  return find_configuration<GetBucketLoggingResponse>(context, request, Kind::logging)
      .value_or(GetBucketLoggingResponse{});
}

// Website.

PutBucketWebsiteResponse BucketConfigurations::put_bucket_website(
    const Context& context, const PutBucketWebsiteRequest& request) {
  return put_configuration<PutBucketWebsiteResponse>(context, request, Kind::website,
                                                     request.website_configuration);
}

GetBucketWebsiteResponse BucketConfigurations::get_bucket_website(
    const Context& context, const GetBucketWebsiteRequest& request) {
  return require_configuration<GetBucketWebsiteResponse>(context, request, Kind::website);
}

DeleteBucketWebsiteResponse BucketConfigurations::delete_bucket_website(
    const Context& context, const DeleteBucketWebsiteRequest& request) {
  return delete_configuration<DeleteBucketWebsiteResponse>(context, request, Kind::website);
}

// Request payment and acceleration.

PutBucketRequestPaymentResponse BucketConfigurations::put_bucket_request_payment(
    const Context& context, const PutBucketRequestPaymentRequest& request) {
  return put_configuration<PutBucketRequestPaymentResponse>(context, request, Kind::request_payment,
                                                            request.request_payment_configuration);
}

GetBucketRequestPaymentResponse BucketConfigurations::get_bucket_request_payment(
    const Context& context, const GetBucketRequestPaymentRequest& request) {
  return find_configuration<GetBucketRequestPaymentResponse>(context, request,
                                                             Kind::request_payment)
      .value_or(GetBucketRequestPaymentResponse{.payer = "BucketOwner"});
}

PutBucketAccelerateConfigurationResponse BucketConfigurations::put_bucket_accelerate_configuration(
    const Context& context, const PutBucketAccelerateConfigurationRequest& request) {
  require_bucket(context, request.bucket, request.expected_bucket_owner);
  if (!request.accelerate_configuration.status) refuse_document();
  if (request.bucket.find('.') != std::string::npos)
    throw InvalidRequest(
        "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names");
  return put_configuration<PutBucketAccelerateConfigurationResponse>(
      context, request, Kind::accelerate, request.accelerate_configuration);
}

GetBucketAccelerateConfigurationResponse BucketConfigurations::get_bucket_accelerate_configuration(
    const Context& context, const GetBucketAccelerateConfigurationRequest& request) {
  return find_configuration<GetBucketAccelerateConfigurationResponse>(context, request,
                                                                      Kind::accelerate)
      .value_or(GetBucketAccelerateConfigurationResponse{});
}

// Replication, which is kept and not carried out.

void BucketConfigurations::check_replication_targets(
    const BucketRecord& source, const ReplicationConfiguration& configuration) const {
  if (source.versioning != Versioning::enabled)
    throw InvalidRequest(
        "Versioning must be 'Enabled' on the bucket to apply a replication configuration");
  check_configuration(configuration);
  for (const ReplicationRule& rule : configuration.rules) {
    const auto target = buckets_.find(bucket_of_arn(rule.destination.bucket));
    if (!target) throw InvalidRequest("Destination bucket must exist.");
    if (target->versioning != Versioning::enabled)
      throw InvalidRequest("Destination bucket must have versioning enabled.");
  }
}

PutBucketReplicationResponse BucketConfigurations::put_bucket_replication(
    const Context& context, const PutBucketReplicationRequest& request) {
  const BucketRecord bucket =
      require_bucket(context, request.bucket, request.expected_bucket_owner);
  check_replication_targets(bucket, request.replication_configuration);
  ReplicationConfiguration configuration = request.replication_configuration;
  name_rules(configuration.rules, random_);
  return put_configuration<PutBucketReplicationResponse>(context, request, Kind::replication,
                                                         configuration);
}

GetBucketReplicationResponse BucketConfigurations::get_bucket_replication(
    const Context& context, const GetBucketReplicationRequest& request) {
  return require_configuration<GetBucketReplicationResponse>(context, request, Kind::replication);
}

DeleteBucketReplicationResponse BucketConfigurations::delete_bucket_replication(
    const Context& context, const DeleteBucketReplicationRequest& request) {
  return delete_configuration<DeleteBucketReplicationResponse>(context, request, Kind::replication);
}

// CORS.

PutBucketCorsResponse BucketConfigurations::put_bucket_cors(const Context& context,
                                                            const PutBucketCorsRequest& request) {
  return put_configuration<PutBucketCorsResponse>(context, request, Kind::cors,
                                                  request.cors_configuration);
}

GetBucketCorsResponse BucketConfigurations::get_bucket_cors(const Context& context,
                                                            const GetBucketCorsRequest& request) {
  return require_configuration<GetBucketCorsResponse>(context, request, Kind::cors);
}

DeleteBucketCorsResponse BucketConfigurations::delete_bucket_cors(
    const Context& context, const DeleteBucketCorsRequest& request) {
  return delete_configuration<DeleteBucketCorsResponse>(context, request, Kind::cors);
}

}  // namespace matinee::s3
