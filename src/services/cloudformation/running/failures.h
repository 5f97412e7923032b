// What is told of a resource that could not be made, changed or removed.
#pragma once

#include <exception>
#include <string>
#include <vector>

#include "protocol/error.h"
#include "resources/type.h"

namespace matinee::cloudformation {

/// A step that fails before its handler is called: the reason is told as it is.
class StepError : public std::exception {
 public:
  explicit StepError(std::string reason) : reason(std::move(reason)) {}
  const char* what() const noexcept override { return reason.c_str(); }

  std::string reason;
};

/// `Resource handler returned message: "..." (RequestToken: ..., HandlerErrorCode: ...)`
std::string told_failure(const resources::HandlerError& error, const std::string& token);

/// The error of a service as one of a handler, by what its code says.
resources::HandlerError handler_error(const protocol::ServiceError& error);

/// "The following resource(s) failed to create: [A, B]. "
std::string told_failed(std::string_view what, const std::vector<std::string>& ids);

}  // namespace matinee::cloudformation
