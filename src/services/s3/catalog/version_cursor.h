// Walks over all versions of a bucket as ListObjectVersions shows them: by key, and the versions of
// a key from the newest to the oldest, delete markers among them.
//
// State thread only. Made in a transaction it must not outlive it, nor may versions be stored or
// removed while it is in use: collect what is to be changed, change it, and go on with another
// cursor. Made outside of transactions it sees the versions of that moment, whatever happens.
#pragma once

#include <string>
#include <string_view>

#include "services/s3/catalog/catalog.h"

namespace matinee::s3 {

class VersionCursor {
 public:
  /// At the first version of the first key with this prefix that is not before `first_key`. Keys
  /// before that cost nothing, not even those that were removed a moment ago.
  VersionCursor(const Catalog& catalog, std::string bucket, std::string prefix = "",
                const std::string& first_key = "");

  /// False past the last version.
  bool valid() const { return valid_; }
  const std::string& key() const { return key_; }
  const Version& version() const { return version_; }
  void next();

  /// Past all versions of a key.
  void seek_after_key(const std::string& key);
  /// Past the version of a key that has or had this id, "null" among them, to the next older one.
  /// Throws InvalidArgument where no version can have such an id.
  void seek_after(const std::string& key, const std::string& version_id);
  /// Past all keys that begin with these bytes, which must not be empty.
  void seek_past(const std::string& key_prefix);

 private:
  using Objects = storage::TableCursor<Catalog::ObjectKey, ObjectRecord>;
  using Versions = storage::TableCursor<Catalog::VersionKey, VersionRecord>;

  /// Takes the version where the two cursors stand.
  void settle();
  const Catalog& catalog_;
  std::string bucket_;
  std::string prefix_;
  Objects objects_;
  Versions versions_;
  bool valid_ = false;
  bool at_object_ = false;
  std::string key_;
  Version version_;
};

}  // namespace matinee::s3
