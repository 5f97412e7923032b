// A bucket emptied bit by bit, whatever its versioning and locks say.
#include <algorithm>

#include "services/s3/catalog/catalog.h"

namespace matinee::s3 {

namespace {

/// The first `most` entries of a range. Nothing may be written while a table is scanned.
template <class Table>
auto first_entries(const Table& table, const storage::KeyRange& range, std::size_t most) {
  std::vector<std::pair<typename Table::KeyType, typename Table::RecordType>> found;
  table.scan(range, [&](const auto& key, auto record) {
    found.emplace_back(key, std::move(record));
    return found.size() < most;
  });
  return found;
}

}  // namespace

bool Catalog::erase_some(const std::string& bucket, std::size_t most) {
  std::size_t left = most;
  for (const auto& [key, record] : first_entries(objects, objects.prefix(bucket), left)) {
    discard(record);
    objects.erase(key);
    --left;
  }
  if (left == 0) return false;
  for (const auto& [key, record] : first_entries(versions, versions.prefix(bucket), left)) {
    if (!record.delete_marker) discard(record.object);
    versions.erase(key);
    --left;
  }
  if (left == 0) return false;
  while (const auto upload = uploads.first(uploads.prefix(bucket))) {
    remove_upload(upload->first);
    left -= std::min(left, most_at_once);  // of parts
    if (left == 0) return false;
  }
  null_versions_.erase_range(null_versions_.prefix(bucket));
  return true;
}

}  // namespace matinee::s3
