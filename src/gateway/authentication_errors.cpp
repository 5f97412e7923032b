#include "gateway/authentication_errors.h"

#include <fmt/format.h>

namespace matinee::gateway {

using protocol::ErrorInfo;
using protocol::Protocol;
using protocol::ServiceError;
using protocol::sigv4::Claim;

namespace {

/// One fault in the three families of protocols. The JSON services that also speak the query
/// protocol tell its code beside their own.
struct Fault {
  ErrorInfo json;
  ErrorInfo query;
  ErrorInfo s3;
};

constexpr ErrorInfo make_info(std::string_view name, std::string_view query_code, int status) {
  return {.name = name,
          .code = name,
          .query_code = query_code,
          .status = status,
          .sender_fault = true,
          .members = nullptr};
}

constexpr Fault make_fault(std::string_view json, std::string_view query, std::string_view s3) {
  return {.json = make_info(json, query, 400),
          .query = make_info(query, query, 403),
          .s3 = make_info(s3, s3, 403)};
}

constexpr Fault denied = {.json = make_info("AccessDeniedException", "AccessDenied", 403),
                          .query = make_info("AccessDenied", "AccessDenied", 403),
                          .s3 = make_info("AccessDenied", "AccessDenied", 403)};
constexpr Fault missing =
    make_fault("MissingAuthenticationTokenException", "MissingAuthenticationToken", "AccessDenied");
constexpr Fault incomplete = {
    .json = make_info("IncompleteSignatureException", "IncompleteSignature", 400),
    .query = make_info("IncompleteSignature", "IncompleteSignature", 400),
    .s3 = make_info("AuthorizationHeaderMalformed", "AuthorizationHeaderMalformed", 400)};
constexpr Fault unknown_key =
    make_fault("UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId");
constexpr Fault bad_token = {
    .json = make_info("UnrecognizedClientException", "InvalidClientTokenId", 400),
    .query = make_info("InvalidClientTokenId", "InvalidClientTokenId", 403),
    .s3 = make_info("InvalidToken", "InvalidToken", 400)};
constexpr Fault expired_token = {.json = make_info("ExpiredTokenException", "ExpiredToken", 400),
                                 .query = make_info("ExpiredToken", "ExpiredToken", 403),
                                 .s3 = make_info("ExpiredToken", "ExpiredToken", 400)};
constexpr Fault mismatch =
    make_fault("InvalidSignatureException", "SignatureDoesNotMatch", "SignatureDoesNotMatch");
constexpr Fault skewed =
    make_fault("InvalidSignatureException", "SignatureDoesNotMatch", "RequestTimeTooSkewed");

bool is_s3(const Target& target) {
  return target.protocol == Protocol::rest_xml;
}

const ErrorInfo& choose(const Fault& fault, const Target& target) {
  if (is_s3(target)) return fault.s3;
  return protocol::is_query(target.protocol) ? fault.query : fault.json;
}

/// "2013-05-24T00:00:00Z"
std::string iso_time(runtime::Time time) {
  const std::string compact = protocol::sigv4::format_timestamp(time);
  return fmt::format("{}-{}-{}T{}:{}:{}Z", compact.substr(0, 4), compact.substr(4, 2),
                     compact.substr(6, 2), compact.substr(9, 2), compact.substr(11, 2),
                     compact.substr(13, 2));
}

bool is_in_query(const Claim& claim) {
  return claim.scheme == protocol::sigv4::Scheme::v4_query;
}

/// Of a presigned URL, or else of an Authorization header, of S3.
ServiceError malformed(const Claim& claim, const std::string& in_query,
                       const std::string& in_header) {
  if (is_in_query(claim)) return invalid_query_parameters(in_query);
  return {incomplete.s3, "The authorization header is malformed; " + in_header};
}

/// A part of version 4, which S3 tells apart by whether it is missing or malformed.
ServiceError malformed_for_s3(const Claim& claim) {
  constexpr std::string_view expecting =
      "the Credential is mal-formed; expecting "
      "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".";
  if (is_in_query(claim) && claim.lacks_part) return lacking_query_parameters();
  if (claim.fault == "X-Amz-Algorithm")
    return invalid_query_parameters("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"");
  if (claim.fault == "X-Amz-Date")
    return invalid_query_parameters(
        "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  if (claim.fault == "Date") return undated_request();
  if (claim.lacks_part)
    return {incomplete.s3,
            "The authorization header is malformed; the authorization header requires three "
            "components: Credential, SignedHeaders, and Signature."};
  return malformed(claim,
                   fmt::format("Error parsing the X-Amz-Credential parameter; {}", expecting),
                   std::string(expecting));
}

/// A part of version 2.
ServiceError malformed_older(const Claim& claim) {
  if (claim.scheme == protocol::sigv4::Scheme::v2_query)
    return {"AccessDenied", 403,
            "Query-string authentication requires the Signature, Expires and AWSAccessKeyId "
            "parameters"};
  ServiceError error("InvalidArgument", 400,
                     "AWS authorization header is invalid.  Expected AwsAccessKeyId:signature");
  error.details.emplace_back("ArgumentName", "Authorization");
  return error;
}

std::string bytes_in_hex(std::string_view text) {
  return fmt::format("{:02x}", fmt::join(std::as_bytes(std::span(text)), " "));
}

}  // namespace

ServiceError access_denied(std::string message, const Target& target) {
  return {choose(denied, target), std::move(message)};
}

ServiceError missing_authentication(const Target& target) {
  return {choose(missing, target),
          is_s3(target) ? "Access Denied" : "Request is missing Authentication Token"};
}

ServiceError malformed_authentication(const Claim& claim, const Target& target) {
  if (!is_s3(target))
    return {choose(incomplete, target),
            fmt::format("Authorization header requires '{}' parameter.", claim.fault)};
  using protocol::sigv4::Scheme;
  const bool is_older = claim.scheme == Scheme::v2_query || claim.scheme == Scheme::v2_header;
  return is_older ? malformed_older(claim) : malformed_for_s3(claim);
}

ServiceError lacking_query_parameters() {
  return invalid_query_parameters(
      "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
      "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.");
}

ServiceError undated_request() {
  return {"AccessDenied", 403, "AWS authentication requires a valid Date or x-amz-date header"};
}

ServiceError unsupported_authentication(const Target& target) {
  if (!is_s3(target)) return missing_authentication(target);
  return {"InvalidRequest", 400,
          "The authorization mechanism you have provided is not supported. Please use "
          "AWS4-HMAC-SHA256."};
}

ServiceError unknown_access_key(const Claim& claim, const Target& target) {
  if (!is_s3(target))
    return {choose(unknown_key, target), "The security token included in the request is invalid."};
  ServiceError error(choose(unknown_key, target),
                     "The AWS Access Key Id you provided does not exist in our records.");
  error.details.emplace_back("AWSAccessKeyId", claim.access_key);
  return error;
}

ServiceError unknown_token(const Claim& claim, const Target& target) {
  if (!is_s3(target))
    return {choose(bad_token, target), "The security token included in the request is invalid."};
  ServiceError error(choose(bad_token, target),
                     "The provided token is malformed or otherwise invalid.");
  error.details.emplace_back("Token-0", claim.session_token);
  return error;
}

ServiceError token_expired(const Claim& claim, const Target& target) {
  if (!is_s3(target))
    return {choose(expired_token, target), "The security token included in the request is expired"};
  ServiceError error(choose(expired_token, target), "The provided token has expired.");
  error.details.emplace_back("Token-0", claim.session_token);
  return error;
}

ServiceError signature_mismatch(const Claim& claim, const protocol::sigv4::Computed& computed,
                                const Target& target) {
  if (!is_s3(target))
    return {choose(mismatch, target),
            "The request signature we calculated does not match the signature you provided. Check "
            "your AWS Secret Access Key and signing method. Consult the service documentation for "
            "details."};
  ServiceError error(choose(mismatch, target),
                     "The request signature we calculated does not match the signature you "
                     "provided. Check your key and signing method.");
  error.details = {{"AWSAccessKeyId", std::string(claim.access_key)},
                   {"StringToSign", computed.string_to_sign},
                   {"SignatureProvided", std::string(claim.signature)},
                   {"StringToSignBytes", bytes_in_hex(computed.string_to_sign)},
                   {"CanonicalRequest", computed.canonical_request},
                   {"CanonicalRequestBytes", bytes_in_hex(computed.canonical_request)}};
  return error;
}

ServiceError signature_mismatch(const Claim& claim, std::string string_to_sign) {
  ServiceError error(mismatch.s3,
                     "The request signature we calculated does not match the signature you "
                     "provided. Check your key and signing method.");
  error.details = {{"AWSAccessKeyId", std::string(claim.access_key)},
                   {"StringToSign", string_to_sign},
                   {"SignatureProvided", std::string(claim.signature)},
                   {"StringToSignBytes", bytes_in_hex(string_to_sign)}};
  return error;
}

ServiceError wrong_date(const Claim& claim, const Target& target) {
  if (!is_s3(target))
    return {choose(mismatch, target),
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from "
            "HTTP"};
  const std::string text = fmt::format(
      "Invalid credential date \"{}\". This date is not the same as X-Amz-Date: \"{}\".",
      claim.date, claim.timestamp.substr(0, 8));
  return malformed(claim, text, text);
}

ServiceError wrong_service(const Claim& claim, std::string_view expected, const Target& target) {
  if (!is_s3(target))
    return {choose(mismatch, target),
            fmt::format("Credential should be scoped to correct service: '{}'.", expected)};
  const std::string text = fmt::format("incorrect service \"{}\". This endpoint belongs to \"{}\".",
                                       claim.service, expected);
  return malformed(claim, "Error parsing the X-Amz-Credential parameter; " + text, text);
}

ServiceError headers_not_signed(std::span<const std::string> names, const Target& target) {
  if (!is_s3(target))
    return {choose(mismatch, target),
            fmt::format("'{}' must be a 'SignedHeader' in the AWS Authorization.",
                        names.front() == "host" ? "Host' or ':authority" : names.front())};
  ServiceError error("AccessDenied", 403,
                     "There were headers present in the request which were not signed");
  error.details.emplace_back("HeadersNotSigned", fmt::format("{}", fmt::join(names, ", ")));
  return error;
}

ServiceError time_too_skewed(const Claim& claim, runtime::Time now, const Target& target) {
  if (!is_s3(target))
    return {choose(skewed, target),
            fmt::format("Signature expired: {} is too far from {} (5 min.)", claim.timestamp,
                        protocol::sigv4::format_timestamp(now))};
  ServiceError error(choose(skewed, target),
                     "The difference between the request time and the current time is too large.");
  error.details = {{"RequestTime", std::string(claim.timestamp)},
                   {"ServerTime", iso_time(now)},
                   {"MaxAllowedSkewMilliseconds", "900000"}};
  return error;
}

ServiceError url_expired(const Claim& claim, runtime::Time expiry, runtime::Time now) {
  ServiceError error("AccessDenied", 403, "Request has expired");
  if (claim.expires) error.details.emplace_back("X-Amz-Expires", *claim.expires);
  error.details.emplace_back("Expires", iso_time(expiry));
  error.details.emplace_back("ServerTime", iso_time(now));
  return error;
}

ServiceError invalid_query_parameters(std::string message) {
  return {"AuthorizationQueryParametersError", 400, std::move(message)};
}

ServiceError payload_mismatch(std::string_view claimed, std::string_view computed) {
  ServiceError error(
      "XAmzContentSHA256Mismatch", 400,
      "The provided 'x-amz-content-sha256' header does not match what was computed.");
  error.details = {{"ClientComputedContentSHA256", std::string(claimed)},
                   {"S3ComputedContentSHA256", std::string(computed)}};
  return error;
}

}  // namespace matinee::gateway
