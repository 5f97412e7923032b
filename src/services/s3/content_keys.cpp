// How new content is encrypted, and whether stored content can be read: what KMS has to say about
// the keys of buckets and objects.
#include <fmt/format.h>

#include "s3/errors.h"
#include "services/arn.h"
#include "services/s3/configurations/configurations.h"
#include "services/s3/service.h"

namespace matinee::s3 {

namespace {

/// KMS's errors under the names by which S3 passes them on.
[[noreturn]] void tell_of_key(const protocol::ServiceError& error) {
  if (error.name() == "AccessDeniedException") throw AccessDenied(error.message());
  throw protocol::ServiceError("KMS." + error.name(), error.status(), error.message());
}

/// Content is bound to the object's ARN; with a bucket key, to the bucket's.
services::KeyUse use_of(const std::string& key, const ContentPlace& place, bool bucket_key) {
  std::string arn = "arn:aws:s3:::" + place.bucket;
  if (!bucket_key) arn += "/" + place.key;
  return {.key = key, .service = "s3.amazonaws.com", .context = {{"aws:s3:arn", std::move(arn)}}};
}

}  // namespace

std::string Service::require_kms_key(const Context& context, const std::string& region,
                                     const services::KeyUse& use) const {
  try {
    if (context.region == region) return keys_->require_key(context, use);
    // Keys are those of the bucket's region, wherever the call came in.
    Context there = context;
    there.region = region;
    return keys_->require_key(there, use);
  } catch (const protocol::ServiceError& error) {
    tell_of_key(error);
  }
}

void Service::require_decryption(const Context& context,
                                 const std::optional<EncryptionRecord>& stored,
                                 const ContentPlace& place) const {
  if (!keys_ || !stored || stored->kind == EncryptionKind::customer) return;
  const std::optional<services::Arn> arn = services::parse_arn(stored->kms_key);
  if (!arn) return;
  services::KeyUse use = use_of(stored->kms_key, place, stored->bucket_key);
  use.opens = true;
  require_kms_key(context, arn->region, use);
}

std::optional<EncryptionRecord> Service::encryption_of_new(const Context& context,
                                                           const ContentPlace& content,
                                                           const EncryptionHeaders& headers) {
  const auto configuration = Configurations(store_).find<ServerSideEncryptionConfiguration>(
      Configurations::key(content.bucket, ConfigurationKind::encryption));
  EncryptionPlace place{.account = context.account};
  if (configuration && !configuration->rules.empty()) place.rule = &configuration->rules.front();
  if (!headers.algorithm && !headers.kms_key && !headers.kms_context &&
      !headers.customer.present() && !place.rule)
    return std::nullopt;
  if (const auto record = catalog_.buckets.find(content.bucket)) place.region = record->region;
  if (keys_)
    place.find_key = [&](const std::string& key, bool bucket_key) {
      return require_kms_key(context, place.region, use_of(key, content, bucket_key));
    };
  return choose_encryption(headers, place, random_);
}

}  // namespace matinee::s3
