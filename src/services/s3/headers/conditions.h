// What decides whether and how much of an object is read or replaced: Range and the If- headers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/shape.h"

namespace matinee::s3 {

/// Bytes of an object; never empty.
struct ByteRange {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  bool operator==(const ByteRange&) const = default;
};

/// The Range header for an object of `size` bytes. Nothing where it is malformed or names several
/// ranges: S3 then gives the whole object. Throws InvalidRange where it names nothing of the
/// object.
std::optional<ByteRange> parse_range(std::string_view header, std::uint64_t size);

/// x-amz-copy-source-range, which takes no short forms: "bytes=0-9". Throws InvalidArgument.
ByteRange parse_copy_range(const std::string& header, std::uint64_t size);

/// "bytes 0-9/100"
std::string content_range(const ByteRange& range, std::uint64_t size);

/// What conditions look at; the time has no fractions of a second.
struct Condition {
  std::optional<std::string> if_match;
  std::optional<std::string> if_none_match;
  std::optional<protocol::Timestamp> if_modified_since;
  std::optional<protocol::Timestamp> if_unmodified_since;
};

/// An object as conditions see it.
struct Validator {
  std::string etag;  // without quotes
  protocol::Timestamp modified;
};

/// Whether one of a list of entity tags, with or without quotes, is this one; "*" is any.
bool matches_etag(std::string_view list, std::string_view etag);

/// For GET and HEAD. If-Modified-Since with a time after `now` is ignored. Throws NotModified or
/// PreconditionFailed.
void check_read(const Condition& condition, const Validator& object, protocol::Timestamp now);

/// For the source of a copy, likewise. Throws PreconditionFailed.
void check_copy_source(const Condition& condition, const Validator& object,
                       protocol::Timestamp now);

/// For PUT, CompleteMultipartUpload and CopyObject; null where there is no such object yet. Throws
/// PreconditionFailed, NoSuchKey (If-Match without an object) or NotImplemented (If-None-Match
/// other than "*", If-Match "*", or both).
void check_write(const Condition& condition, const Validator* object, const std::string& key);

/// For DeleteObject, where If-Match may be "*". Throws PreconditionFailed or NoSuchKey.
void check_removal(const std::optional<std::string>& if_match, const Validator* object,
                   const std::string& key);

/// For CompleteMultipartUpload with a condition that holds: whether the key was written or removed
/// since the upload began. Throws ConditionalRequestConflict.
void check_not_overtaken(const Condition& condition, bool overtaken, const std::string& key);

}  // namespace matinee::s3
