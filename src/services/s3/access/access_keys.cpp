// The condition keys of S3: what policies can ask of a request, its bucket and its object.
#include <fmt/format.h>

#include "policy/wildcard.h"
#include "protocol/timestamps.h"
#include "s3/operations.h"
#include "services/policy_context.h"
#include "services/s3/access/authorization.h"
#include "services/s3/headers/names.h"

namespace matinee::s3 {

namespace {

using Values = std::optional<std::vector<std::string>>;

constexpr const char* sigv4_name = "AWS4-HMAC-SHA256";

Values one(std::optional<std::string> value) {
  if (!value) return std::nullopt;
  return std::vector{std::move(*value)};
}

std::string time_text(protocol::Timestamp time) {
  std::string text;
  protocol::append_iso8601(text, time);
  return text;
}

/// The member that stands in this header or query parameter, as text.
Values find_member(const protocol::Operation& operation, const void* request,
                   protocol::Location location, std::string_view name) {
  for (const protocol::Field& field : operation.input->fields) {
    if (field.location != location || !policy::equals_ignoring_case(field.wire_name, name))
      continue;
    const void* value = field.find(request);
    if (!value) return std::nullopt;
    if (field.type->kind == protocol::Kind::string)
      return std::vector{*static_cast<const std::string*>(value)};
    if (field.type->kind == protocol::Kind::integer)
      return std::vector{fmt::to_string(*static_cast<const std::int32_t*>(value))};
    if (field.type->kind == protocol::Kind::timestamp)
      return std::vector{time_text(*static_cast<const protocol::Timestamp*>(value))};
  }
  return std::nullopt;
}

/// The tags that a request wants to give to an object.
std::map<std::string, std::string> requested_tags(const protocol::Operation& operation,
                                                  const void* request) {
  std::map<std::string, std::string> tags;
  if (&operation == &operations::PutObjectTagging)
    for (const Tag& tag : static_cast<const PutObjectTaggingRequest*>(request)->tagging.tag_set)
      tags.emplace(tag.key, tag.value);
  const Values header =
      find_member(operation, request, protocol::Location::header, "x-amz-tagging");
  return header ? parse_tagging(header->front()) : tags;
}

Values find_tag(const std::map<std::string, std::string>& tags, std::string_view key) {
  for (const auto& [name, value] : tags)
    if (policy::equals_ignoring_case(name, key)) return std::vector{value};
  return std::nullopt;
}

bool remove_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool is_query_key(std::string_view key) {
  return key == "prefix" || key == "delimiter" || key == "max-keys" || key == "versionid";
}

/// Who has signed, and how. A form is told as a presigned URL is.
Values find_signature_key(const Context& context, std::string_view key) {
  using services::SignedBy;
  if (context.anonymous || context.access_key.empty()) return std::nullopt;
  const bool is_version_2 = context.signed_by == SignedBy::version_2;
  if (key == "signatureversion") return std::vector<std::string>{is_version_2 ? "AWS" : sigv4_name};
  if (is_version_2) return std::nullopt;
  return std::vector<std::string>{context.signed_by == SignedBy::query ? "REST-QUERY-STRING"
                                                                       : "REST-HEADER"};
}

/// Of what an operation that needs s3:PutObject does: parts make no object.
Values find_creation_key(const protocol::Operation& operation) {
  for (const protocol::Operation* each :
       {&operations::PutObject, &operations::CopyObject, &operations::CompleteMultipartUpload})
    if (&operation == each) return std::vector<std::string>{"true"};
  for (const protocol::Operation* each :
       {&operations::CreateMultipartUpload, &operations::UploadPart, &operations::UploadPartCopy})
    if (&operation == each) return std::vector<std::string>{"false"};
  return std::nullopt;
}

/// What an upload, or a change of a lock, wants to lock an object by. Days are whole ones.
Values find_lock_key(const protocol::Operation& operation, const void* request,
                     std::string_view key, runtime::Time now) {
  using protocol::Location;
  if (&operation == &operations::PutObjectLegalHold && key == "object-lock-legal-hold") {
    const auto& hold = static_cast<const PutObjectLegalHoldRequest*>(request)->legal_hold;
    return hold ? one(hold->status) : std::nullopt;
  }
  std::optional<protocol::Timestamp> until;
  if (&operation == &operations::PutObjectRetention) {
    const auto& retention = static_cast<const PutObjectRetentionRequest*>(request)->retention;
    if (retention && key == "object-lock-mode") return one(retention->mode);
    if (retention) until = retention->retain_until_date;
  } else if (&operation == &operations::PutObject) {
    until = static_cast<const PutObjectRequest*>(request)->object_lock_retain_until_date;
  }
  if (key == "object-lock-remaining-retention-days") {
    if (!until) return std::nullopt;
    return std::vector{fmt::to_string(std::chrono::floor<std::chrono::days>(*until - now).count())};
  }
  if (key == "object-lock-retain-until-date" && until) return std::vector{time_text(*until)};
  return find_member(operation, request, Location::header, fmt::format("x-amz-{}", key));
}

}  // namespace

/// Tags of a bucket count once its owner has said so.
Values BucketAccess::find_bucket_tag(const std::string& bucket, std::string_view name) const {
  const auto abac =
      configurations_.find<AbacStatus>(Configurations::key(bucket, ConfigurationKind::abac));
  if (!abac || abac->status != "Enabled") return std::nullopt;
  const auto kept =
      configurations_.find<Tagging>(Configurations::key(bucket, ConfigurationKind::tagging));
  if (!kept) return std::nullopt;
  for (const Tag& tag : kept->tag_set)
    if (policy::equals_ignoring_case(tag.key, name)) return std::vector{tag.value};
  return std::nullopt;
}

Values BucketAccess::find_key(const Inquiry& inquiry, std::string_view key) const {
  const Context& context = inquiry.context;
  if (key == "aws:resourceaccount" || key == "s3:resourceaccount")
    return std::vector{inquiry.state.account};
  if (key == "aws:referer") return one(context.referer);
  if (key == "aws:useragent") return one(context.user_agent);
  if (remove_prefix(key, "s3:buckettag/")) return find_bucket_tag(inquiry.bucket, key);
  if (remove_prefix(key, "aws:resourcetag/"))
    return inquiry.key ? std::nullopt : find_bucket_tag(inquiry.bucket, key);
  if (!remove_prefix(key, "s3:")) return services::find_global_key(context, clock_.now(), key);
  if (remove_prefix(key, "existingobjecttag/")) {
    const auto object =
        inquiry.key ? find_object(inquiry.bucket, *inquiry.key, inquiry.version_id) : std::nullopt;
    return object ? find_tag(object->attributes.tags, key) : std::nullopt;
  }
  if (key == "requestobjecttagkeys") {
    std::vector<std::string> keys;
    for (const auto& [name, value] : requested_tags(inquiry.operation, inquiry.request))
      keys.push_back(name);
    return keys;
  }
  if (remove_prefix(key, "requestobjecttag/"))
    return find_tag(requested_tags(inquiry.operation, inquiry.request), key);
  using protocol::Location;
  if (is_query_key(key))
    return find_member(inquiry.operation, inquiry.request, Location::query, key);
  if (key.starts_with("object-lock-"))
    return find_lock_key(inquiry.operation, inquiry.request, key, clock_.now());
  if (key == "signatureversion" || key == "authtype") return find_signature_key(context, key);
  if (key == "objectcreationoperation") return find_creation_key(inquiry.operation);
  // What a reader asks an object to match is another matter.
  const bool is_read = std::string_view(inquiry.operation.name).starts_with("Get") ||
                       std::string_view(inquiry.operation.name).starts_with("Head");
  if ((key == "if-match" || key == "if-none-match") && !is_read)
    return find_member(inquiry.operation, inquiry.request, Location::header, key);
  if (key.starts_with("x-amz-"))
    return find_member(inquiry.operation, inquiry.request, Location::header, key);
  return std::nullopt;
}

}  // namespace matinee::s3
