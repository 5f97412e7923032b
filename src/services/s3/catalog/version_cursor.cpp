#include "services/s3/catalog/version_cursor.h"

#include "s3/errors.h"

namespace matinee::s3 {

namespace {

/// All versions of a bucket from the first key on that has the prefix and is not before
/// `first_key`.
storage::KeyRange range_of(const Catalog& catalog, const std::string& bucket,
                           const std::string& first_key) {
  storage::KeyRange range = catalog.versions.prefix(bucket);
  if (!first_key.empty())
    range.from = catalog.versions.between(std::tuple(bucket, first_key), std::tuple(bucket)).from;
  return range;
}

storage::KeyRange objects_from(const Catalog& catalog, const std::string& bucket,
                               const std::string& prefix, const std::string& first_key) {
  return catalog.objects.from(catalog.objects.raw_prefix(prefix, bucket),
                              Catalog::object_key(bucket, first_key));
}

}  // namespace

VersionCursor::VersionCursor(const Catalog& catalog, std::string bucket, std::string prefix,
                             const std::string& first_key)
    : catalog_(catalog),
      bucket_(std::move(bucket)),
      prefix_(std::move(prefix)),
      objects_(catalog.objects.cursor(objects_from(catalog, bucket_, prefix_, first_key))),
      versions_(catalog.versions.cursor(range_of(catalog, bucket_, std::max(prefix_, first_key)))) {
  settle();
}

void VersionCursor::settle() {
  const bool object = objects_.valid();
  std::string version_key;
  if (versions_.valid()) version_key = std::get<1>(versions_.key());
  const bool version = versions_.valid() && version_key.starts_with(prefix_);
  valid_ = object || version;
  if (!valid_) return;
  if (object) key_ = std::get<1>(objects_.key()).bytes;
  at_object_ = object && (!version || key_ <= version_key);
  if (at_object_) {
    version_ = {.object = objects_.record()};
    return;
  }
  key_ = std::move(version_key);
  VersionRecord record = versions_.record();
  version_ = {.object = std::move(record.object),
              .delete_marker = record.delete_marker,
              .latest = !record.noncurrent_since,
              .noncurrent_since = record.noncurrent_since};
}

void VersionCursor::next() {
  at_object_ ? objects_.next() : versions_.next();
  settle();
}

void VersionCursor::seek_after_key(const std::string& key) {
  objects_.seek(Catalog::object_key(bucket_, key + '\0'));
  versions_.seek(std::tuple(bucket_, key + '\0'));
  settle();
}

void VersionCursor::seek_after(const std::string& key, const std::string& version_id) {
  if (!is_version_id(version_id)) throw InvalidArgument("Invalid version id specified");
  const Catalog::ObjectKey object_key = Catalog::object_key(bucket_, key);
  const std::optional<std::uint64_t> sequence = catalog_.find_sequence(object_key, version_id);
  if (!sequence || *sequence == 0) return seek_after_key(key);
  const std::optional<ObjectRecord> current = catalog_.objects.find(object_key);
  const bool current_is_older =
      current && (!current->version || current->version->sequence < *sequence);
  objects_.seek(Catalog::object_key(bucket_, current_is_older ? key : key + '\0'));
  versions_.seek(Catalog::VersionKey(bucket_, key, ~*sequence + 1));
  settle();
}

void VersionCursor::seek_past(const std::string& key_prefix) {
  objects_.seek_past(storage::encode_key(Catalog::object_key(bucket_, key_prefix)));
  // Keys are UTF-8, so there is always an end.
  versions_.seek(std::tuple(bucket_, storage::end_of_prefix(key_prefix)));
  settle();
}

}  // namespace matinee::s3
