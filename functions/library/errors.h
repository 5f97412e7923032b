// Errors that tell their type: what a function's caller reads in `errorType`.
#pragma once

#include <stdexcept>
#include <string>

namespace lambda {

/// `type` is what callers and rules of retries look at, such as "OmdbKeyRefused"; what() is a
/// sentence for people. Of other exceptions the type is the name of their class.
class FunctionError : public std::runtime_error {
 public:
  FunctionError(std::string type, const std::string& message)
      : std::runtime_error(message), type_(std::move(type)) {}

  const std::string& type() const { return type_; }

 private:
  std::string type_;
};

/// What the Runtime API and callers are told of an exception.
struct ErrorDocument {
  std::string type;
  std::string message;
  /// {"errorType":…,"errorMessage":…,"stackTrace":[…]}: C++ knows no trace, so there stand the
  /// causes: what() of the exceptions that are nested in it.
  std::string json;
};

/// Of the exception at hand; to be called in a catch block.
ErrorDocument describe_current_exception();

}  // namespace lambda
