#include "resources/errors.h"

#include <fmt/format.h>

#include <algorithm>

namespace matinee::resources {

namespace {

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// "sqs" as "Sqs", as in the names of AWS's clients in Java.
std::string capital(std::string_view service) {
  std::string name(service);
  if (!name.empty() && name[0] >= 'a' && name[0] <= 'z')
    name[0] = static_cast<char>(name[0] & ~0x20);
  return name;
}

}  // namespace

std::string handler_code(const protocol::ServiceError& error) {
  const std::string_view name = error.name();
  if (has(name, "AccessDenied") || has(name, "NotAuthorized") || name == "AuthorizationError")
    return "AccessDenied";
  if (has(name, "Throttl") || has(name, "TooManyRequests")) return "Throttling";
  if (has(name, "AlreadyExist") || has(name, "NameExists") || has(name, "ResourceExists") ||
      name == "BucketAlreadyOwnedByYou")
    return "AlreadyExists";
  if (has(name, "NotFound") || has(name, "NoSuch") || has(name, "DoesNotExist") ||
      has(name, "NonExistent"))
    return "NotFound";
  if (has(name, "LimitExceeded") || has(name, "OverLimit") || has(name, "Quota"))
    return "ServiceLimitExceeded";
  if (has(name, "Conflict") || has(name, "InUse") || has(name, "NotEmpty") ||
      has(name, "ConcurrentModification") || name == "OperationAborted")
    return "ResourceConflict";
  if (error.status() >= 500)
    return error.status() == 501 ? "InvalidRequest" : "ServiceInternalError";
  if (has(name, "Invalid") || has(name, "Validation") || has(name, "Malformed") ||
      has(name, "Unsupported") || has(name, "BadRequest"))
    return "InvalidRequest";
  return "GeneralServiceException";
}

HandlerError handler_error(std::string_view service, const protocol::ServiceError& error) {
  return {handler_code(error), fmt::format("{} (Service: {}, Status Code: {})", error.message(),
                                           capital(service), error.status())};
}

}  // namespace matinee::resources
