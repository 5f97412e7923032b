#include "services/s3/service.h"

#include <fmt/format.h>

#include "s3/errors.h"
#include "services/s3/access/authorization.h"
#include "services/s3/forms/post_form.h"
#include "services/s3/requests.h"
#include "services/s3/violations.h"

namespace matinee::s3 {

namespace {

/// S3 computes one where the client sends none.
constexpr std::array default_checksum = {Algorithm::crc64nvme};
/// Which of them a part needs is known only when its upload is looked up; CRCs cost little. An
/// upload without an algorithm needs CRC64NVME, whatever the client sends with its parts.
constexpr std::array part_checksums = {Algorithm::crc32, Algorithm::crc32c, Algorithm::crc64nvme};

NoSuchVersion no_such_version(const std::string& key, const std::string& version_id) {
  NoSuchVersion error("The specified version does not exist.");
  error.details = {{"Key", key}, {"VersionId", version_id}};
  return error;
}

void check_owner(const std::string& expected, const std::string& account) {
  const bool is_account =
      expected.size() == account.size() &&
      std::ranges::all_of(expected, [](char c) { return c >= '0' && c <= '9'; });
  if (!is_account)
    throw protocol::ServiceError(
        "InvalidBucketOwnerAWSAccountID", 400,
        fmt::format(
            "The value of the expected bucket owner parameter must be an AWS Account ID... [{}]",
            expected));
  if (expected != account) throw AccessDenied("Access Denied");
}

/// A delete marker can only be removed.
MethodNotAllowed is_delete_marker(const Version& version, std::string_view method) {
  MethodNotAllowed error("The specified method is not allowed against this resource.");
  error.details = {{"Method", std::string(method)}, {"ResourceType", "DeleteMarker"}};
  std::string modified;
  protocol::append_http_date(modified, version.object.modified);
  error.headers = {{"x-amz-delete-marker", "true"},
                   {"x-amz-version-id", version_id_of(version.object)},
                   {"Allow", "DELETE"},
                   {"Last-Modified", std::move(modified)}};
  return error;
}

}  // namespace

Service::Service(storage::Store& store, const runtime::Runtime& runtime, services::Outbox* outbox)
    : BucketAccess(store, runtime),
      store_(store),
      clock_(runtime.clock),
      random_(runtime.random),
      loop_(runtime.loop),
      workers_(runtime.workers),
      catalog_(store, runtime.random),
      remains_(catalog_, runtime.loop),
      removed_buckets_(catalog_, runtime),
      lifecycle_pass_(catalog_, configurations_, runtime,
                      [this](const std::string& bucket, const ObjectEvent& event) {
                        tell_of_lifecycle(bucket, event);
                      }),
      notifications_(store, outbox) {}

protocol::ServiceError Service::invalid(const protocol::Operation& operation,
                                        const protocol::Violations& violations) const {
  return describe_violation(operation, violations.front());
}

/// Whether the bucket is there, and whether the caller may, does not hang on the body.
void Service::check_before_body(const Context& context, const protocol::Operation& operation,
                                const void* request) {
  const std::optional<std::string> bucket = text_of(operation.input->find("Bucket"), request);
  if (bucket && !bucket->empty() && &operation != &operations::CreateBucket)
    require_bucket(context, *bucket,
                   text_of(operation.input->find("ExpectedBucketOwner"), request));
  authorize(context, operation, request);
}

void Service::check_body(const protocol::Operation& operation,
                         const protocol::HttpRequest& request) const {
  if (&operation == &operations::GetObject || &operation == &operations::HeadObject)
    refuse_encryption_of_reads(request.headers);
  if (!operation.input->payload || &operation == &operations::CompleteMultipartUpload ||
      request.body.bytes.empty())
    return;
  const Expectations expectations = read_expectations(request.headers);
  if (&operation == &operations::DeleteObjects && !expectations.md5 && !expectations.algorithm())
    throw InvalidRequest(
        "Missing required header for this request: Content-MD5 OR x-amz-checksum-*");
  check_digests(request.body.bytes, expectations);
}

std::unique_ptr<services::BodySink> Service::open_sink(const protocol::Operation& operation,
                                                       const protocol::HttpRequest& head) {
  if (is_post_form(head))
    return std::make_unique<PostFormSink>(catalog_.blobs(), head, clock_.now());
  if (&operation == &operations::UploadPart)
    return std::make_unique<UploadSink>(
        catalog_.blobs(), head, WantedChecksums{.algorithms = part_checksums, .always = true});
  return std::make_unique<UploadSink>(catalog_.blobs(), head,
                                      WantedChecksums{.algorithms = default_checksum});
}

BucketRecord Service::require_bucket(const Context&, const std::string& name,
                                     const Owner& expected_owner) const {
  std::optional<BucketRecord> bucket = catalog_.buckets.find(name);
  if (!bucket) {
    check_bucket_name(name);
    NoSuchBucket error("The specified bucket does not exist");
    error.details = {{"BucketName", name}};
    throw error;
  }
  if (expected_owner) check_owner(*expected_owner, bucket->account);
  return std::move(*bucket);
}

ObjectRecord Service::require_object(const std::string& bucket, const std::string& key,
                                     const std::optional<std::string>& version_id,
                                     std::string_view method) const {
  const Catalog::ObjectKey object_key = Catalog::object_key(bucket, key);
  if (version_id) {
    check_version_id(*version_id);
    std::optional<Version> version = catalog_.find_version(object_key, *version_id);
    if (!version && !may_have_issued(bucket, *version_id)) throw invalid_version_id(*version_id);
    if (!version) throw no_such_version(key, *version_id);
    if (version->delete_marker) throw is_delete_marker(*version, method);
    return std::move(version->object);
  }
  std::optional<ObjectRecord> object = catalog_.objects.find(object_key);
  if (object) return std::move(*object);
  const std::optional<Version> marker = catalog_.find_latest(object_key);
  // Who only reads is told that there is no object; who would change it, what is there instead.
  if (marker && method != "GET" && method != "HEAD") throw is_delete_marker(*marker, method);
  NoSuchKey error("The specified key does not exist.");
  error.details = {{"Key", key}};
  if (marker)
    error.headers = {{"x-amz-delete-marker", "true"},
                     {"x-amz-version-id", version_id_of(marker->object)}};
  throw error;
}

bool Service::may_have_issued(const std::string& bucket, const std::string& version_id) const {
  if (version_id == "null") return true;
  if (!is_issued_id(version_id)) return false;
  const std::optional<BucketRecord> record = catalog_.buckets.find(bucket);
  return record && record->versioning != Versioning::none;
}

std::optional<ObjectRecord> Service::find_object(
    const std::string& bucket, const std::string& key,
    const std::optional<std::string>& version_id) const {
  const Catalog::ObjectKey object_key = Catalog::object_key(bucket, key);
  if (!version_id) return catalog_.objects.find(object_key);
  if (!is_version_id(*version_id)) return std::nullopt;
  std::optional<Version> version = catalog_.find_version(object_key, *version_id);
  if (!version) return std::nullopt;
  return std::move(version->object);
}

void Service::replace_object(const Context& context, const std::string& bucket,
                             const std::string& key, const ObjectRecord& record) {
  catalog_.update_object(Catalog::object_key(bucket, key), record);
  if (notifications_.find(bucket)) publish(context, bucket, event_of("ObjectAcl:Put", key, record));
}

UploadRecord Service::require_upload(const Catalog::UploadKey& key) const {
  std::optional<UploadRecord> upload = catalog_.uploads.find(key);
  if (!upload) {
    NoSuchUpload error(
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have "
        "been aborted or completed.");
    error.details = {{"UploadId", std::get<2>(key)}};
    throw error;
  }
  return std::move(*upload);
}

runtime::Time Service::now() const {
  return std::chrono::floor<std::chrono::seconds>(clock_.now());
}

}  // namespace matinee::s3
