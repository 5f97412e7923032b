// Buckets: made, found, listed and removed.
#include "protocol/base64.h"
#include "runtime/assertion.h"
#include "services/s3/requests.h"
#include "services/s3/service.h"

namespace matinee::s3 {

namespace {

std::string arn_of(const std::string& bucket) {
  return "arn:aws:s3:::" + bucket;
}

/// As the model's BucketLocationConstraint lists them.
constexpr std::string_view regions_beside_us_east_1[] = {
    "af-south-1",     "ap-east-1",      "ap-east-2",      "ap-northeast-1", "ap-northeast-2",
    "ap-northeast-3", "ap-south-1",     "ap-south-2",     "ap-southeast-1", "ap-southeast-2",
    "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7",
    "ca-central-1",   "ca-west-1",      "cn-north-1",     "cn-northwest-1", "eu-central-1",
    "eu-central-2",   "eu-north-1",     "eu-south-1",     "eu-south-2",     "eu-west-1",
    "eu-west-2",      "eu-west-3",      "il-central-1",   "me-central-1",   "me-south-1",
    "mx-central-1",   "sa-east-1",      "us-east-2",      "us-gov-east-1",  "us-gov-west-1",
    "us-west-1",      "us-west-2"};

bool is_location_constraint(const std::string& text) {
  return text == "EU" ||
         std::ranges::find(regions_beside_us_east_1, text) != std::end(regions_beside_us_east_1);
}

bool is_region(const std::string& text) {
  return text == "us-east-1" || (text != "EU" && is_location_constraint(text));
}

std::optional<std::string> constraint_of(const CreateBucketRequest& request) {
  const auto& configuration = request.create_bucket_configuration;
  if (!configuration || !configuration->location_constraint) return std::nullopt;
  if (configuration->location_constraint->empty()) return std::nullopt;
  return configuration->location_constraint;
}

/// The region of a new bucket. Outside of us-east-1 requests must name the region that they are
/// sent to; requests to us-east-1 may name any other, and no one is told what regions there are but
/// by us-east-1.
std::string region_of_new_bucket(const Context& context, const CreateBucketRequest& request) {
  const std::optional<std::string> constraint = constraint_of(request);
  const bool anywhere = context.region == "us-east-1";
  if (!constraint) {
    if (anywhere) return context.region;
    throw IllegalLocationConstraintException(
        "The unspecified location constraint is incompatible for the region specific endpoint this "
        "request was sent to.");
  }
  if (anywhere && !is_location_constraint(*constraint)) {
    InvalidLocationConstraint error("The specified location-constraint is not valid");
    error.details = {{"LocationConstraint", *constraint}};
    throw error;
  }
  const std::string region = *constraint == "EU" ? "eu-west-1" : *constraint;
  if (region != context.region && !anywhere)
    throw IllegalLocationConstraintException(
        "The " + *constraint +
        " location constraint is incompatible for the region specific endpoint this request was "
        "sent to.");
  return region;
}

/// Names are asked for in their order, so the next bucket is mostly the one.
template <class Buckets>
BucketRecord find_bucket(Buckets& buckets, const std::string& name) {
  if (buckets.valid() && buckets.key() < name) buckets.next();
  if (!buckets.valid() || buckets.key() != name) buckets.seek(name);
  runtime::expect(buckets.valid() && buckets.key() == name, "every owned bucket exists");
  return buckets.record();
}

/// Where a request has named a region, the bucket's own address.
std::string location_of(const Context& context, const CreateBucketRequest& request) {
  if (!constraint_of(request)) return "/" + request.bucket;
  const std::string own = request.bucket + ".";
  const std::string_view host = context.host;
  return "http://" + (host.starts_with(own) ? "" : own) + std::string(host) + "/";
}

InvalidArgument bad_token(const std::string& token) {
  InvalidArgument error("The continuation token provided is incorrect");
  error.details = {{"ArgumentName", "continuation-token"}, {"ArgumentValue", token}};
  return error;
}

void refuse_unserved_settings(const CreateBucketRequest& request) {
  if (request.bucket_namespace && *request.bucket_namespace != "global")
    refuse("x-amz-bucket-namespace: " + *request.bucket_namespace);
  if (const auto& configuration = request.create_bucket_configuration) {
    if (configuration->location || configuration->bucket) refuse("directory buckets");
  }
}

}  // namespace

/// Making a bucket again that one has is an error, but for buckets in us-east-1, where it has
/// always been a success.
CreateBucketResponse Service::create_bucket(const Context& context,
                                            const CreateBucketRequest& request) {
  check_bucket_name(request.bucket);
  refuse_unserved_settings(request);
  const std::string region = region_of_new_bucket(context, request);
  if (const auto existing = catalog_.buckets.find(request.bucket)) {
    if (existing->account != context.account) {
      BucketAlreadyExists error(
          "The requested bucket name is not available. The bucket namespace is shared by all users "
          "of the system. Please select a different name and try again.");
      error.details = {{"BucketName", request.bucket}};
      throw error;
    }
    if (context.region != "us-east-1" || existing->region != "us-east-1") {
      BucketAlreadyOwnedByYou error(
          "Your previous request to create the named bucket succeeded and you already own it.");
      error.details = {{"BucketName", request.bucket}};
      throw error;
    }
  } else {
    if (removed_buckets_.contains(request.bucket))
      throw protocol::ServiceError(
          "OperationAborted", 409,
          "A conflicting conditional operation is currently in progress against this resource. "
          "Please try again.");
    BucketRecord bucket{.account = context.account, .region = region, .created = now()};
    bucket.constraint_is_eu = constraint_of(request) == "EU";
    if (request.object_lock_enabled_for_bucket.value_or(false)) {
      bucket.versioning = Versioning::enabled;
      bucket.lock.emplace();
    }
    catalog_.buckets.put(request.bucket, bucket);
    catalog_.owned.put({context.account, storage::RawKey{request.bucket}}, true);
    set_up_access(context, request);
    if (const auto& configuration = request.create_bucket_configuration)
      if (configuration->tags) put_tags(request.bucket, {.tag_set = *configuration->tags});
  }
  return {.location = location_of(context, request), .bucket_arn = arn_of(request.bucket)};
}

/// Like all replies to HEAD its errors have no code, only a status.
HeadBucketResponse Service::head_bucket(const Context& context, const HeadBucketRequest& request) {
  try {
    const BucketRecord bucket =
        require_bucket(context, request.bucket, request.expected_bucket_owner);
    return {.bucket_arn = arn_of(request.bucket),
            .bucket_region = bucket.region,
            .access_point_alias = false};
  } catch (const NoSuchBucket&) {
    throw NotFound("Not Found");
  }
}

runtime::Task<ListBucketsResponse> Service::list_buckets(const Context& context,
                                                         const ListBucketsRequest& request) {
  if (request.max_buckets && (*request.max_buckets < 1 || *request.max_buckets > 10'000)) {
    InvalidArgument error("Argument max-buckets must be an integer between 1 and 10000");
    error.details = {{"ArgumentName", "max-buckets"},
                     {"ArgumentValue", std::to_string(*request.max_buckets)}};
    throw error;
  }
  const bool paged =
      request.max_buckets || request.continuation_token || request.prefix || request.bucket_region;
  const auto limit = static_cast<std::size_t>(request.max_buckets.value_or(10'000));
  const auto range = catalog_.owned.raw_prefix(request.prefix.value_or(""), context.account);
  auto place = catalog_.owned.cursor(range);
  // Of the same moment: what is removed while the listing gives way is listed all the same.
  auto record = catalog_.buckets.cursor();
  if (request.bucket_region && !is_region(*request.bucket_region)) {
    InvalidArgument error("Argument value " + *request.bucket_region +
                          " is not a valid AWS Region");
    error.details = {{"ArgumentName", "bucket-region"}};
    throw error;
  }
  if (request.continuation_token) {
    const auto after = protocol::base64_decode(*request.continuation_token);
    if (!after || after->empty()) throw bad_token(*request.continuation_token);
    place.seek(std::tuple(context.account, storage::RawKey{*after + '\0'}));
  }

  ListBucketsResponse response{.buckets = std::vector<Bucket>()};
  std::string last;
  for (; place.valid(); place.next()) {
    if (loop_.turns().is_over()) co_await loop_.turns().next();
    const std::string name = std::get<1>(place.key()).bytes;
    const BucketRecord bucket = find_bucket(record, name);
    if (request.bucket_region && bucket.region != *request.bucket_region) continue;
    if (response.buckets->size() == limit) {
      response.continuation_token = protocol::base64_encode(last);
      break;
    }
    Bucket& listed = response.buckets->emplace_back();
    listed.name = name;
    listed.creation_date = bucket.created;
    if (paged) {
      listed.bucket_region = bucket.region;
      listed.bucket_arn = arn_of(name);
    }
    last = name;
  }
  response.owner.emplace().id = canonical_user_id(context.account);
  response.prefix = request.prefix;
  co_return response;
}

/// Uploads in progress go with the bucket; objects, versions and delete markers keep it from going.
runtime::Task<DeleteBucketResponse> Service::delete_bucket(const Context& context,
                                                           const DeleteBucketRequest& request) {
  for (;;) {
    {
      storage::Transaction transaction(store_);
      const BucketRecord bucket = require_empty_bucket(context, request);
      if (remove_some_uploads(request.bucket)) {
        remove_bucket(bucket.account, request.bucket);
        transaction.commit();
        co_return DeleteBucketResponse();
      }
      transaction.commit();
    }
    co_await loop_.turns().next();
  }
}

BucketRecord Service::require_empty_bucket(const Context& context,
                                           const DeleteBucketRequest& request) const {
  BucketRecord bucket = require_bucket(context, request.bucket, request.expected_bucket_owner);
  if (!catalog_.is_empty(request.bucket)) {
    BucketNotEmpty error(bucket.versioning == Versioning::none
                             ? "The bucket you tried to delete is not empty"
                             : "The bucket you tried to delete is not empty. You must delete all "
                               "versions in the bucket.");
    error.details = {{"BucketName", request.bucket}};
    throw error;
  }
  return bucket;
}

bool Service::remove_some_uploads(const std::string& bucket) {
  std::vector<Catalog::UploadKey> uploads;
  auto place = catalog_.uploads.cursor(catalog_.uploads.prefix(bucket));
  for (; place.valid() && uploads.size() < Catalog::most_at_once; place.next())
    uploads.push_back(place.key());
  const bool all = !place.valid();
  for (const Catalog::UploadKey& upload : uploads) catalog_.remove_upload(upload);
  return all;
}

/// For historical reasons buckets in us-east-1 have no location constraint.
GetBucketLocationResponse Service::get_bucket_location(const Context& context,
                                                       const GetBucketLocationRequest& request) {
  const BucketRecord bucket =
      require_bucket(context, request.bucket, request.expected_bucket_owner);
  if (bucket.region == "us-east-1") return {};
  if (bucket.constraint_is_eu) return {.location_constraint = "EU"};
  return {.location_constraint = bucket.region};
}

}  // namespace matinee::s3
