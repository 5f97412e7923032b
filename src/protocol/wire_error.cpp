#include "protocol/wire_error.h"

#include <array>

namespace matinee::protocol {
namespace {

bool is_called(const ErrorInfo& info, std::string_view code) {
  return info.name == code || info.code == code || info.query_code == code;
}

struct Origin {
  std::string_view error;
  std::string_view name_space;
};

/// Errors that come from the framework in front of AWS's services, and say so in their names.
constexpr std::array<Origin, 15> framework_errors = {{
    {"ValidationException", "com.amazon.coral.validate"},
    {"SerializationException", "com.amazon.coral.service"},
    {"UnknownOperationException", "com.amazon.coral.service"},
    {"InternalFailure", "com.amazon.coral.service"},
    {"AccessDeniedException", "com.amazon.coral.service"},
    {"UnrecognizedClientException", "com.amazon.coral.service"},
    {"IncompleteSignatureException", "com.amazon.coral.service"},
    {"MissingAuthenticationTokenException", "com.amazon.coral.service"},
    {"InvalidSignatureException", "com.amazon.coral.service"},
    {"ExpiredTokenException", "com.amazon.coral.service"},
    {"ThrottlingException", "com.amazon.coral.availability"},
    {"InvalidParameterValueException", "com.amazon.coral.service"},
    {"MissingRequiredParameterException", "com.amazon.coral.service"},
    {"InvalidParameterCombinationException", "com.amazon.coral.service"},
    {"NotImplemented", "com.amazon.coral.service"},
}};

/// Services of the newer kind name what their model has by themselves, but for what is found out
/// in front of them.
std::string_view name_space_of(const ServiceModel& service, const ServiceError& error) {
  const std::string_view name = error.name();
  const bool is_found_in_front = name == "ValidationException" || name == "AccessDeniedException";
  if (service.heeds_query_mode && error.info() && !is_found_in_front)
    return service.error_namespace;
  for (const Origin& origin : framework_errors)
    if (origin.error == name) return origin.name_space;
  return service.error_namespace;
}

}  // namespace

std::string qualified_error_name(const ServiceModel& service, const ServiceError& error) {
  std::string name(name_space_of(service, error));
  if (!name.empty()) name += '#';
  return name + error.name();
}

/// The framework's parser spells the member differently than everything behind it, and so do some
/// services in the errors of their models.
std::string_view message_name(const ServiceModel& service, const ServiceError& error) {
  const bool capital = service.name == "scheduler" ||
                       (error.info() && service.name == "secretsmanager") ||
                       (error.info() && error.info()->capital_message && service.name == "lambda");
  return capital || error.name() == "SerializationException" ? "Message" : "message";
}

bool has_no_message(const ServiceModel& service, const ServiceError& error) {
  const bool may_be_silent = service.heeds_query_mode || service.protocol == Protocol::json;
  return may_be_silent && error.info() && error.message().empty();
}

std::string query_error(const ServiceError& error) {
  return error.query_code() + (error.sender_fault() ? ";Sender" : ";Receiver");
}

std::string_view plain_error_name(std::string_view wire_name) {
  wire_name = wire_name.substr(wire_name.find('#') + 1);
  return wire_name.substr(0, wire_name.find(':'));
}

const ErrorInfo* find_error(const Operation& operation, std::string_view code) {
  for (const ErrorInfo* info : operation.errors)
    if (is_called(*info, code)) return info;
  for (const ErrorInfo* info : operation.service->errors)
    if (is_called(*info, code)) return info;
  return nullptr;
}

std::shared_ptr<ServiceError> make_error(const Operation& operation, WireError wire) {
  const ErrorInfo* info = find_error(operation, wire.name);
  if (!info) info = find_error(operation, wire.code);
  if (!info)
    return std::make_shared<ServiceError>(std::string(wire.code), wire.status,
                                          std::move(wire.message));
  if (info->make) return info->make(std::move(wire.message));
  return std::make_shared<ServiceError>(*info, std::move(wire.message));
}

std::string code_of_status(int status) {
  switch (status) {
    case 301:
    case 307:
      return "PermanentRedirect";
    case 304:
      return "NotModified";
    case 400:
      return "BadRequest";
    case 403:
      return "Forbidden";
    case 404:
      return "NotFound";
    case 405:
      return "MethodNotAllowed";
    case 409:
      return "Conflict";
    case 412:
      return "PreconditionFailed";
    case 416:
      return "InvalidRange";
    case 500:
      return "InternalError";
    case 501:
      return "NotImplemented";
    case 503:
      return "ServiceUnavailable";
    default:
      return std::to_string(status);
  }
}

}  // namespace matinee::protocol
