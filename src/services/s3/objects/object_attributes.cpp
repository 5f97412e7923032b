// GetObjectAttributes: what is known of an object without its content, as far as the caller asks.
#include "services/s3/listings/listing.h"
#include "services/s3/requests.h"
#include "services/s3/service.h"

namespace matinee::s3 {

namespace {

bool asks_for(const GetObjectAttributesRequest& request, std::string_view attribute) {
  return std::ranges::find(request.object_attributes, attribute) != request.object_attributes.end();
}

ObjectPart describe_part(const FinishedPart& part, const ObjectRecord& object) {
  ObjectPart described;
  described.part_number = static_cast<std::int32_t>(part.number);
  described.size = static_cast<std::int64_t>(part.size);
  if (object.checksum && !part.digest.empty())
    set_checksum(described, {.algorithm = object.checksum->algorithm, .digest = part.digest});
  return described;
}

/// Here alone the digest of a composite checksum does not tell the number of parts.
void describe_checksum(const ChecksumRecord& checksum, ObjectChecksum& described) {
  set_checksum(described, checksum);
  checksum_member(described, checksum.algorithm) =
      ChecksumRecord{.algorithm = checksum.algorithm, .digest = checksum.digest}.text();
}

/// A page of the parts of a multipart object, after the part with the number of the marker: where
/// parts have checksums that count, which is where the object's is made of them. Of other objects
/// AWS tells how many parts they have, and no more.
GetObjectAttributesParts describe_parts(const GetObjectAttributesRequest& request,
                                        const ObjectRecord& object, const ContentRecord& content) {
  const std::int32_t limit = page_size(request.max_parts, "max-parts");
  const std::int32_t marker = std::max(request.part_number_marker.value_or(0), 0);
  GetObjectAttributesParts page;
  page.total_parts_count = static_cast<std::int32_t>(content.parts.size());
  if (!object.checksum || object.checksum->parts == 0) return page;
  std::vector<ObjectPart>& parts = page.parts.emplace();
  page.is_truncated = false;
  for (const FinishedPart& part : content.parts) {
    if (part.number <= static_cast<std::uint32_t>(marker)) continue;
    if (parts.size() == static_cast<std::size_t>(limit)) {
      page.is_truncated = limit > 0;
      break;
    }
    parts.push_back(describe_part(part, object));
  }
  page.part_number_marker = marker;
  page.next_part_number_marker = parts.empty() ? 0 : *parts.back().part_number;
  page.max_parts = limit;
  return page;
}

}  // namespace

GetObjectAttributesResponse Service::get_object_attributes(
    const Context& context, const GetObjectAttributesRequest& request) {
  const BucketRecord bucket =
      require_bucket(context, request.bucket, request.expected_bucket_owner);
  check_key(request.key);
  refuse_unserved(request);
  if (request.object_attributes.empty()) throw no_attributes_named();
  const ObjectRecord object = require_object(request.bucket, request.key, request.version_id);
  check_reader(context, object, customer_key_of(request));

  GetObjectAttributesResponse response{.last_modified = object.modified};
  name_version(bucket, object, response);
  // Here alone entity tags have no quotes.
  if (asks_for(request, "ETag")) response.etag = object.etag;
  if (asks_for(request, "Checksum") && object.checksum)
    describe_checksum(*object.checksum, response.checksum.emplace());
  if (asks_for(request, "ObjectParts") && object.parts > 0)
    response.object_parts = describe_parts(request, object, catalog_.require_content(object));
  if (asks_for(request, "StorageClass"))
    response.storage_class = object.attributes.storage_class.value_or("STANDARD");
  if (asks_for(request, "ObjectSize"))
    response.object_size = static_cast<std::int64_t>(object.size);
  return response;
}

}  // namespace matinee::s3
