// What many requests and replies of S3 have in common, written once over their members.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "protocol/timestamps.h"
#include "s3/errors.h"
#include "s3/shapes.h"
#include "services/context.h"
#include "services/s3/catalog/catalog.h"
#include "services/s3/catalog/records.h"
#include "services/s3/encryption/encryption.h"
#include "services/s3/headers/conditions.h"
#include "services/s3/headers/names.h"
#include "services/s3/headers/not_served.h"
#include "services/s3/locks/object_lock.h"
#include "services/s3/transfer/content.h"

namespace matinee::s3 {

inline std::string quoted(std::string_view etag) {
  return '"' + std::string(etag) + '"';
}

/// The member for checksums of this algorithm, of any request or reply that has them.
template <class Message>
auto& checksum_member(Message& message, Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::crc32:
      return message.checksum_crc32;
    case Algorithm::crc32c:
      return message.checksum_crc32c;
    case Algorithm::crc64nvme:
      return message.checksum_crc64nvme;
    case Algorithm::sha1:
      return message.checksum_sha1;
    case Algorithm::sha512:
      return message.checksum_sha512;
    case Algorithm::md5:
      return message.checksum_md5;
    case Algorithm::xxhash64:
      return message.checksum_xxhash64;
    case Algorithm::xxhash3:
      return message.checksum_xxhash3;
    case Algorithm::xxhash128:
      return message.checksum_xxhash128;
    default:
      return message.checksum_sha256;
  }
}

/// Looks checksums up in members as if they were headers; for read_checksum. `message` must outlive
/// the result.
template <class Message>
FindHeader checksum_headers(const Message& message) {
  return [&message](std::string_view header) -> std::optional<std::string_view> {
    if (const auto algorithm = find_algorithm_of_header(header))
      return checksum_member(message, *algorithm);
    return std::nullopt;
  };
}

/// Of uploads whose content did not come through an UploadSink.
template <class Request>
Expectations expectations_of(const Request& request) {
  Expectations expectations;
  if (request.content_md5) expectations.md5 = read_content_md5(*request.content_md5);
  expectations.checksum = read_checksum(checksum_headers(request));
  return expectations;
}

/// What an in-process client asks us to compute where it sends no checksum.
template <class Request>
std::optional<Algorithm> requested_algorithm(const Request& request) {
  if (!request.checksum_algorithm) return std::nullopt;
  const std::optional<Algorithm> algorithm = find_algorithm(*request.checksum_algorithm);
  if (!algorithm) refuse("checksum algorithm " + *request.checksum_algorithm);
  return algorithm;
}

template <class Response>
void set_checksum(Response& response, const ChecksumRecord& checksum) {
  checksum_member(response, checksum.algorithm) = checksum.text();
  if constexpr (requires { response.checksum_type; })
    response.checksum_type = checksum.parts > 0 ? "COMPOSITE" : "FULL_OBJECT";
}

/// Refuses what a request asks for and Matinee would otherwise silently leave out.
template <class Request>
void refuse_unserved(const Request& request) {
  if constexpr (requires { request.object_lock_mode; })
    if (request.object_lock_event_hold || request.object_lock_event_hold_duration_days ||
        request.object_lock_event_hold_duration_years)
      refuse("x-amz-object-lock-event-hold");
  if constexpr (requires { request.write_offset_bytes; })
    if (request.write_offset_bytes) refuse("x-amz-write-offset-bytes");
  if constexpr (requires { request.annotation_directive; })
    if (request.annotation_directive) refuse("x-amz-object-annotation-directive");
}

/// Of operations that are all about their body, where there is none.
inline MissingRequestBodyError empty_body() {
  return MissingRequestBodyError("Request Body is empty");
}

/// GetObjectAttributes must say which.
InvalidRequest no_attributes_named();

/// Of an id that no version can have, or that none was ever given.
InvalidArgument invalid_version_id(const std::string& version_id);

/// Throws InvalidArgument where no version can have such an id.
void check_version_id(const std::string& version_id);

/// Whether objects of this class must be restored before they can be read.
inline bool is_archived(const Attributes& attributes) {
  return attributes.storage_class == "GLACIER" || attributes.storage_class == "DEEP_ARCHIVE";
}

/// Nothing for STANDARD. Throws InvalidStorageClass for those that no bucket of ours can have.
std::optional<std::string> stored_storage_class(const std::optional<std::string>& text);

/// What the request wants stored with the content.
template <class Request>
Attributes attributes_of(const Request& request) {
  Attributes attributes{
      .cache_control = request.cache_control,
      .content_disposition = request.content_disposition,
      .content_language = request.content_language,
      .content_type = request.content_type,
      .expires = request.expires,
      .website_redirect_location = checked_redirect(request.website_redirect_location),
      .storage_class = stored_storage_class(request.storage_class)};
  if (request.content_encoding)
    attributes.content_encoding = stored_content_encoding(*request.content_encoding);
  if (!attributes.content_type || attributes.content_type->empty())
    attributes.content_type = "binary/octet-stream";
  if (request.metadata) attributes.metadata = stored_metadata(*request.metadata);
  if (request.tagging) attributes.tags = parse_tagging(*request.tagging);
  return attributes;
}

/// What GetObject and HeadObject tell of an object, before range, part and overrides.
template <class Response>
void describe(const ObjectRecord& object, Response& response) {
  const Attributes& attributes = object.attributes;
  response.accept_ranges = "bytes";
  response.last_modified = object.modified;
  response.etag = quoted(object.etag);
  report_encryption(attributes.encryption, response);
  response.cache_control = attributes.cache_control;
  response.content_disposition = attributes.content_disposition;
  response.content_encoding = attributes.content_encoding;
  response.content_language = attributes.content_language;
  response.content_type = attributes.content_type;
  response.expires = attributes.expires;
  response.website_redirect_location = attributes.website_redirect_location;
  response.storage_class = attributes.storage_class;
  if (!attributes.metadata.empty()) response.metadata = metadata_of_reply(attributes.metadata);
  if (object.retention) {
    response.object_lock_mode = name_of(object.retention->mode);
    response.object_lock_retain_until_date = object.retention->until;
  }
  if (object.legal_hold) response.object_lock_legal_hold_status = *object.legal_hold ? "ON" : "OFF";
  if (!attributes.tags.empty())
    response.tag_count = static_cast<std::int32_t>(attributes.tags.size());
}

/// The response- parameters of GetObject and HeadObject.
template <class Request, class Response>
void override_headers(const Request& request, Response& response) {
  const auto replace = [](auto& member, std::string_view parameter,
                          const std::optional<std::string>& by) {
    if (by) member = override_value(parameter, *by);
  };
  replace(response.cache_control, "response-cache-control", request.response_cache_control);
  replace(response.content_disposition, "response-content-disposition",
          request.response_content_disposition);
  replace(response.content_encoding, "response-content-encoding",
          request.response_content_encoding);
  replace(response.content_language, "response-content-language",
          request.response_content_language);
  replace(response.content_type, "response-content-type", request.response_content_type);
  if (request.response_expires) {
    response.expires.emplace();
    protocol::append_http_date(*response.expires, *request.response_expires);
  }
}

template <class Request>
Condition write_condition(const Request& request) {
  return {.if_match = request.if_match, .if_none_match = request.if_none_match};
}

template <class Request>
Condition read_condition(const Request& request) {
  return {.if_match = request.if_match,
          .if_none_match = request.if_none_match,
          .if_modified_since = request.if_modified_since,
          .if_unmodified_since = request.if_unmodified_since};
}

template <class Request>
Condition copy_condition(const Request& request) {
  return {.if_match = request.copy_source_if_match,
          .if_none_match = request.copy_source_if_none_match,
          .if_modified_since = request.copy_source_if_modified_since,
          .if_unmodified_since = request.copy_source_if_unmodified_since};
}

/// Replies to reads name versions only where the bucket has had versioning.
template <class Response>
void name_version(const BucketRecord& bucket, const ObjectRecord& object, Response& response) {
  if (bucket.versioning != Versioning::none) response.version_id = version_id_of(object);
}

/// Replies to writes, and what a copy tells of its source, are silent about null versions.
inline std::optional<std::string> id_of_written(const ObjectRecord& object) {
  std::string id = version_id_of(object);
  if (id == "null") return std::nullopt;
  return id;
}

inline Validator validator_of(const ObjectRecord& object) {
  return {.etag = object.etag, .modified = object.modified};
}

/// The conditions of GET and HEAD. A NotModified carries the headers that a 200 would have and that
/// caches need (RFC 9110, 15.4.5). Throws what check_read throws.
void check_read_conditions(const Condition& condition, const ObjectRecord& object,
                           runtime::Time now);

/// Whether the object's encryption lets this caller read it. Throws what check_customer_key and
/// check_kms_reader throw.
void check_reader(const services::Context& context, const ObjectRecord& object,
                  const CustomerKeyHeaders& headers);

}  // namespace matinee::s3
