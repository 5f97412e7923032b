// The listing of versions and delete markers.
#include "services/s3/catalog/version_cursor.h"
#include "services/s3/listings/listing.h"
#include "services/s3/requests.h"
#include "services/s3/service.h"

namespace matinee::s3 {

namespace {

ObjectVersion describe_version(const std::string& key, const Version& version) {
  const ObjectRecord& object = version.object;
  ObjectVersion described;
  described.etag = quoted(object.etag);
  if (object.checksum) {
    described.checksum_algorithm.emplace().emplace_back(name_of(object.checksum->algorithm));
    described.checksum_type = object.checksum->parts > 0 ? "COMPOSITE" : "FULL_OBJECT";
  }
  described.size = static_cast<std::int64_t>(object.size);
  described.storage_class = object.attributes.storage_class.value_or("STANDARD");
  described.key = key;
  described.version_id = version_id_of(object);
  described.is_latest = version.latest;
  described.last_modified = object.modified;
  return described;
}

DeleteMarkerEntry describe_marker(const std::string& key, const Version& version) {
  DeleteMarkerEntry described;
  described.key = key;
  described.version_id = version_id_of(version.object);
  described.is_latest = version.latest;
  described.last_modified = version.object.modified;
  return described;
}

InvalidArgument bad_version_marker(std::string message, const std::string& marker) {
  InvalidArgument error(std::move(message));
  error.details = {{"ArgumentName", "version-id-marker"}, {"ArgumentValue", marker}};
  return error;
}

/// Moves to the first version after the markers of the request.
void seek_after_markers(VersionCursor& place, const ListObjectVersionsRequest& request) {
  const std::string marker = request.key_marker.value_or("");
  const std::string version = request.version_id_marker.value_or("");
  if (request.version_id_marker && version.empty())
    throw bad_version_marker("A version-id marker cannot be empty.", version);
  if (!version.empty() && marker.empty())
    throw bad_version_marker("A version-id marker cannot be specified without a key marker.",
                             version);
  if (!version.empty() && !is_version_id(version))
    throw bad_version_marker("Invalid version id specified", version);
  if (marker.empty()) return;
  if (const auto group =
          group_of_marker(marker, request.prefix.value_or(""), request.delimiter.value_or("")))
    place.seek_past(*group);
  else if (version.empty())
    place.seek_after_key(marker);
  else
    place.seek_after(marker, version);
}

}  // namespace

runtime::Task<ListObjectVersionsResponse> Service::list_object_versions(
    const Context& context, const ListObjectVersionsRequest& request) {
  const BucketRecord bucket =
      require_bucket(context, request.bucket, request.expected_bucket_owner);
  const KeyEncoding encode(request.encoding_type);
  const std::int32_t limit = page_size(request.max_keys, "max-keys");
  const std::string prefix = request.prefix.value_or("");
  const std::string delimiter = request.delimiter.value_or("");

  ListObjectVersionsResponse response;
  std::vector<ObjectVersion>& versions = response.versions.emplace();
  std::vector<DeleteMarkerEntry>& markers = response.delete_markers.emplace();
  std::vector<CommonPrefix>& prefixes = response.common_prefixes.emplace();
  const ObjectOwners owners(bucket.account, has_lists(request.bucket));
  std::string last_key;
  std::optional<std::string> last_version;
  VersionCursor place(catalog_, request.bucket, prefix, request.key_marker.value_or(""));
  seek_after_markers(place, request);
  for (std::int32_t count = 0; count < limit && place.valid(); ++count) {
    if (loop_.turns().is_over()) co_await loop_.turns().next();
    last_key = place.key();
    if (auto folded = common_prefix(last_key, prefix, delimiter)) {
      place.seek_past(*folded);
      prefixes.push_back({.prefix = encode(*folded)});
      last_key = std::move(*folded);
      last_version.reset();
      continue;
    }
    last_version = version_id_of(place.version().object);
    const Version& version = place.version();
    if (version.delete_marker)
      markers.emplace_back(describe_marker(encode(last_key), version)).owner.emplace().id =
          owners.of_bucket();
    else
      versions.emplace_back(describe_version(encode(last_key), version)).owner.emplace().id =
          owners(version.object.attributes);
    place.next();
  }
  response.is_truncated = limit > 0 && place.valid();
  if (*response.is_truncated) {
    response.next_key_marker = encode(last_key);
    response.next_version_id_marker = last_version;
  }
  response.name = request.bucket;
  response.prefix = encode(prefix);
  response.key_marker = encode(request.key_marker.value_or(""));
  response.version_id_marker = request.version_id_marker.value_or("");
  if (!delimiter.empty()) response.delimiter = encode(delimiter);
  response.max_keys = limit;
  response.encoding_type = request.encoding_type;
  co_return response;
}

}  // namespace matinee::s3
