// The condition keys of S3: what policies can ask of a request, its bucket and its object.
#include <fmt/format.h>

#include "policy/wildcard.h"
#include "services/policy_context.h"
#include "services/s3/access/authorization.h"
#include "services/s3/headers/names.h"

namespace matinee::s3 {

namespace {

using Values = std::optional<std::vector<std::string>>;

Values one(std::optional<std::string> value) {
  if (!value) return std::nullopt;
  return std::vector{std::move(*value)};
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

}  // namespace

Values BucketAccess::find_key(const Inquiry& inquiry, std::string_view key) const {
  const Context& context = inquiry.context;
  if (key == "aws:resourceaccount" || key == "s3:resourceaccount")
    return std::vector{inquiry.state.account};
  if (key == "aws:referer") return one(context.referer);
  if (key == "aws:useragent") return one(context.user_agent);
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
  if (key == "object-lock-mode" || key == "object-lock-legal-hold")
    return find_member(inquiry.operation, inquiry.request, Location::header,
                       fmt::format("x-amz-{}", key));
  if (key.starts_with("x-amz-"))
    return find_member(inquiry.operation, inquiry.request, Location::header, key);
  return std::nullopt;
}

}  // namespace matinee::s3
