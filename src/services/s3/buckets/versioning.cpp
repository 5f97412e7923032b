// The versioning of buckets.
#include "services/s3/requests.h"
#include "services/s3/service.h"

namespace matinee::s3 {

/// Versioning that was once enabled can be suspended, but not given up. The owner's MFA devices, of
/// which a local cloud has none, could protect the versions on AWS.
PutBucketVersioningResponse Service::put_bucket_versioning(
    const Context& context, const PutBucketVersioningRequest& request) {
  BucketRecord bucket = require_bucket(context, request.bucket, request.expected_bucket_owner);
  const VersioningConfiguration& configuration = request.versioning_configuration;
  if (!configuration.status)
    throw IllegalVersioningConfigurationException("The Versioning element must be specified");
  if (configuration.mfa_delete == "Enabled") refuse("MFA delete");
  const bool enabled = *configuration.status == "Enabled";
  if (!enabled && bucket.lock)
    throw InvalidBucketState(
        "An Object Lock configuration is present on this bucket, so the versioning state cannot be "
        "changed.");
  if (!enabled &&
      configurations_.contains(Configurations::key(request.bucket, ConfigurationKind::replication)))
    throw InvalidBucketState(
        "A replication configuration is present on this bucket, so you cannot change the "
        "versioning state. To change the versioning state, first delete the replication "
        "configuration.");
  bucket.versioning = enabled ? Versioning::enabled : Versioning::suspended;
  if (configuration.mfa_delete) bucket.mfa_delete_disabled = true;
  catalog_.buckets.put(request.bucket, bucket);
  return {};
}

GetBucketVersioningResponse Service::get_bucket_versioning(
    const Context& context, const GetBucketVersioningRequest& request) {
  const BucketRecord bucket =
      require_bucket(context, request.bucket, request.expected_bucket_owner);
  GetBucketVersioningResponse response;
  if (bucket.versioning == Versioning::enabled) response.status = "Enabled";
  if (bucket.versioning == Versioning::suspended) response.status = "Suspended";
  if (bucket.mfa_delete_disabled) response.mfa_delete = "Disabled";
  return response;
}

}  // namespace matinee::s3
