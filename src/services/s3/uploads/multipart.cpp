// Multipart uploads: begun, filled with parts, listed, and completed or aborted.
#include <fmt/format.h>

#include "services/s3/catalog/version_cursor.h"
#include "services/s3/requests.h"
#include "services/s3/service.h"

namespace matinee::s3 {

namespace {

/// How many versions of a key are searched for the one that an upload made.
constexpr int most_repeats_apart = 100;

void check_part_number(std::int32_t number) {
  if (number >= 1 && number <= max_part_number) return;
  InvalidArgument error("Part number must be an integer between 1 and 10000, inclusive");
  error.details = {{"ArgumentName", "partNumber"}, {"ArgumentValue", fmt::to_string(number)}};
  throw error;
}

std::string lower_name(std::optional<Algorithm> algorithm) {
  if (!algorithm) return "null";
  std::string name(name_of(*algorithm));
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return name;
}

/// What CreateMultipartUpload says about checksums, stored.
void set_checksum_rules(const CreateMultipartUploadRequest& request, UploadRecord& upload) {
  upload.algorithm = requested_algorithm(request);
  if (!upload.algorithm) {
    if (request.checksum_type)
      throw InvalidRequest(
          "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm "
          "header.");
    return;
  }
  const bool nvme = *upload.algorithm == Algorithm::crc64nvme;
  upload.composite = request.checksum_type ? *request.checksum_type == "COMPOSITE" : !nvme;
  if (upload.composite ? nvme : !is_crc(*upload.algorithm))
    throw InvalidRequest(
        fmt::format("The {} checksum type cannot be used with the {} checksum algorithm.",
                    upload.composite ? "COMPOSITE" : "FULL_OBJECT", lower_name(upload.algorithm)));
}

/// First the checksum of a part that its upload needs, then the client's, where it is another one:
/// parts of an upload without an algorithm may come with any.
std::vector<ChecksumRecord> choose_checksums(const UploadRecord& upload,
                                             const ReceivedContent& content) {
  const Algorithm wanted = upload.algorithm.value_or(Algorithm::crc64nvme);
  const Checksum* checksum = content.find_checksum(wanted);
  const Checksum* from_client = content.has_client_checksum ? &content.checksums.front() : nullptr;
  if (!checksum || (upload.algorithm && from_client && from_client != checksum))
    throw InvalidRequest(fmt::format(
        "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
        lower_name(upload.algorithm),
        lower_name(from_client ? std::optional(from_client->algorithm) : std::nullopt)));
  std::vector<ChecksumRecord> chosen = {{.algorithm = wanted, .digest = checksum->digest}};
  if (from_client && from_client != checksum)
    chosen.push_back({.algorithm = from_client->algorithm, .digest = from_client->digest});
  return chosen;
}

/// Errors name a part by its entity tag without the quotes.
std::string bare_etag(const CompletedPart& part) {
  std::string_view etag = part.etag ? std::string_view(*part.etag) : std::string_view();
  if (etag.starts_with('"')) etag.remove_prefix(1);
  if (etag.ends_with('"')) etag.remove_suffix(1);
  return std::string(etag);
}

InvalidPart invalid_part(const CompleteMultipartUploadRequest& request, const CompletedPart& part) {
  InvalidPart error(
      "One or more of the specified parts could not be found.  The part may not have been "
      "uploaded, or the specified entity tag may not match the part's entity tag.");
  error.details = {{"UploadId", request.upload_id},
                   {"PartNumber", fmt::to_string(part.part_number.value_or(0))},
                   {"ETag", bare_etag(part)}};
  return error;
}

/// The list of parts, which must be there, complete, and in ascending order.
const std::vector<CompletedPart>& require_parts(const CompleteMultipartUploadRequest& request) {
  const auto& upload = request.multipart_upload;
  if (!upload || !upload->parts || upload->parts->empty())
    throw InvalidRequest("You must specify at least one part");
  std::int32_t before = 0;
  for (const CompletedPart& part : *upload->parts) {
    if (!part.part_number || !part.etag)
      throw MalformedXML(
          "The XML you provided was not well-formed or did not validate against our published "
          "schema");
    check_part_number(*part.part_number);
    if (*part.part_number <= before)
      throw InvalidPartOrder(
          "The list of parts was not in ascending order. The parts list must be specified in order "
          "by part number.");
    before = *part.part_number;
  }
  return *upload->parts;
}

/// The parts of a checksum of checksums cannot leave numbers out.
void check_consecutive(const std::vector<CompletedPart>& parts) {
  if (static_cast<std::size_t>(*parts.back().part_number) == parts.size()) return;
  throw InvalidPartOrder(
      "The part numbers must be consecutive and begin with 1, because the upload has a checksum of "
      "its parts' checksums.");
}

void check_part_checksum(const CompleteMultipartUploadRequest& request, const CompletedPart& part,
                         const UploadRecord& upload, const PartRecord& stored) {
  const std::optional<Checksum> expected = read_checksum(checksum_headers(part));
  if (!expected) {
    if (!upload.composite) return;
    throw InvalidRequest(fmt::format(
        "The upload was created using a {} checksum. The complete request must include the "
        "checksum for each part. It was missing for part {} in the request.",
        lower_name(upload.algorithm), *part.part_number));
  }
  const auto known =
      std::ranges::find(stored.checksums, expected->algorithm, &ChecksumRecord::algorithm);
  // A checksum of another kind than the part came with is compared with nothing.
  if (known == stored.checksums.end())
    throw BadDigest(fmt::format("The {} you specified for part {} did not match what we received.",
                                lower_name(expected->algorithm), *part.part_number));
  if (known->digest != expected->digest) throw invalid_part(request, part);
}

void check_part_size(const CompletedPart& part, std::uint64_t size) {
  if (size >= min_part_bytes) return;
  EntityTooSmall error("Your proposed upload is smaller than the minimum allowed size");
  error.details = {{"ProposedSize", fmt::to_string(size)},
                   {"MinSizeAllowed", fmt::to_string(min_part_bytes)},
                   {"PartNumber", fmt::to_string(part.part_number.value_or(0))},
                   {"ETag", bare_etag(part)}};
  throw error;
}

/// A checksum of the whole object as the headers have it; COMPOSITE ones may name the number of
/// parts.
struct WholeChecksum {
  Checksum checksum;
  std::optional<std::string> parts;
};

std::optional<WholeChecksum> read_whole_checksum(const CompleteMultipartUploadRequest& request) {
  std::optional<std::string> parts;
  const auto checksum =
      read_checksum([&](std::string_view header) -> std::optional<std::string_view> {
        const auto algorithm = find_algorithm_of_header(header);
        const auto& text = checksum_member(request, *algorithm);
        if (!text) return std::nullopt;
        const std::size_t dash = text->find('-');
        if (dash != std::string::npos) parts = text->substr(dash + 1);
        return std::string_view(*text).substr(0, dash);
      });
  if (!checksum) return std::nullopt;
  return WholeChecksum{.checksum = *checksum, .parts = parts};
}

/// What the client expects of the whole object.
void check_whole(const CompleteMultipartUploadRequest& request, const ObjectRecord& object) {
  const ChecksumRecord& computed = *object.checksum;
  const bool is_composite = computed.parts > 0;
  if (request.mpu_object_size &&
      static_cast<std::uint64_t>(*request.mpu_object_size) != object.size)
    throw InvalidRequest(fmt::format(
        "The provided 'x-amz-mp-object-size' header value {} does not match what was computed: {}",
        *request.mpu_object_size, object.size));
  if (request.checksum_type && (*request.checksum_type == "COMPOSITE") != is_composite)
    throw InvalidRequest(fmt::format(
        "The upload was created using the {} checksum mode. The complete request must use the same "
        "checksum mode.",
        is_composite ? "COMPOSITE" : "FULL_OBJECT"));
  const std::optional<WholeChecksum> expected = read_whole_checksum(request);
  if (!expected) return;
  const bool same_parts =
      !expected->parts || (is_composite && *expected->parts == fmt::to_string(computed.parts));
  if (!same_parts || expected->checksum.algorithm != computed.algorithm ||
      expected->checksum.digest != computed.digest)
    throw BadDigest(fmt::format("The {} you specified did not match the calculated checksum.",
                                lower_name(expected->checksum.algorithm)));
}

/// MD5 of the parts' MD5s, "-", and the number of parts.
std::string multipart_etag(const ContentRecord& content) {
  Hasher md5(Algorithm::md5);
  for (const FinishedPart& part : content.parts) md5.update(part.md5);
  return fmt::format("{}-{}", to_hex(md5.finish()), content.parts.size());
}

}  // namespace

/// The object that an upload becomes, part by part.
struct Service::Assembly {
  explicit Assembly(const UploadRecord& record) : upload(record) {
    checksum.algorithm = upload.algorithm.value_or(Algorithm::crc64nvme);
  }

  UploadRecord upload;
  ContentRecord content;
  std::uint64_t size = 0;
  ChecksumRecord checksum;  // of the parts so far, unless it is composite

  void add(std::uint32_t number, PartRecord part) {
    const std::string& digest = part.checksums.front().digest;
    if (!upload.composite)
      checksum.digest = content.parts.empty()
                            ? digest
                            : combine_crcs(checksum.algorithm, checksum.digest, digest, part.size);
    size += part.size;
    content.parts.push_back(
        {.size = part.size, .digest = digest, .number = number, .md5 = part.md5});
    std::ranges::move(part.segments, std::back_inserter(content.segments));
  }

  /// Once all parts are in.
  ChecksumRecord whole_checksum() const {
    if (!upload.composite) return checksum;
    std::vector<std::string> digests;
    for (const FinishedPart& part : content.parts) digests.push_back(part.digest);
    return {.algorithm = checksum.algorithm,
            .digest = composite_digest(checksum.algorithm, digests),
            .parts = static_cast<std::uint32_t>(digests.size())};
  }
};

/// Knows whether an upload's parts have changed since it was made.
class Service::Watch {
 public:
  Watch(std::map<std::string, Watched>& watched, const std::string& upload_id)
      : watched_(watched), place_(watched.try_emplace(upload_id).first) {
    ++place_->second.by;
    changes_ = place_->second.changes;
  }
  ~Watch() {
    if (--place_->second.by == 0) watched_.erase(place_);
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  bool has_changed() const { return place_->second.changes != changes_; }

 private:
  std::map<std::string, Watched>& watched_;
  std::map<std::string, Watched>::iterator place_;
  std::uint64_t changes_ = 0;
};

void Service::note_change(const std::string& upload_id) {
  const auto watched = watched_uploads_.find(upload_id);
  if (watched != watched_uploads_.end()) ++watched->second.changes;
}

CreateMultipartUploadResponse Service::create_multipart_upload(
    const Context& context, const CreateMultipartUploadRequest& request) {
  const BucketRecord bucket =
      require_bucket(context, request.bucket, request.expected_bucket_owner);
  check_key(request.key);
  refuse_unserved(request);
  const Locks locks = requested_locks(request, bucket, clock_.now());
  UploadRecord upload{.initiated = clock_.now(),
                      .attributes = attributes_of(request),
                      .retention = locks.retention,
                      .legal_hold = locks.legal_hold};
  set_checksum_rules(request, upload);
  upload.attributes.acl = acl_of_new_object(context, {request.bucket, request.key, "s3:PutObject"},
                                            acl_headers_of(request));
  upload.attributes.encryption =
      encryption_of_new(context, {request.bucket, request.key}, encryption_headers_of(request));
  const std::string id = new_upload_id(upload.initiated, random_);
  catalog_.begin_upload({request.bucket, request.key, id}, upload);

  CreateMultipartUploadResponse response;
  response.bucket = request.bucket;
  response.key = request.key;
  response.upload_id = id;
  report_encryption(upload.attributes.encryption, response);
  if (const auto abort = abort_of(request.bucket, request.key, upload)) {
    response.abort_date = abort->at;
    response.abort_rule_id = abort->rule_id;
  }
  if (upload.algorithm) {
    response.checksum_algorithm = name_of(*upload.algorithm);
    response.checksum_type = upload.composite ? "COMPOSITE" : "FULL_OBJECT";
  }
  return response;
}

template <class Request>
UploadRecord Service::require_upload_for_part(const Context& context,
                                              const Request& request) const {
  require_bucket(context, request.bucket, request.expected_bucket_owner);
  check_key(request.key);
  refuse_unserved(request);
  check_part_number(request.part_number);
  const UploadRecord upload = require_upload({request.bucket, request.key, request.upload_id});
  check_part_key(upload.attributes.encryption, customer_key_of(request));
  require_decryption(context, upload.attributes.encryption, {request.bucket, request.key});
  return upload;
}

template UploadRecord Service::require_upload_for_part(const Context& context,
                                                       const UploadPartCopyRequest& request) const;

void Service::put_part(const Catalog::PartKey& key, const PartRecord& part) {
  note_change(std::get<0>(key));
  if (const auto old = catalog_.parts.find(key)) catalog_.release(old->segments);
  catalog_.parts.put(key, part);
}

UploadPartResponse Service::upload_part(const Context& context, const UploadPartRequest& request) {
  const UploadRecord upload = require_upload_for_part(context, request);
  const Algorithm needed = upload.algorithm.value_or(Algorithm::crc64nvme);
  const std::shared_ptr<ReceivedContent> received =
      receive_content(request, {.algorithms = std::span(&needed, 1), .always = true});
  require_digest({.retention = upload.retention, .legal_hold = upload.legal_hold},
                 *catalog_.buckets.find(request.bucket),
                 received->has_client_checksum || request.content_md5, "Put Part");

  PartRecord part{.size = received->size,
                  .md5 = entity_digest(received->md5, upload.attributes.encryption),
                  .modified = now()};
  part.checksums = choose_checksums(upload, *received);
  part.segments.push_back(catalog_.keep(*received));
  put_part({request.upload_id, static_cast<std::uint32_t>(request.part_number)}, part);

  UploadPartResponse response;
  response.etag = quoted(to_hex(part.md5));
  report_encryption(upload.attributes.encryption, response);
  if (upload.algorithm || received->has_client_checksum)
    set_checksum(response, part.checksums.back());
  return response;
}

/// Completing an upload again, with the same parts and while its object is still there, is a
/// success: clients repeat the request when the reply got lost. Newer versions may cover it since.
std::optional<ObjectRecord> Service::find_completed(
    const CompleteMultipartUploadRequest& request) const {
  std::optional<ObjectRecord> object;
  VersionCursor place(catalog_, request.bucket, request.key, request.key);
  for (int looked_at = 0; looked_at < most_repeats_apart && !object; ++looked_at) {
    if (!place.valid() || place.key() != request.key) return std::nullopt;
    if (place.version().object.upload_id == request.upload_id) object = place.version().object;
    place.next();
  }
  if (!object) return std::nullopt;
  const ContentRecord content = catalog_.require_content(*object);
  const bool same =
      std::ranges::equal(require_parts(request), content.parts,
                         [](const CompletedPart& asked, const FinishedPart& part) {
                           return static_cast<std::uint32_t>(*asked.part_number) == part.number &&
                                  matches_etag(*asked.etag, to_hex(part.md5));
                         });
  if (!same) return std::nullopt;
  return object;
}

/// The parts are put together piece by piece; where one of them changes meanwhile, again.
runtime::Task<CompleteMultipartUploadResponse> Service::complete_multipart_upload(
    const Context& context, const CompleteMultipartUploadRequest& request) {
  for (;;) {
    require_bucket(context, request.bucket, request.expected_bucket_owner);
    check_key(request.key);
    refuse_unserved(request);
    if (!catalog_.uploads.contains({request.bucket, request.key, request.upload_id}))
      if (const auto object = find_completed(request)) {
        if (object->checksum) check_whole(request, *object);
        co_return describe_completed(context, request, *object);
      }
    Assembly assembly(require_completable(request));
    const Watch watch(watched_uploads_, request.upload_id);
    const std::vector<CompletedPart>& listed = require_parts(request);
    for (const CompletedPart& each : listed) {
      if (loop_.turns().is_over()) co_await loop_.turns().next();
      if (watch.has_changed()) break;
      const auto number = static_cast<std::uint32_t>(*each.part_number);
      std::optional<PartRecord> part = catalog_.parts.find({request.upload_id, number});
      if (!part || !matches_etag(*each.etag, to_hex(part->md5))) throw invalid_part(request, each);
      check_part_checksum(request, each, assembly.upload, *part);
      if (&each != &listed.back()) check_part_size(each, part->size);
      assembly.add(number, *std::move(part));
    }
    if (loop_.turns().is_over()) co_await loop_.turns().next();
    if (watch.has_changed()) continue;
    storage::Transaction transaction(store_);
    auto response = complete(context, request, std::move(assembly));
    transaction.commit();
    co_return response;
  }
}

UploadRecord Service::require_completable(const CompleteMultipartUploadRequest& request) const {
  UploadRecord upload = require_upload({request.bucket, request.key, request.upload_id});
  if (customer_key_of(request).present())
    check_part_key(upload.attributes.encryption, customer_key_of(request));
  if (upload.composite) check_consecutive(require_parts(request));
  return upload;
}

CompleteMultipartUploadResponse Service::complete(const Context& context,
                                                  const CompleteMultipartUploadRequest& request,
                                                  Assembly assembly) {
  const UploadRecord& upload = assembly.upload;
  const BucketRecord bucket =
      require_bucket(context, request.bucket, request.expected_bucket_owner);
  const Catalog::UploadKey upload_key{request.bucket, request.key, request.upload_id};
  // The key may have been removed while the parts were put together.
  const UploadRecord latest = require_upload(upload_key);
  ObjectRecord object{.size = assembly.size,
                      .etag = multipart_etag(assembly.content),
                      .modified = now(),
                      .checksum = assembly.whole_checksum(),
                      .attributes = upload.attributes,
                      .parts = static_cast<std::uint32_t>(assembly.content.parts.size()),
                      .upload_id = request.upload_id};
  check_whole(request, object);
  apply_locks({.retention = upload.retention, .legal_hold = upload.legal_hold}, bucket, object);

  const Catalog::Target target = catalog_.find_target(bucket, request.bucket, request.key);
  const std::optional<Validator> validator = target.current.transform(validator_of);
  check_write(write_condition(request), validator ? &*validator : nullptr, request.key);
  check_not_overtaken(write_condition(request), catalog_.is_overtaken(latest, target.current),
                      request.key);
  catalog_.put_object(target, object, assembly.content);
  // The object takes over the references of its parts, so that removing the upload leaves them.
  std::vector<std::uint32_t> taken;
  for (const FinishedPart& part : assembly.content.parts) taken.push_back(part.number);
  note_change(request.upload_id);
  catalog_.remove_upload(upload_key, std::move(taken));
  notify(context, request, "ObjectCreated:CompleteMultipartUpload", object);
  return describe_completed(context, request, object);
}

CompleteMultipartUploadResponse Service::describe_completed(
    const Context& context, const CompleteMultipartUploadRequest& request,
    const ObjectRecord& object) const {
  CompleteMultipartUploadResponse response;
  response.location = fmt::format("{}://{}/{}/{}", context.secure ? "https" : "http", context.host,
                                  request.bucket, protocol::percent_encode(request.key));
  response.bucket = request.bucket;
  response.key = request.key;
  response.etag = quoted(object.etag);
  response.expiration = expiration_of(request.bucket, request.key, object);
  report_encryption(object.attributes.encryption, response);
  if (object.checksum) set_checksum(response, *object.checksum);
  response.version_id = id_of_written(object);
  return response;
}

AbortMultipartUploadResponse Service::abort_multipart_upload(
    const Context& context, const AbortMultipartUploadRequest& request) {
  require_bucket(context, request.bucket, request.expected_bucket_owner);
  if (request.if_match_initiated_time) refuse("x-amz-if-match-initiated-time");
  const Catalog::UploadKey key{request.bucket, request.key, request.upload_id};
  require_upload(key);
  note_change(request.upload_id);
  catalog_.remove_upload(key);
  return {};
}

}  // namespace matinee::s3
