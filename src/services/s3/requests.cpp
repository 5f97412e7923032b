#include "services/s3/requests.h"

namespace matinee::s3 {

InvalidRequest no_attributes_named() {
  return InvalidRequest(
      "The x-amz-object-attributes header specifying the attributes to be retrieved is either "
      "missing or empty");
}

InvalidArgument invalid_version_id(const std::string& version_id) {
  InvalidArgument error(version_id.empty() ? "Version id cannot be the empty string"
                                           : "Invalid version id specified");
  error.details = {{"ArgumentName", "versionId"}, {"ArgumentValue", version_id}};
  return error;
}

void check_version_id(const std::string& version_id) {
  if (!is_version_id(version_id)) throw invalid_version_id(version_id);
}

std::optional<std::string> stored_storage_class(const std::optional<std::string>& text) {
  constexpr std::array served = {"REDUCED_REDUNDANCY",  "STANDARD_IA", "ONEZONE_IA",
                                 "INTELLIGENT_TIERING", "GLACIER",     "DEEP_ARCHIVE",
                                 "GLACIER_IR"};
  if (!text || *text == "STANDARD") return std::nullopt;
  if (std::ranges::find(served, *text) != served.end()) return text;
  InvalidStorageClass error("The storage class you specified is not valid");
  error.details = {{"StorageClassRequested", *text}};
  throw error;
}

void check_read_conditions(const Condition& condition, const ObjectRecord& object,
                           runtime::Time now) {
  try {
    check_read(condition, validator_of(object), now);
  } catch (NotModified& error) {
    std::string modified;
    protocol::append_http_date(modified, object.modified);
    error.headers = {{"ETag", quoted(object.etag)}, {"Last-Modified", modified}};
    if (const auto& control = object.attributes.cache_control)
      error.headers.emplace_back("Cache-Control", *control);
    if (const auto& expires = object.attributes.expires)
      error.headers.emplace_back("Expires", *expires);
    throw;
  }
}

void check_reader(const services::Context& context, const ObjectRecord& object,
                  const CustomerKeyHeaders& headers) {
  check_customer_key(object.attributes.encryption, headers);
  check_kms_reader(object.attributes.encryption, context.anonymous);
}

}  // namespace matinee::s3
