// The one error of DynamoDB that its model does not name.
#pragma once

#include <string>

#include "protocol/error.h"

namespace matinee::dynamodb {

/// `throw validation_error("...")`: HTTP 400 with the type ValidationException.
inline protocol::ServiceError validation_error(std::string message) {
  return protocol::ServiceError("ValidationException", 400, std::move(message));
}

/// A message behind the prefix that DynamoDB gives to most of them.
inline protocol::ServiceError invalid_parameter(const std::string& message) {
  return validation_error("One or more parameter values were invalid: " + message);
}

}  // namespace matinee::dynamodb
