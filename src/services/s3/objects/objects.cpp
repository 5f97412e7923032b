// Objects: stored and read.
#include <fmt/format.h>

#include "services/s3/requests.h"
#include "services/s3/service.h"

namespace matinee::s3 {

/// What of an object a GetObject or HeadObject is about.
struct Service::Selection {
  ByteRange range;
  bool partial = false;
  std::optional<std::int32_t> parts_count;
  std::optional<ChecksumRecord> checksum;  // of exactly that
  bool of_composite = false;  // a part of an object with a checksum of its parts' checksums
};

namespace {

/// The default: computed where the client sends no checksum.
constexpr std::array default_checksum = {Algorithm::crc64nvme};

ByteRange find_part(const ContentRecord& content, std::size_t index) {
  ByteRange range;
  for (std::size_t before = 0; before < index; ++before) range.offset += content.parts[before].size;
  range.length = content.parts[index].size;
  return range;
}

void check_part_number(std::int32_t number, std::uint32_t count) {
  if (number < 1 || number > max_part_number) {
    InvalidArgument error("Part number must be an integer between 1 and 10000, inclusive");
    error.details = {{"ArgumentName", "partNumber"}, {"ArgumentValue", fmt::to_string(number)}};
    throw error;
  }
  if (static_cast<std::uint32_t>(number) <= std::max<std::uint32_t>(count, 1)) return;
  InvalidPartNumber error("The requested partnumber is not satisfiable");
  error.details = {{"ActualPartCount", fmt::to_string(std::max<std::uint32_t>(count, 1))},
                   {"PartNumberRequested", fmt::to_string(number)}};
  throw error;
}

/// Anonymous callers get objects as they are.
void refuse_overrides(const GetObjectRequest& request) {
  if (request.response_cache_control || request.response_content_disposition ||
      request.response_content_encoding || request.response_content_language ||
      request.response_content_type || request.response_expires)
    throw InvalidRequest(
        "Request specific response headers cannot be used for anonymous GET requests.");
}

template <class Response>
void describe_range(const ObjectRecord& object, const auto& selection, Response& response) {
  response.content_length = static_cast<std::int64_t>(selection.range.length);
  response.parts_count = selection.parts_count;
  if (selection.partial) response.content_range = content_range(selection.range, object.size);
  if (!selection.checksum) return;
  set_checksum(response, *selection.checksum);
  if (selection.of_composite) response.checksum_type = "COMPOSITE";
}

}  // namespace

template <class Request>
Service::Selection Service::select(const Request& request, const ObjectRecord& object) const {
  Selection selection{.range = {.offset = 0, .length = object.size}};
  const bool with_checksum = request.checksum_mode == "ENABLED";
  if (request.part_number) {
    if (request.range)
      throw InvalidRequest("Cannot specify both Range header and partNumber query parameter");
    check_part_number(*request.part_number, object.parts);
    selection.partial = object.size > 0;
    if (object.parts > 0) {
      const ContentRecord content = catalog_.require_content(object);
      const auto index = static_cast<std::size_t>(*request.part_number) - 1;
      selection.range = find_part(content, index);
      selection.parts_count = static_cast<std::int32_t>(object.parts);
      const std::string& digest = content.parts[index].digest;
      // Where the whole object has one checksum, its parts have none that AWS would tell.
      selection.of_composite = object.checksum && object.checksum->parts > 0;
      if (with_checksum && selection.of_composite && !digest.empty())
        selection.checksum = {.algorithm = object.checksum->algorithm, .digest = digest};
      return selection;
    }
  } else if (request.range) {
    if (const auto range = parse_range(*request.range, object.size)) {
      selection.range = *range;
      selection.partial = true;
    }
  }
  if (with_checksum && selection.range.length == object.size) selection.checksum = object.checksum;
  return selection;
}

template <class Request>
std::shared_ptr<ReceivedContent> Service::receive_content(const Request& request,
                                                          const WantedChecksums& wanted) {
  if (auto received = std::dynamic_pointer_cast<ReceivedContent>(request.body.received)) {
    // Callers in the same process have no rounds.
    if (received->md5.empty()) received->md5 = digest(Algorithm::md5, received->bytes);
    return received;
  }
  const std::optional<Algorithm> requested = requested_algorithm(request);
  return receive(catalog_.blobs(), request.body, expectations_of(request),
                 requested ? WantedChecksums{.algorithms = std::span(&*requested, 1)} : wanted);
}

template std::shared_ptr<ReceivedContent> Service::receive_content(const UploadPartRequest& request,
                                                                   const WantedChecksums& wanted);

PutObjectResponse Service::put_object(const Context& context, const PutObjectRequest& request) {
  const BucketRecord bucket =
      require_bucket(context, request.bucket, request.expected_bucket_owner);
  check_key(request.key);
  refuse_unserved(request);
  const Locks locks = requested_locks(request, bucket, clock_.now());
  const std::shared_ptr<ReceivedContent> received =
      receive_content(request, {.algorithms = default_checksum});

  const Catalog::Target target = catalog_.find_target(bucket, request.bucket, request.key);
  const std::optional<Validator> validator = target.current.transform(validator_of);
  check_write(write_condition(request), validator ? &*validator : nullptr, request.key);

  const Checksum& checksum = received->checksums.front();
  ObjectRecord record{
      .size = received->size, .modified = now(), .attributes = attributes_of(request)};
  record.attributes.acl = acl_of_new_object(context, {request.bucket, request.key, "s3:PutObject"},
                                            acl_headers_of(request));
  record.attributes.encryption =
      encryption_of_new(context, {request.bucket, request.key}, encryption_headers_of(request));
  record.etag = to_hex(entity_digest(received->md5, record.attributes.encryption));
  record.checksum = {.algorithm = checksum.algorithm, .digest = checksum.digest};
  apply_locks(locks, bucket, record);
  require_digest(locks, bucket, received->has_client_checksum || request.content_md5, "Put Object");
  catalog_.put_object(target, record, {.segments = {catalog_.keep(*received)}});

  PutObjectResponse response{.etag = quoted(record.etag)};
  report_encryption(record.attributes.encryption, response);
  set_checksum(response, *record.checksum);
  response.version_id = id_of_written(record);
  response.expiration = expiration_of(request.bucket, request.key, record);
  notify(context, request, received->from_form ? "ObjectCreated:Post" : "ObjectCreated:Put",
         record);
  return response;
}

GetObjectResponse Service::get_object(const Context& context, const GetObjectRequest& request) {
  const BucketRecord bucket =
      require_bucket(context, request.bucket, request.expected_bucket_owner);
  check_key(request.key);
  refuse_unserved(request);
  if (context.anonymous) refuse_overrides(request);
  const ObjectRecord object = require_object(request.bucket, request.key, request.version_id);
  check_reader(context, object, customer_key_of(request));
  check_read_conditions(read_condition(request), object, clock_.now());
  require_decryption(context, object.attributes.encryption, {request.bucket, request.key});
  if (is_archived(object.attributes))
    throw InvalidObjectState("The operation is not valid for the object's storage class",
                             {.storage_class = object.attributes.storage_class});

  const Selection selection = select(request, object);
  GetObjectResponse response;
  describe(object, response);
  name_version(bucket, object, response);
  describe_range(object, selection, response);
  if (!request.version_id) response.expiration = expiration_of(request.bucket, request.key, object);
  override_headers(request, response);
  response.body = selection.partial
                      ? catalog_.read(catalog_.require_content(object).segments, selection.range)
                      : catalog_.read_whole(object);
  return response;
}

/// Like all replies to HEAD its errors have no code, only a status.
HeadObjectResponse Service::head_object(const Context& context, const HeadObjectRequest& request) {
  try {
    const BucketRecord bucket =
        require_bucket(context, request.bucket, request.expected_bucket_owner);
    check_key(request.key);
    refuse_unserved(request);
    const ObjectRecord object =
        require_object(request.bucket, request.key, request.version_id, "HEAD");
    check_reader(context, object, customer_key_of(request));
    check_read_conditions(read_condition(request), object, clock_.now());
    // What a HEAD tells needs no key, but for the checksum.
    if (request.checksum_mode)
      require_decryption(context, object.attributes.encryption, {request.bucket, request.key});
    HeadObjectResponse response;
    describe(object, response);
    name_version(bucket, object, response);
    describe_range(object, select(request, object), response);
    if (!request.version_id)
      response.expiration = expiration_of(request.bucket, request.key, object);
    override_headers(request, response);
    return response;
  } catch (const NoSuchKey& error) {
    NotFound plain("Not Found");
    plain.headers = error.headers;
    throw plain;
  } catch (const NoSuchVersion&) {
    throw NotFound("Not Found");
  } catch (const NoSuchBucket&) {
    throw NotFound("Not Found");
  }
}

}  // namespace matinee::s3
