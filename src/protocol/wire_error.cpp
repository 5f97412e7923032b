#include "protocol/wire_error.h"

namespace matinee::protocol {
namespace {

bool is_called(const ErrorInfo& info, std::string_view code) {
  return info.name == code || info.code == code || info.query_code == code;
}

}  // namespace

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
