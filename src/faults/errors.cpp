#include "faults/errors.h"

#include <algorithm>
#include <array>
#include <optional>

namespace matinee::faults {

using protocol::ErrorInfo;
using protocol::ServiceError;
using protocol::ServiceModel;

namespace {

struct CommonError {
  std::string_view code;
  int status;
  std::string_view message;
};

/// What services answer without their models naming it: AWS's "Common errors", and those of S3.
constexpr std::array<CommonError, 17> common_errors{{
    {"AccessDenied", 403, "Access Denied"},
    {"AccessDeniedException", 400, "You do not have sufficient access to perform this action."},
    {"ExpiredToken", 400, "The provided token has expired."},
    {"ExpiredTokenException", 403, "The security token included in the request is expired"},
    {"InternalError", 500, "We encountered an internal error. Please try again."},
    {"InternalFailure", 500, "We encountered an internal error. Please try again."},
    {"InternalServerError", 500, "Internal server error"},
    {"OptInRequired", 403, "The AWS access key ID needs a subscription for the service."},
    {"RequestExpired", 400, "The request has expired."},
    {"RequestLimitExceeded", 503, "Request limit exceeded."},
    {"RequestTimeout", 400,
     "Your socket connection to the server was not read from or written to within the timeout "
     "period."},
    {"ServiceUnavailable", 503, "Service is unable to handle request."},
    {"SlowDown", 503, "Please reduce your request rate."},
    {"Throttling", 400, "Rate exceeded"},
    {"ThrottlingException", 400, "Rate exceeded"},
    {"TooManyRequestsException", 429, "Rate exceeded"},
    {"UnrecognizedClientException", 400, "The security token included in the request is invalid."},
}};

const CommonError* find_common(std::string_view code) {
  const auto* const found = std::ranges::find(common_errors, code, &CommonError::code);
  return found == common_errors.end() ? nullptr : found;
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
  const bool is_s3 = service.protocol == protocol::Protocol::rest_xml;
  if (word == "throttling") {
    if (is_s3) return "SlowDown";
    const std::string_view own = first_of_model(
        service, {"RequestThrottled", "ThrottlingException", "Throttled",
                  "ProvisionedThroughputExceededException", "TooManyRequestsException"});
    if (!own.empty()) return own;
    return protocol::is_query(service.protocol) ? "Throttling" : "ThrottlingException";
  }
  if (word == "internal") {
    if (is_s3) return "InternalError";
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
  return find_of_model(service, name) || find_common(name);
}

std::shared_ptr<ServiceError> make_error(const ServiceModel& service, const Rule& rule,
                                         std::string otherwise) {
  const std::string_view name = name_of(service, rule.error);
  const ErrorInfo* info = find_of_model(service, name);
  const CommonError* common = find_common(name);
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
