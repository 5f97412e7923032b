#include "services/cloudformation/running/failures.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "resources/errors.h"

namespace matinee::cloudformation {

std::string told_failure(const resources::HandlerError& error, const std::string& token) {
  return fmt::format(
      "Resource handler returned message: \"{}\" (RequestToken: {}, "
      "HandlerErrorCode: {})",
      error.message, token, error.code);
}

resources::HandlerError handler_error(const protocol::ServiceError& error) {
  return {resources::handler_code(error), error.message()};
}

std::string told_failed(std::string_view what, const std::vector<std::string>& ids) {
  if (ids.empty()) return "";
  return fmt::format("The following resource(s) failed to {}: [{}]. ", what, fmt::join(ids, ", "));
}

}  // namespace matinee::cloudformation
