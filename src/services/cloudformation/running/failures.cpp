#include "services/cloudformation/running/failures.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

namespace matinee::cloudformation {

namespace {

struct Meaning {
  std::string_view part;  // of the code of a service's error
  std::string_view code;  // of CloudFormation's handlers
};

/// The first that is part of a code counts.
constexpr std::array<Meaning, 25> meanings = {{
    {"AlreadyExists", "AlreadyExists"},
    {"QueueNameExists", "AlreadyExists"},
    {"BucketAlready", "AlreadyExists"},
    {"ResourceExists", "AlreadyExists"},
    {"NotFound", "NotFound"},
    {"NoSuch", "NotFound"},
    {"NonExistent", "NotFound"},
    {"DoesNotExist", "NotFound"},
    {"AccessDenied", "AccessDenied"},
    {"Unauthorized", "AccessDenied"},
    {"AuthorizationError", "AccessDenied"},
    {"Throttl", "Throttling"},
    {"TooManyRequests", "Throttling"},
    {"LimitExceeded", "ServiceLimitExceeded"},
    {"QuotaExceeded", "ServiceLimitExceeded"},
    {"OverLimit", "ServiceLimitExceeded"},
    {"Conflict", "ResourceConflict"},
    {"ResourceInUse", "ResourceConflict"},
    {"Validation", "InvalidRequest"},
    {"Invalid", "InvalidRequest"},
    {"Malformed", "InvalidRequest"},
    {"Missing", "InvalidRequest"},
    {"Unsupported", "InvalidRequest"},
    {"NotImplemented", "InvalidRequest"},
    {"Serialization", "InvalidRequest"},
}};

}  // namespace

std::string told_failure(const resources::HandlerError& error, const std::string& token) {
  return fmt::format("Resource handler returned message: \"{}\" (RequestToken: {}, "
                     "HandlerErrorCode: {})",
                     error.message, token, error.code);
}

resources::HandlerError handler_error(const protocol::ServiceError& error) {
  constexpr int first_of_servers = 500;
  constexpr int not_implemented = 501;
  for (const Meaning& meaning : meanings)
    if (error.code().find(meaning.part) != std::string::npos)
      return {std::string(meaning.code), error.message()};
  if (error.status() >= first_of_servers && error.status() != not_implemented)
    return {"ServiceInternalError", error.message()};
  return {"GeneralServiceException", error.message()};
}

std::string told_faults(const std::vector<resources::Fault>& faults) {
  std::vector<std::string> told;
  for (const resources::Fault& fault : faults)
    told.push_back(fault.problem == "required"
                       ? fmt::format("The property {{{}}} is required", fault.path)
                       : fmt::format("{{{}}}: {}", fault.path, fault.problem));
  return fmt::format("Property validation failure: [{}]", fmt::join(told, ", "));
}

std::string told_failed(std::string_view what, const std::vector<std::string>& ids) {
  if (ids.empty()) return "";
  return fmt::format("The following resource(s) failed to {}: [{}]. ", what, fmt::join(ids, ", "));
}

}  // namespace matinee::cloudformation
