// Listings of uploads in progress and of their parts.
#include <fmt/format.h>

#include "services/s3/listings/listing.h"
#include "services/s3/requests.h"
#include "services/s3/service.h"

namespace matinee::s3 {

namespace {

/// Moves to the first upload after the markers of the request.
template <class Place>
void seek_after_markers(Place& place, const ListMultipartUploadsRequest& request,
                        const std::string& prefix) {
  const std::string& bucket = request.bucket;
  const std::string marker = request.key_marker.value_or("");
  if (marker.empty()) return;
  const std::string id = request.upload_id_marker.value_or("");
  if (!id.empty() && !is_upload_id(id)) {
    InvalidArgument error("Invalid uploadId marker");
    error.details = {{"ArgumentName", "upload-id-marker"}, {"ArgumentValue", id}};
    throw error;
  }
  if (marker < prefix) return;
  if (const auto group = group_of_marker(marker, prefix, request.delimiter.value_or("")))
    place.seek(std::tuple(bucket, storage::end_of_prefix(*group)));
  else if (!id.empty())
    place.seek(std::tuple(bucket, marker, id + '\0'));
  else
    place.seek(std::tuple(bucket, marker + '\0'));
}

MultipartUpload describe_upload(const std::string& key, const std::string& id,
                                const UploadRecord& record, const std::string& owner) {
  MultipartUpload upload;
  upload.upload_id = id;
  upload.key = key;
  // Times of uploads are told in whole seconds, and kept more exactly.
  upload.initiated = std::chrono::floor<std::chrono::seconds>(record.initiated);
  upload.storage_class = record.attributes.storage_class.value_or("STANDARD");
  upload.owner.emplace().id = owner;
  upload.initiator.emplace().id = owner;
  if (record.algorithm) {
    upload.checksum_algorithm = name_of(*record.algorithm);
    upload.checksum_type = record.composite ? "COMPOSITE" : "FULL_OBJECT";
  }
  return upload;
}

Part describe_part(std::uint32_t number, const PartRecord& record, const UploadRecord& upload) {
  Part part;
  part.part_number = static_cast<std::int32_t>(number);
  part.last_modified = record.modified;
  part.etag = quoted(to_hex(record.md5));
  part.size = static_cast<std::int64_t>(record.size);
  if (upload.algorithm) set_checksum(part, record.checksums.front());
  return part;
}

}  // namespace

runtime::Task<ListMultipartUploadsResponse> Service::list_multipart_uploads(
    const Context& context, const ListMultipartUploadsRequest& request) {
  const BucketRecord bucket_record =
      require_bucket(context, request.bucket, request.expected_bucket_owner);
  const ObjectOwners owners(bucket_record.account, has_lists(request.bucket));
  const KeyEncoding encode(request.encoding_type);
  const std::int32_t limit = page_size(request.max_uploads, "max-uploads");
  const std::string prefix = request.prefix.value_or("");
  const std::string delimiter = request.delimiter.value_or("");

  ListMultipartUploadsResponse response;
  std::vector<MultipartUpload>& uploads = response.uploads.emplace();
  std::vector<CommonPrefix>& prefixes = response.common_prefixes.emplace();
  std::string last_key;
  std::string last_id;
  auto place = catalog_.uploads.cursor(catalog_.uploads.prefix(request.bucket));
  if (!prefix.empty()) place.seek(std::tuple(request.bucket, prefix));
  seek_after_markers(place, request, prefix);
  const auto goes_on = [&] {
    return place.valid() && std::get<1>(place.key()).starts_with(prefix);
  };
  for (std::int32_t count = 0; count < limit && goes_on(); ++count) {
    if (loop_.turns().is_over()) co_await loop_.turns().next();
    const auto [bucket, key, id] = place.key();
    last_key = key;
    last_id = id;
    if (const auto folded = common_prefix(key, prefix, delimiter)) {
      prefixes.push_back({.prefix = encode(*folded)});
      last_key = *folded;
      last_id.clear();
      // Keys are UTF-8, so there is always an end.
      const std::string end = storage::end_of_prefix(*folded);
      place.seek(std::tuple(request.bucket, end));
      continue;
    }
    const UploadRecord record = place.record();
    uploads.push_back(describe_upload(encode(key), id, record, owners(record.attributes)));
    place.next();
  }
  response.is_truncated = limit > 0 && goes_on();
  response.next_key_marker = *response.is_truncated ? encode(last_key) : "";
  response.next_upload_id_marker = *response.is_truncated ? last_id : "";
  response.bucket = request.bucket;
  response.key_marker = encode(request.key_marker.value_or(""));
  response.upload_id_marker = request.upload_id_marker.value_or("");
  if (request.prefix) response.prefix = encode(prefix);
  if (!delimiter.empty()) response.delimiter = encode(delimiter);
  response.max_uploads = limit;
  response.encoding_type = request.encoding_type;
  co_return response;
}

runtime::Task<ListPartsResponse> Service::list_parts(const Context& context,
                                                     const ListPartsRequest& request) {
  const BucketRecord bucket =
      require_bucket(context, request.bucket, request.expected_bucket_owner);
  refuse_unserved(request);
  const UploadRecord upload = require_upload({request.bucket, request.key, request.upload_id});
  if (customer_key_of(request).present())
    check_part_key(upload.attributes.encryption, customer_key_of(request));
  const std::int32_t limit = page_size(request.max_parts, "max-parts");
  const std::int32_t marker = request.part_number_marker.value_or(0);
  check_not_negative(marker, "part-number-marker");

  ListPartsResponse response;
  std::vector<Part>& parts = response.parts.emplace();
  auto place = catalog_.parts.cursor(catalog_.parts.prefix(request.upload_id));
  place.seek(Catalog::PartKey(request.upload_id, static_cast<std::uint32_t>(marker) + 1));
  for (; place.valid() && parts.size() < static_cast<std::size_t>(limit); place.next()) {
    if (loop_.turns().is_over()) co_await loop_.turns().next();
    parts.push_back(describe_part(std::get<1>(place.key()), place.record(), upload));
  }
  response.is_truncated = limit > 0 && place.valid();
  response.next_part_number_marker = parts.empty() ? 0 : *parts.back().part_number;
  response.part_number_marker = marker;
  response.max_parts = limit;
  response.bucket = request.bucket;
  response.key = request.key;
  response.upload_id = request.upload_id;
  const ObjectOwners owners(bucket.account, has_lists(request.bucket));
  response.owner.emplace().id = owners(upload.attributes);
  response.initiator = Initiator();
  response.initiator->id = response.owner->id;
  response.storage_class = upload.attributes.storage_class.value_or("STANDARD");
  if (const auto abort = abort_of(request.bucket, request.key, upload)) {
    response.abort_date = abort->at;
    response.abort_rule_id = abort->rule_id;
  }
  if (upload.algorithm) {
    response.checksum_algorithm = name_of(*upload.algorithm);
    response.checksum_type = upload.composite ? "COMPOSITE" : "FULL_OBJECT";
  }
  co_return response;
}

}  // namespace matinee::s3
