// The tables of S3, and the care for content that they share: blobs are referenced from objects and
// parts, a copy references the blobs of its source, and a blob goes when its last reference goes.
//
// State thread only, inside a transaction.
#pragma once

#include "protocol/body.h"
#include "services/s3/conditions.h"
#include "services/s3/content.h"
#include "services/s3/records.h"
#include "storage/blobs.h"
#include "storage/table.h"

namespace matinee::s3 {

class Catalog {
 public:
  explicit Catalog(storage::Store& store);

  using ObjectKey = std::tuple<std::string, storage::RawKey>;
  using UploadKey = std::tuple<std::string, std::string, std::string>;
  using PartKey = std::tuple<std::string, std::uint32_t>;

  storage::Table<std::string, BucketRecord> buckets;                     // by name
  storage::Table<std::tuple<std::string, storage::RawKey>, bool> owned;  // by account and name
  storage::Table<ObjectKey, ObjectRecord> objects;                       // by bucket and key
  storage::Table<std::uint64_t, ContentRecord> contents;
  storage::Table<UploadKey, UploadRecord> uploads;  // by bucket, key and upload id
  storage::Table<PartKey, PartRecord> parts;        // by upload id and number

  static ObjectKey object_key(const std::string& bucket, const std::string& key) {
    return {bucket, storage::RawKey{key}};
  }

  /// Stores an object in place of `old`, which is what is there now. Takes over the references of
  /// `content`; sets `record.content`.
  void put_object(const ObjectKey& key, const std::optional<ObjectRecord>& old, ObjectRecord record,
                  const ContentRecord& content);
  void remove_object(const ObjectKey& key, const ObjectRecord& record);
  /// The content of a stored object.
  ContentRecord require_content(const ObjectRecord& record) const;

  /// Removes an upload with those of its parts that are still there, and their content.
  void remove_upload(const UploadKey& key);

  /// Makes received content part of the transaction.
  Segment keep(ReceivedContent& content);
  /// Adds a reference to each of the blobs.
  void share(const std::vector<Segment>& segments);
  /// Gives references back, and with the last one the blob.
  void release(const std::vector<Segment>& segments);

  /// The bytes of a range as a reply carries them: in memory, or pieces of open files. Throws
  /// InternalError where a file is missing.
  protocol::Body read(const std::vector<Segment>& segments, const ByteRange& range) const;

  storage::Store& store() const { return store_; }
  storage::Blobs& blobs() const { return store_.blobs(); }

 private:
  storage::Store& store_;
  /// How many references a blob has beyond the first; most have none and are not here.
  storage::Table<std::uint64_t, std::uint32_t> further_references_;
  std::uint64_t last_content_ = 0;

  std::uint64_t next_content();
};

/// The part of the segments that a range covers.
std::vector<Segment> cut(const std::vector<Segment>& segments, const ByteRange& range);

}  // namespace matinee::s3
