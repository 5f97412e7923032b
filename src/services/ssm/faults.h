// Errors that the Parameter Store answers and its model does not name.
#pragma once

#include <string>
#include <utility>

#include "protocol/error.h"

namespace matinee::ssm {

inline protocol::ServiceError validation(std::string message) {
  return {"ValidationException", 400, std::move(message)};
}

}  // namespace matinee::ssm
