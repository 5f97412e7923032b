// The tables of S3, and the care for what they share: blobs are referenced from objects and parts,
// a copy references the blobs of its source, and a blob goes when its last reference goes.
//
// The table `objects` holds the current object of each key and nothing else, so that listings and
// reads of buckets pay nothing for versioning. Versions that are not current, and all delete
// markers, are in `versions`, newest first. A key whose latest version is a delete marker is only
// there. To walk over all versions of a bucket see version_cursor.h.
//
// State thread only, inside a transaction.
#pragma once

#include "protocol/body.h"
#include "runtime/random.h"
#include "services/s3/catalog/checked_source.h"
#include "services/s3/catalog/records.h"
#include "services/s3/headers/conditions.h"
#include "services/s3/transfer/content.h"
#include "storage/blobs.h"
#include "storage/table.h"

namespace matinee::s3 {

/// A version of a key, current or not, or a delete marker.
struct Version {
  ObjectRecord object;  // of a delete marker only `modified` and `version`
  bool delete_marker = false;
  bool latest = true;
  /// When a newer version took its place; nothing for the latest.
  std::optional<runtime::Time> noncurrent_since;
};

/// "null" for the null version.
std::string version_id_of(const ObjectRecord& record);

/// Whether a version can have this id: "null", or 32 characters of those that ids are made of.
bool is_version_id(std::string_view id);
/// Whether some version, perhaps of another key, has or had this id. Unknown to it are ids that
/// were issued before ids had a check: whoever does not find a version asks this last.
bool is_issued_id(std::string_view id);

/// A new upload's. It sorts by the time at which the upload was initiated, as ListMultipartUploads
/// shows uploads of one key, and cannot be guessed.
std::string new_upload_id(runtime::Time initiated, runtime::Random& random);
/// Whether an upload can have this id.
bool is_upload_id(std::string_view id);

class Catalog {
 public:
  Catalog(storage::Store& store, runtime::Random& random);

  using ObjectKey = std::tuple<std::string, storage::RawKey>;
  /// Bucket, key, and the complement of the sequence number, so that the newest comes first.
  using VersionKey = std::tuple<std::string, std::string, std::uint64_t>;
  using UploadKey = std::tuple<std::string, std::string, std::string>;
  using PartKey = std::tuple<std::string, std::uint32_t>;

  storage::Table<std::string, BucketRecord> buckets;                     // by name
  storage::Table<std::tuple<std::string, storage::RawKey>, bool> owned;  // by account and name
  storage::Table<ObjectKey, ObjectRecord> objects;  // the current ones, by bucket and key
  storage::Table<VersionKey, VersionRecord> versions;
  storage::Table<std::uint64_t, ContentRecord> contents;
  storage::Table<UploadKey, UploadRecord> uploads;       // by bucket, key and upload id
  storage::Table<PartKey, PartRecord> parts;             // by upload id and number
  storage::Table<std::uint64_t, RemainsRecord> remains;  // in the order of their removal

  /// More parts or pieces than this are not given back at once, but by and by: see remains.h.
  static constexpr std::size_t most_at_once = 64;
  /// Called after a transaction that leaves remains.
  std::function<void()> on_remains;

  static ObjectKey object_key(const std::string& bucket, const std::string& key) {
    return {bucket, storage::RawKey{key}};
  }

  /// A key as a write finds it.
  struct Target {
    Versioning versioning = Versioning::none;
    ObjectKey key;
    std::optional<ObjectRecord> current;
  };
  Target find_target(const BucketRecord& record, const std::string& bucket,
                     const std::string& key) const;

  /// Makes `record` the current object: in place of the one that is there, or, with versioning,
  /// above it. Takes over the references of `content`; sets `record.content` and `record.version`.
  void put_object(const Target& target, ObjectRecord& record, const ContentRecord& content);
  /// Removes the current object, or, with versioning, covers it with a delete marker, which it
  /// gives. Nothing where there is no versioning.
  std::optional<Version> remove_object(const Target& target, runtime::Time now);
  /// Removes a version for ever, whatever locks say; the newest of the others becomes the latest.
  void remove_version(const ObjectKey& key, const Version& version);
  /// Stores changes to the attributes, tags or locks of a version, wherever it is.
  void update_object(const ObjectKey& key, const ObjectRecord& record);

  /// A version by its id, "null" among them; nothing where there is none.
  std::optional<Version> find_version(const ObjectKey& key, const std::string& id) const;
  /// The latest version, which is a delete marker where `objects` does not have the key.
  std::optional<Version> find_latest(const ObjectKey& key) const;
  /// The place of a version among those of its key, also of one that is gone. Nothing where its id
  /// is no id, or "null" and there is no null version.
  std::optional<std::uint64_t> find_sequence(const ObjectKey& key, const std::string& id) const;
  /// Whether a bucket has no objects, no versions and no delete markers.
  bool is_empty(const std::string& bucket) const;

  /// The content of a stored object.
  ContentRecord require_content(const ObjectRecord& record) const;

  /// Begins an upload, which from then on knows whether its key is written or removed.
  void begin_upload(const UploadKey& key, UploadRecord& upload);
  /// Whether the key was written, or its latest version removed, since the upload began.
  bool is_overtaken(const UploadRecord& upload, const std::optional<ObjectRecord>& current) const;
  /// The key of the uploads was removed, whether or not there was an object.
  void overtake_uploads(const ObjectKey& key);
  /// Removes an upload with its parts, and their content, but for that of the parts whose numbers
  /// are in `taken`, in ascending order.
  void remove_upload(const UploadKey& key, std::vector<std::uint32_t> taken = {});

  /// Removes up to `most` of the objects, versions and parts of uploads of a bucket, whatever keeps
  /// them. True once nothing is left.
  bool erase_some(const std::string& bucket, std::size_t most);

  /// Makes received content part of the transaction.
  Segment keep(ReceivedContent& content);
  /// Adds a reference to each of the blobs.
  void share(const std::vector<Segment>& segments);
  /// Gives references back, and with the last one the blob.
  void release(const std::vector<Segment>& segments);

  /// How many references a blob should have.
  std::uint64_t references(const storage::BlobRef& blob) const {
    return 1 + std::uint64_t{further_references_.find(blob.id).value_or(0)};
  }

  /// The bytes of a range as a reply carries them: in memory, or pieces of open files. Throws
  /// InternalError where a file is missing.
  protocol::Body read(const std::vector<Segment>& segments, const ByteRange& range) const;
  /// All bytes of an object. Blobs that an earlier run has stored are compared with their digests
  /// the first time that they are sent.
  protocol::Body read_whole(const ObjectRecord& object) const;

  storage::Store& store() const { return store_; }
  storage::Blobs& blobs() const { return store_.blobs(); }

 private:
  storage::Store& store_;
  runtime::Random& random_;
  /// The sequence numbers of the null versions that are in `versions`.
  storage::Table<ObjectKey, std::uint64_t> null_versions_;
  /// How many references a blob has beyond the first; most have none and are not here.
  storage::Table<std::uint64_t, std::uint32_t> further_references_;
  std::uint64_t last_content_ = 0;
  /// Whether there may be uploads in progress: false spares a removal the look for those of its
  /// key.
  bool may_have_uploads_ = true;
  std::shared_ptr<CheckedBlobs> checked_ = std::make_shared<CheckedBlobs>();

  std::uint64_t next_content();
  void leave(const RemainsRecord& record);
  /// A version is gone for good, and its content with it.
  void discard(const ObjectRecord& record);
  /// A version above the others of its key: their largest sequence number and one more.
  VersionIdentity next_version(const Target& target);
  /// Before something is stored above the current object: gives it its version, and does with the
  /// latest version what the bucket's versioning says.
  void make_room(const Target& target, ObjectRecord& successor, runtime::Time now);
  /// Where the latest version is a delete marker: it has a successor from now on.
  void cover_delete_marker(const ObjectKey& key, runtime::Time now);
  void remove_null_version(const ObjectKey& key);
  void put_version(const ObjectKey& key, const VersionRecord& version);
  void erase_version(const ObjectKey& key, const ObjectRecord& record);
  /// Where the latest version was removed: the newest that is left becomes it.
  void promote(const ObjectKey& key);
  /// The newest of the versions that are not current objects.
  std::optional<VersionRecord> find_newest(const ObjectKey& key) const;
};

/// The part of the segments that a range covers.
std::vector<Segment> cut(const std::vector<Segment>& segments, const ByteRange& range);

}  // namespace matinee::s3
