// The errors that CloudFormation's operations have in common.
#pragma once

#include <string>

#include "protocol/error.h"

namespace matinee::cloudformation {

/// "ValidationError": most of what can be wrong with a request or a template. It stands in no
/// model.
inline protocol::ServiceError invalid(std::string message) {
  constexpr int bad_request = 400;
  return {"ValidationError", bad_request, std::move(message)};
}

}  // namespace matinee::cloudformation
