#include "faults/errors.h"

#include <algorithm>
#include <array>

namespace matinee::faults {

using protocol::ErrorInfo;
using protocol::ServiceError;
using protocol::ServiceModel;

namespace {

// Which services say it: S3, those with the query protocol, and those with JSON. Some have both.
constexpr unsigned of_s3 = 1;
constexpr unsigned of_query = 2;
constexpr unsigned of_json = 4;
constexpr unsigned of_all = of_s3 | of_query | of_json;

bool is_s3(const ServiceModel& service) {
  return service.protocol == protocol::Protocol::rest_xml;
}

unsigned families_of(const ServiceModel& service) {
  if (is_s3(service)) return of_s3;
  if (protocol::is_query(service.protocol)) return of_query;
  return service.also_query ? of_query | of_json : of_json;
}

struct CommonError {
  std::string_view code;
  unsigned families;
  int status;
  std::string_view message;
};

/// What services answer without their models naming it: AWS's "Common errors", and those of S3.
constexpr std::array<CommonError, 18> common_errors{{
    {"AccessDenied", of_s3 | of_query, 403, "Access Denied"},
    {"AccessDeniedException", of_json, 400,
     "You do not have sufficient access to perform this action."},
    {"ExpiredToken", of_s3, 400, "The provided token has expired."},
    {"ExpiredToken", of_query, 403, "The security token included in the request is expired"},
    {"ExpiredTokenException", of_json, 400,
     "The security token included in the request is expired"},
    {"InternalError", of_s3, 500, "We encountered an internal error. Please try again."},
    {"InternalFailure", of_query | of_json, 500,
     "We encountered an internal error. Please try again."},
    {"InvalidAccessKeyId", of_s3, 403,
     "The AWS Access Key Id you provided does not exist in our records."},
    {"InvalidClientTokenId", of_query, 403,
     "The security token included in the request is invalid."},
    {"OptInRequired", of_query | of_json, 403,
     "The AWS access key ID needs a subscription for the service."},
    {"RequestExpired", of_query | of_json, 400, "The request has expired."},
    {"RequestTimeout", of_s3, 400,
     "Your socket connection to the server was not read from or written to within the timeout "
     "period."},
    {"ServiceUnavailable", of_all, 503, "Service is unable to handle request."},
    {"SignatureDoesNotMatch", of_s3 | of_query, 403,
     "The request signature we calculated does not match the signature you provided."},
    {"SlowDown", of_s3, 503, "Please reduce your request rate."},
    {"Throttling", of_query, 400, "Rate exceeded"},
    {"ThrottlingException", of_query | of_json, 400, "Rate exceeded"},
    {"UnrecognizedClientException", of_json, 400,
     "The security token included in the request is invalid."},
}};

const CommonError* find_common(unsigned families, std::string_view code) {
  for (const CommonError& error : common_errors)
    if (error.code == code && (error.families & families) != 0) return &error;
  return nullptr;
}

const ErrorInfo* find_of_model(const ServiceModel& service, std::string_view error) {
  for (const ErrorInfo* info : service.errors)
    if (info->name == error || info->code == error || info->query_code == error) return info;
  return nullptr;
}

/// The first of the names that the model has.
std::string_view first_of_model(const ServiceModel& service,
                                std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names)
    if (find_of_model(service, name)) return name;
  return "";
}

/// What the service itself says for "throttling", "internal" and "unavailable"; any other text is
/// an error's name already.
std::string_view name_of(const ServiceModel& service, std::string_view word) {
  if (word == "throttling") {
    if (is_s3(service)) return "SlowDown";
    const std::string_view own = first_of_model(
        service, {"RequestThrottled", "ThrottlingException", "Throttled",
                  "ProvisionedThroughputExceededException", "TooManyRequestsException"});
    if (!own.empty()) return own;
    return protocol::is_query(service.protocol) ? "Throttling" : "ThrottlingException";
  }
  if (word == "internal") {
    if (is_s3(service)) return "InternalError";
    const std::string_view own = first_of_model(
        service, {"InternalServerError", "InternalServerException", "InternalServiceError",
                  "InternalErrorException", "InternalException", "InternalError"});
    return own.empty() ? "InternalFailure" : own;
  }
  return word == "unavailable" ? "ServiceUnavailable" : word;
}

std::string first_text(std::initializer_list<std::string_view> texts) {
  for (const std::string_view text : texts)
    if (!text.empty()) return std::string(text);
  return {};
}

}  // namespace

bool knows_error(const ServiceModel& service, std::string_view error) {
  const std::string_view name = name_of(service, error);
  return find_of_model(service, name) || find_common(families_of(service), name);
}

std::shared_ptr<ServiceError> make_error(const ServiceModel& service, const Rule& rule,
                                         std::string otherwise) {
  const std::string_view name = name_of(service, rule.error);
  const ErrorInfo* info = find_of_model(service, name);
  const CommonError* common = find_common(families_of(service), name);
  // A fault of any service hits also those that would say it otherwise.
  if (!common) common = find_common(of_all, name);
  const bool is_throttling = rule.error == "throttling";
  std::string message = first_text({rule.message, common ? common->message : "",
                                    is_throttling ? "Rate exceeded" : "", otherwise});
  if (info && !rule.status) {
    if (info->make) return info->make(std::move(message));
    return std::make_shared<ServiceError>(*info, std::move(message));
  }
  const int status = rule.status.value_or(common ? common->status : 400);
  return std::make_shared<ServiceError>(std::string(name), status, std::move(message));
}

}  // namespace matinee::faults
