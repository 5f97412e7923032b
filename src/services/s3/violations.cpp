#include "services/s3/violations.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "policy/document.h"
#include "s3/operations.h"
#include "services/s3/requests.h"

namespace matinee::s3 {

namespace {

using protocol::ServiceError;
using protocol::Violation;

bool is_header(const Violation& violation) {
  return violation.field && violation.field->location == protocol::Location::header;
}

bool is_in_body(const Violation& violation) {
  return !violation.field || violation.field->location == protocol::Location::body ||
         violation.field->location == protocol::Location::payload;
}

InvalidArgument argument(std::string message, const Violation& violation) {
  InvalidArgument error(std::move(message));
  if (violation.field)
    error.details.emplace_back("ArgumentName", std::string(violation.field->wire_name));
  error.details.emplace_back("ArgumentValue", violation.value);
  return error;
}

ServiceError bad_storage_class(const Violation& violation) {
  InvalidStorageClass error("The storage class you specified is not valid");
  error.details = {{"StorageClassRequested", violation.value}};
  return error;
}

ServiceError bad_ownership(const Violation& violation) {
  InvalidArgument error(
      fmt::format("Invalid {} header: {}", violation.field->wire_name, violation.value));
  error.details = {{"ArgumentName", std::string(violation.field->wire_name)}};
  return error;
}

/// Uploads name the algorithm of a checksum that they bring; copies and multipart uploads choose.
ServiceError bad_algorithm(const Violation& violation) {
  if (violation.field->wire_name == "x-amz-sdk-checksum-algorithm")
    return InvalidRequest("Value for x-amz-sdk-checksum-algorithm header is invalid.");
  return InvalidRequest(
      "Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
      "[CRC32, CRC32C, CRC64NVME, MD5, SHA1, SHA256, SHA512, XXHASH128, XXHASH3, XXHASH64]");
}

/// Wherever the member stands.
std::optional<ServiceError> find_error_of_type(const Violation& violation) {
  const std::string_view type = violation.type ? violation.type->name : "";
  if (type == "StorageClass") return bad_storage_class(violation);
  if (type == "Event") return InvalidArgument("The event is not supported for notifications");
  if (type == "EncodingType")
    return argument("Invalid Encoding Method specified in Request", violation);
  if (type == "Protocol")
    return InvalidRequest(
        "Invalid protocol, protocol can be http or https. If not defined the protocol will be "
        "selected automatically.");
  return std::nullopt;
}

std::optional<ServiceError> find_error_of_header(const Violation& violation) {
  const std::string_view type = violation.type ? violation.type->name : "";
  if (type == "ServerSideEncryption")
    return argument("The encryption method specified is not supported", violation);
  // S3 itself has nothing more to say.
  if (type == "BucketCannedACL" || type == "ObjectCannedACL") return argument("", violation);
  if (type == "MetadataDirective") return argument("Unknown metadata directive.", violation);
  if (type == "TaggingDirective") return argument("Unknown tagging directive.", violation);
  if (type == "ObjectOwnership") return bad_ownership(violation);
  if (type == "ObjectLockMode") return argument("Unknown wormMode directive.", violation);
  if (type == "ObjectLockLegalHoldStatus")
    return argument("Legal Hold must be either of 'ON' or 'OFF'", violation);
  if (type == "ObjectAttributes") return argument("Invalid attribute name specified.", violation);
  if (type == "ObjectAttributesList") return no_attributes_named();
  if (type == "ChecksumAlgorithm") return bad_algorithm(violation);
  if (type == "ChecksumType")
    return InvalidRequest("Value for x-amz-checksum-type header is invalid.");
  if (type == "TransitionDefaultMinimumObjectSize")
    return InvalidRequest(
        fmt::format("Invalid TransitionDefaultMinimumObjectSize found: {}", violation.value));
  return std::nullopt;
}

/// Of documents; `operation` is what they are for.
ServiceError error_of_document(const protocol::Operation& operation, const Violation& violation) {
  const bool is_empty =
      violation.rule == protocol::Rule::required && violation.field == operation.input->payload;
  if (is_empty && &operation == &operations::PutBucketPolicy)
    return MalformedPolicy(policy::parse("").error().message);
  if (is_empty) return empty_body();
  const char* message =
      "The XML you provided was not well-formed or did not validate against our published schema";
  if (&operation == &operations::PutBucketAcl || &operation == &operations::PutObjectAcl)
    return MalformedACLError(message);
  return MalformedXML(message);
}

}  // namespace

ServiceError describe_violation(const protocol::Operation& operation, const Violation& violation) {
  if (auto error = find_error_of_type(violation)) return std::move(*error);
  if (is_header(violation))
    if (auto error = find_error_of_header(violation)) return std::move(*error);
  if (is_in_body(violation)) return error_of_document(operation, violation);
  return argument(fmt::format("The value of {} is not valid.", violation.path), violation);
}

}  // namespace matinee::s3
