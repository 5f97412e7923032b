// What S3 stores. Numbers of fields are for ever; see storage/record.h.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/clock.h"
#include "services/s3/catalog/acl_record.h"
#include "services/s3/catalog/encryption_record.h"
#include "services/s3/transfer/checksums.h"
#include "storage/blobs.h"
#include "storage/record.h"

namespace matinee::s3 {

/// What PutBucketVersioning has said last. A bucket never goes back to `none`.
enum class Versioning : std::uint8_t { none = 0, enabled = 1, suspended = 2 };

enum class LockMode : std::uint8_t { governance = 1, compliance = 2 };

/// Keeps a version from being removed until a moment.
struct RetentionRecord {
  LockMode mode = LockMode::governance;
  runtime::Time until;

  static constexpr auto fields = std::tuple{storage::field<1>(&RetentionRecord::mode),
                                            storage::field<2>(&RetentionRecord::until)};
};

/// Object lock of a bucket, and the retention that its new versions get: days or years, or neither.
struct BucketLockRecord {
  std::optional<LockMode> default_mode;
  std::uint32_t days = 0;
  std::uint32_t years = 0;

  static constexpr auto fields = std::tuple{storage::field<1>(&BucketLockRecord::default_mode),
                                            storage::field<2>(&BucketLockRecord::days),
                                            storage::field<3>(&BucketLockRecord::years)};
};

struct BucketRecord {
  std::string account;  // its owner
  std::string region;
  runtime::Time created;
  Versioning versioning = Versioning::none;
  std::optional<BucketLockRecord> lock;  // nothing: object lock is not enabled
  bool mfa_delete_disabled = false;      // PutBucketVersioning has said so
  bool constraint_is_eu = false;         // CreateBucket has called eu-west-1 "EU"

  static constexpr auto fields = std::tuple{storage::field<1>(&BucketRecord::account),
                                            storage::field<2>(&BucketRecord::region),
                                            storage::field<3>(&BucketRecord::created),
                                            storage::field<9>(&BucketRecord::versioning),
                                            storage::field<10>(&BucketRecord::lock),
                                            storage::field<11>(&BucketRecord::mfa_delete_disabled),
                                            storage::field<12>(&BucketRecord::constraint_is_eu)};
};

/// A checksum of an object or a part.
struct ChecksumRecord {
  Algorithm algorithm = Algorithm::crc64nvme;
  std::string digest;
  /// Of a COMPOSITE checksum the number of parts; zero for one over the content itself.
  std::uint32_t parts = 0;

  /// As clients see it: base64, with "-N" if it is composite.
  std::string text() const;

  static constexpr auto fields = std::tuple{storage::field<1>(&ChecksumRecord::algorithm),
                                            storage::field<2>(&ChecksumRecord::digest),
                                            storage::field<3>(&ChecksumRecord::parts)};
};

/// What a client chooses when it stores an object.
struct Attributes {
  std::optional<std::string> cache_control;
  std::optional<std::string> content_disposition;
  std::optional<std::string> content_encoding;
  std::optional<std::string> content_language;
  std::optional<std::string> content_type;
  std::optional<std::string> expires;
  std::optional<std::string> website_redirect_location;
  std::optional<std::string> storage_class;  // nothing: STANDARD
  std::map<std::string, std::string> metadata;
  std::map<std::string, std::string> tags;
  std::optional<AclRecord> acl;                // nothing: the bucket's owner has it for himself
  std::optional<EncryptionRecord> encryption;  // nothing: SSE-S3

  static constexpr auto fields =
      std::tuple{storage::field<1>(&Attributes::cache_control),
                 storage::field<2>(&Attributes::content_disposition),
                 storage::field<3>(&Attributes::content_encoding),
                 storage::field<4>(&Attributes::content_language),
                 storage::field<5>(&Attributes::content_type),
                 storage::field<6>(&Attributes::expires),
                 storage::field<7>(&Attributes::website_redirect_location),
                 storage::field<8>(&Attributes::storage_class),
                 storage::field<9>(&Attributes::metadata),
                 storage::field<10>(&Attributes::tags),
                 storage::field<20>(&Attributes::acl),
                 storage::field<30>(&Attributes::encryption)};
};

/// Which version of its key an object is.
struct VersionIdentity {
  std::uint64_t sequence = 0;  // later versions of a key have larger ones
  std::string id;              // as clients see it; empty for the null version

  static constexpr auto fields = std::tuple{storage::field<1>(&VersionIdentity::sequence),
                                            storage::field<2>(&VersionIdentity::id)};
};

/// An object without its content: all that listings and HeadObject need.
struct ObjectRecord {
  std::uint64_t content = 0;  // key among the contents
  std::uint64_t size = 0;
  std::string etag;        // without quotes
  runtime::Time modified;  // whole seconds, as HTTP dates have them
  std::optional<ChecksumRecord> checksum;
  Attributes attributes;
  std::uint32_t parts = 0;  // of a multipart object; zero for others
  std::string upload_id;    // that made a multipart object
  /// Nothing for a null version that was stored before the bucket had versioning.
  std::optional<VersionIdentity> version;
  std::optional<RetentionRecord> retention;
  std::optional<bool> legal_hold;  // nothing: never set

  static constexpr auto fields = std::tuple{
      storage::field<1>(&ObjectRecord::content),    storage::field<2>(&ObjectRecord::size),
      storage::field<3>(&ObjectRecord::etag),       storage::field<4>(&ObjectRecord::modified),
      storage::field<5>(&ObjectRecord::checksum),   storage::field<6>(&ObjectRecord::attributes),
      storage::field<7>(&ObjectRecord::parts),      storage::field<8>(&ObjectRecord::upload_id),
      storage::field<9>(&ObjectRecord::version),    storage::field<10>(&ObjectRecord::retention),
      storage::field<11>(&ObjectRecord::legal_hold)};
};

/// A version that is not current, or a delete marker, which never is an object.
struct VersionRecord {
  ObjectRecord object;  // of a delete marker only `modified` and `version`
  bool delete_marker = false;
  std::optional<runtime::Time> noncurrent_since;  // nothing: a delete marker that is the latest

  static constexpr auto fields = std::tuple{storage::field<1>(&VersionRecord::object),
                                            storage::field<2>(&VersionRecord::delete_marker),
                                            storage::field<3>(&VersionRecord::noncurrent_since)};
};

/// Some bytes of an object: here, or a stretch of a blob.
struct Segment {
  std::string bytes;
  storage::BlobRef blob;     // an id of zero: the bytes are here
  std::uint64_t offset = 0;  // in the blob
  std::uint64_t length = 0;

  static constexpr auto fields =
      std::tuple{storage::field<1>(&Segment::bytes), storage::field<2>(&Segment::blob),
                 storage::field<3>(&Segment::offset), storage::field<4>(&Segment::length)};
};

/// One part of a finished multipart object.
struct FinishedPart {
  std::uint64_t size = 0;
  std::string digest;  // of the object's checksum algorithm; empty where it is not known
  std::uint32_t number = 0;
  std::string md5;  // raw

  static constexpr auto fields =
      std::tuple{storage::field<1>(&FinishedPart::size), storage::field<2>(&FinishedPart::digest),
                 storage::field<3>(&FinishedPart::number), storage::field<4>(&FinishedPart::md5)};
};

/// The content of an object, apart from its record, so that listings do not read it.
struct ContentRecord {
  std::vector<Segment> segments;
  std::vector<FinishedPart> parts;  // of a multipart object

  static constexpr auto fields = std::tuple{storage::field<1>(&ContentRecord::segments),
                                            storage::field<2>(&ContentRecord::parts)};
};

/// A multipart upload in progress.
struct UploadRecord {
  runtime::Time initiated;
  Attributes attributes;
  std::optional<Algorithm> algorithm;  // that the client chose
  bool composite = false;
  std::optional<RetentionRecord> retention;  // of the object that it makes
  std::optional<bool> legal_hold;
  /// The content of the key's object when the upload began, zero where there was none; nothing for
  /// uploads of older versions of Matinee.
  std::optional<std::uint64_t> found_content;
  bool overtaken = false;  // the key was removed since

  static constexpr auto fields = std::tuple{storage::field<1>(&UploadRecord::initiated),
                                            storage::field<2>(&UploadRecord::attributes),
                                            storage::field<3>(&UploadRecord::algorithm),
                                            storage::field<4>(&UploadRecord::composite),
                                            storage::field<9>(&UploadRecord::retention),
                                            storage::field<10>(&UploadRecord::legal_hold),
                                            storage::field<11>(&UploadRecord::found_content),
                                            storage::field<12>(&UploadRecord::overtaken)};
};

/// A part of an upload in progress.
struct PartRecord {
  std::uint64_t size = 0;
  std::string md5;  // raw
  runtime::Time modified;
  std::vector<ChecksumRecord> checksums;
  std::vector<Segment> segments;

  static constexpr auto fields = std::tuple{
      storage::field<1>(&PartRecord::size), storage::field<2>(&PartRecord::md5),
      storage::field<3>(&PartRecord::modified), storage::field<4>(&PartRecord::checksums),
      storage::field<5>(&PartRecord::segments)};
};

/// What was removed, but has too many parts to be given back at once; one of the two.
struct RemainsRecord {
  std::string upload_id;             // all parts that are still stored of this upload
  std::vector<std::uint32_t> taken;  // of these the object that it made has the content
  std::uint64_t content = 0;         // a content that no object has any more

  static constexpr auto fields = std::tuple{storage::field<1>(&RemainsRecord::upload_id),
                                            storage::field<2>(&RemainsRecord::taken),
                                            storage::field<3>(&RemainsRecord::content)};
};

}  // namespace matinee::s3
