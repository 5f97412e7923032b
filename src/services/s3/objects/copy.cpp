// Copies on the server's side. The copy shares the blobs of its source, so no content moves; only
// where the copy needs digests that the source does not have, a worker reads the content once.
#include <fmt/format.h>

#include "services/s3/requests.h"
#include "services/s3/service.h"

namespace matinee::s3 {

/// An object to copy from, as it is at this moment.
struct Service::Source {
  ObjectRecord object;
  std::vector<Segment> segments;
  std::optional<EncryptionRecord> encryption;  // of the copy
  std::optional<AclRecord> acl;                // likewise
  std::optional<std::string> version_id;       // unless it is the null version
};

struct Service::Digests {
  std::string md5;
  std::optional<Checksum> checksum;
};

namespace {

/// The checksum of the copy: what the request asks for, else the algorithm of the source.
template <class Request>
Algorithm copy_algorithm(const Request& request, const ObjectRecord& source) {
  if (const auto requested = requested_algorithm(request)) return *requested;
  return source.checksum ? source.checksum->algorithm : Algorithm::crc64nvme;
}

/// The digests of a copy of a whole object, where they are those of the source. A copy is a single
/// part object, whatever its source is.
template <class Digests>
std::optional<Digests> known_digests(const ObjectRecord& source, Algorithm algorithm) {
  if (source.parts > 0 || !source.checksum || source.checksum->algorithm != algorithm)
    return std::nullopt;
  // Then the entity tag is not the MD5 of the content.
  if (source.attributes.encryption) return std::nullopt;
  return Digests{.md5 = from_hex(source.etag).value_or(""),
                 .checksum = Checksum{.algorithm = algorithm, .digest = source.checksum->digest}};
}

template <class Digests>
Digests read_digests(std::span<const protocol::Slice> slices, std::optional<Algorithm> algorithm) {
  Hasher md5(Algorithm::md5);
  std::optional<Hasher> checksum;
  if (algorithm) checksum.emplace(*algorithm);
  read_slices(slices, [&](std::string_view bytes) {
    md5.update(bytes);
    if (checksum) checksum->update(bytes);
  });
  Digests digests{.md5 = md5.finish()};
  if (checksum) digests.checksum = Checksum{.algorithm = *algorithm, .digest = checksum->finish()};
  return digests;
}

/// The model's enumeration has no other directives than COPY, which is the default.
bool replaces(const std::optional<std::string>& directive) {
  return directive == "REPLACE";
}

/// In a bucket that says how to encrypt, a copy may be made to encrypt an object so.
void refuse_copy_to_itself(const CopyObjectRequest& request, const CopySource& source,
                           bool has_encryption_rule) {
  // An older version may be copied above the newer ones.
  if (source.bucket != request.bucket || source.key != request.key || source.version_id) return;
  if (replaces(request.metadata_directive) || request.storage_class ||
      request.website_redirect_location || request.server_side_encryption ||
      request.sse_customer_algorithm || has_encryption_rule)
    return;
  throw InvalidRequest(
      "This copy request is illegal because it is trying to copy an object to itself without "
      "changing the object's metadata, storage class, website redirect location or encryption "
      "attributes.");
}

/// Storage class and redirect are never copied along.
Attributes copy_attributes(const CopyObjectRequest& request, const ObjectRecord& source) {
  const Attributes requested = attributes_of(request);
  Attributes attributes = replaces(request.metadata_directive) ? requested : source.attributes;
  attributes.storage_class = requested.storage_class;
  attributes.website_redirect_location = requested.website_redirect_location;
  attributes.tags = replaces(request.tagging_directive) ? requested.tags : source.attributes.tags;
  return attributes;
}

protocol::Slice bytes_slice(std::string bytes) {
  const std::uint64_t length = bytes.size();
  return {.source = std::make_shared<BytesSource>(std::move(bytes)), .length = length};
}

/// The slices of a body, those in memory included.
std::vector<protocol::Slice> slices_of(protocol::Body body) {
  if (!body.bytes.empty()) body.slices.push_back(bytes_slice(std::move(body.bytes)));
  return std::move(body.slices);
}

}  // namespace

template <class Request>
Service::Source Service::require_source(const Context& context, const Request& request) const {
  const CopySource place = parse_copy_source(request.copy_source);
  require_bucket(context, place.bucket, request.expected_source_bucket_owner);
  Source source;
  try {
    source.object = require_object(place.bucket, place.key, place.version_id);
  } catch (const MethodNotAllowed&) {
    throw InvalidRequest(
        "The source of a copy request may not specifically refer to a delete marker by version "
        "id.");
  }
  source.version_id = id_of_written(source.object);
  check_customer_key(source.object.attributes.encryption, source_customer_key_of(request));
  check_copy_source(copy_condition(request), validator_of(source.object), clock_.now());
  if (is_archived(source.object.attributes))
    throw ObjectNotInActiveTierError(
        "The source object of the COPY action is not in the active tier and is only stored in "
        "Amazon S3 Glacier.");
  require_decryption(context, source.object.attributes.encryption, {place.bucket, place.key});
  source.segments = catalog_.require_content(source.object).segments;
  return source;
}

runtime::Task<Service::Digests> Service::compute_digests(std::vector<protocol::Slice> slices,
                                                         std::optional<Algorithm> algorithm) {
  std::uint64_t size = 0;
  for (const protocol::Slice& slice : slices) size += slice.length;
  if (size <= storage::blob_threshold_bytes) co_return read_digests<Digests>(slices, algorithm);

  const auto promised = std::make_shared<runtime::Promised<Digests>>();
  // The loop outlives this service, and so may the worker's reading.
  workers_.post([&loop = loop_, promised, algorithm, slices = std::move(slices)] {
    std::exception_ptr error;
    Digests digests;
    try {
      digests = read_digests<Digests>(slices, algorithm);
    } catch (...) {
      error = std::current_exception();
    }
    loop.post([promised, error, digests = std::move(digests)] {
      error ? promised->fail(error) : promised->set(digests);
    });
  });
  co_return co_await *promised;
}

CopyObjectResponse Service::store_copy(const CopyObjectRequest& request, const BucketRecord& bucket,
                                       const Source& source, const Digests& digests) {
  const Catalog::Target target = catalog_.find_target(bucket, request.bucket, request.key);
  const std::optional<Validator> validator = target.current.transform(validator_of);
  check_write(write_condition(request), validator ? &*validator : nullptr, request.key);

  ObjectRecord record{.size = source.object.size,
                      .modified = now(),
                      .attributes = copy_attributes(request, source.object)};
  record.attributes.encryption = source.encryption;
  record.attributes.acl = source.acl;
  record.etag = to_hex(entity_digest(digests.md5, record.attributes.encryption));
  record.checksum = {.algorithm = digests.checksum->algorithm, .digest = digests.checksum->digest};
  apply_locks(requested_locks(request, bucket, clock_.now()), bucket, record);
  // First the new references: the copy may replace its source.
  catalog_.share(source.segments);
  catalog_.put_object(target, record, {.segments = source.segments});

  CopyObjectResponse response{.copy_source_version_id = source.version_id,
                              .server_side_encryption = std::nullopt};
  report_encryption(record.attributes.encryption, response);
  response.version_id = id_of_written(record);
  response.expiration = expiration_of(request.bucket, request.key, record);
  CopyObjectResult& result = response.copy_object_result.emplace();
  result.etag = quoted(record.etag);
  result.last_modified = record.modified;
  set_checksum(result, *record.checksum);
  return response;
}

/// The source may change while a worker reads it; then the copy starts anew.
runtime::Task<CopyObjectResponse> Service::copy_object(const Context& context,
                                                       const CopyObjectRequest& request) {
  std::optional<Digests> digests;
  std::uint64_t digested = 0;  // the content that they are of
  for (;;) {
    std::vector<protocol::Slice> slices;
    Algorithm algorithm;
    {
      storage::Transaction transaction(store_);
      const BucketRecord bucket =
          require_bucket(context, request.bucket, request.expected_bucket_owner);
      check_key(request.key);
      refuse_unserved(request);
      refuse_copy_to_itself(request, parse_copy_source(request.copy_source),
                            configurations_.contains(Configurations::key(
                                request.bucket, ConfigurationKind::encryption)));
      Source source = require_source(context, request);
      source.acl = acl_of_new_object(context, {request.bucket, request.key, "s3:CopyObject"},
                                     acl_headers_of(request));
      source.encryption =
          encryption_of_new(context, {request.bucket, request.key}, encryption_headers_of(request));
      if (source.object.size > max_upload_bytes)
        throw InvalidRequest(fmt::format(
            "The specified copy source is larger than the maximum allowable size for a copy "
            "source: {}",
            max_upload_bytes));
      algorithm = copy_algorithm(request, source.object);
      if (digested != source.object.content)
        digests = known_digests<Digests>(source.object, algorithm);
      if (digests) {
        CopyObjectResponse response = store_copy(request, bucket, source, *digests);
        if (notifications_.find(request.bucket) || writes_.wants(context))
          notify(context, request, "ObjectCreated:Copy",
                 require_object(request.bucket, request.key));
        transaction.commit();
        co_return response;
      }
      digested = source.object.content;
      slices =
          slices_of(catalog_.read(source.segments, {.offset = 0, .length = source.object.size}));
    }
    digests = co_await compute_digests(std::move(slices), algorithm);
  }
}

runtime::Task<UploadPartCopyResponse> Service::upload_part_copy(
    const Context& context, const UploadPartCopyRequest& request) {
  std::optional<Digests> digests;
  std::uint64_t digested = 0;
  for (;;) {
    std::vector<protocol::Slice> slices;
    std::optional<Algorithm> algorithm;
    {
      storage::Transaction transaction(store_);
      const UploadRecord upload = require_upload_for_part(context, request);
      algorithm = upload.algorithm.value_or(Algorithm::crc64nvme);
      Source source = require_source(context, request);
      ByteRange range{.offset = 0, .length = source.object.size};
      if (request.copy_source_range)
        range = parse_copy_range(*request.copy_source_range, source.object.size);
      if (range.length > max_upload_bytes)
        throw EntityTooLarge("Your proposed upload exceeds the maximum allowed size");
      if (digests && digested == source.object.content) {
        source.segments = cut(source.segments, range);
        UploadPartCopyResponse response = store_part_copy(request, source, *digests);
        transaction.commit();
        co_return response;
      }
      digested = source.object.content;
      slices = slices_of(catalog_.read(source.segments, range));
    }
    digests = co_await compute_digests(std::move(slices), algorithm);
  }
}

UploadPartCopyResponse Service::store_part_copy(const UploadPartCopyRequest& request,
                                                const Source& source, const Digests& digests) {
  const UploadRecord upload = require_upload({request.bucket, request.key, request.upload_id});
  PartRecord part{.md5 = entity_digest(digests.md5, upload.attributes.encryption),
                  .modified = now(),
                  .segments = source.segments};
  for (const Segment& segment : source.segments) part.size += segment.length;
  part.checksums.push_back(
      {.algorithm = digests.checksum->algorithm, .digest = digests.checksum->digest});
  catalog_.share(part.segments);
  put_part({request.upload_id, static_cast<std::uint32_t>(request.part_number)}, part);

  UploadPartCopyResponse response;
  response.copy_source_version_id = source.version_id;
  CopyPartResult& result = response.copy_part_result.emplace();
  result.etag = quoted(to_hex(part.md5));
  result.last_modified = part.modified;
  if (upload.algorithm) set_checksum(result, part.checksums.front());
  report_encryption(upload.attributes.encryption, response);
  return response;
}

}  // namespace matinee::s3
