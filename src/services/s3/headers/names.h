// The rules for names of buckets and objects, and for the header forms in which clients write
// names.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace matinee::s3 {

inline constexpr std::size_t max_key_bytes = 1024;
inline constexpr std::size_t max_metadata_bytes = 2048;
inline constexpr std::size_t max_redirect_bytes = 2048;
inline constexpr std::size_t max_tags = 10;

/// 3 to 63 lower-case letters, digits, dots and hyphens; no two dots in a row, no IP address, none
/// of the prefixes and suffixes that AWS keeps for itself.
bool is_bucket_name(std::string_view name);

/// Throws InvalidBucketName.
void check_bucket_name(const std::string& name);

/// Throws KeyTooLongError above 1,024 bytes, InvalidURI where the key is not UTF-8.
void check_key(const std::string& key);

/// Where an object is copied from.
struct CopySource {
  std::string bucket;
  std::string key;
  std::optional<std::string> version_id;
};

/// x-amz-copy-source: "bucket/key" percent-encoded, also with a slash in front, also with
/// "?versionId=". Throws InvalidArgument; NotImplemented for access points.
CopySource parse_copy_source(std::string_view text);

/// Throws InvalidTag: keys have 1 to 128 characters, values up to 256, both of letters, digits,
/// spaces and + - = . _ : / @; keys that begin with "aws:" belong to AWS.
void check_tag(const std::string& key, const std::string& value);

/// x-amz-tagging: "key=value&key2=value2". Throws InvalidArgument, InvalidTag, or BadRequest for
/// more than 10.
std::map<std::string, std::string> parse_tagging(std::string_view text);

/// Content-Encoding without the "aws-chunked" that only describes how the upload travelled; nothing
/// where that is all.
std::optional<std::string> stored_content_encoding(std::string_view text);

/// Names of user metadata in lower case, values as UTF-8. Throws MetadataTooLarge above 2 KB.
std::map<std::string, std::string> stored_metadata(
    const std::map<std::string, std::string>& metadata);

/// User metadata as replies have it.
std::map<std::string, std::string> metadata_of_reply(
    const std::map<std::string, std::string>& metadata);

/// The value that a request wants a header of its reply to have. Throws InvalidArgument where a
/// header cannot have it.
std::string override_value(std::string_view parameter, const std::string& value);

/// x-amz-website-redirect-location, as it is: a path or a URL. Throws InvalidRedirectLocation.
std::optional<std::string> checked_redirect(const std::optional<std::string>& location);

/// The 64 hex digits by which S3 names an account.
std::string canonical_user_id(const std::string& account);

}  // namespace matinee::s3
