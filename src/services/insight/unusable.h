// Requests to Matinee itself that cannot be carried out as they are.
#pragma once

#include <string>
#include <utility>

#include "protocol/error.h"

namespace matinee::insight {

/// ValidationException, 400. The message is a sentence.
inline protocol::ServiceError unusable(std::string message) {
  return {"ValidationException", 400, std::move(message)};
}

}  // namespace matinee::insight
