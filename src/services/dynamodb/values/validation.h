// The one error of DynamoDB that its model does not name.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "protocol/error.h"

namespace matinee::dynamodb {

/// `throw validation_error("...")`: HTTP 400 with the type ValidationException.
inline protocol::ServiceError validation_error(std::string message) {
  return protocol::ServiceError("ValidationException", 400, std::move(message));
}

/// How refusals begin in the operations that AWS moved to another layer in 2026: PutItem,
/// UpdateItem, DeleteItem and a part of Query.
inline constexpr std::string_view one_error = "1 validation error detected: ";

/// A ValidationException whose words are others where refusals begin with a count.
class Refusal : public protocol::ServiceError {
 public:
  /// `counted` is the whole message there.
  Refusal(std::string message, std::string counted)
      : ServiceError("ValidationException", 400, std::move(message)),
        counted_(std::move(counted)) {}
  /// The same words in both, after the count in the one.
  explicit Refusal(const std::string& message)
      : Refusal(message, std::string(one_error) + message) {}

  const std::string& counted() const { return counted_; }
  /// With a parameter's words around it.
  Refusal wrapped(const std::string& before, const std::string& after) const {
    std::string_view words = counted_;
    if (words.starts_with(one_error)) words.remove_prefix(one_error.size());
    return {before + message() + after,
            std::string(one_error).append(before).append(words).append(after)};
  }

 private:
  std::string counted_;
};

/// Does what an operation does before it looks at its table, for the operations whose refusals
/// begin with a count.
template <class Step>
auto counted(const Step& step) {
  try {
    return step();
  } catch (const Refusal& refusal) {
    throw validation_error(refusal.counted());
  } catch (const protocol::ServiceError& error) {
    if (error.code() != "ValidationException") throw;
    throw validation_error(std::string(one_error) + error.message());
  }
}

/// A message behind the prefix that DynamoDB gives to most of them.
inline protocol::ServiceError invalid_parameter(const std::string& message) {
  return validation_error("One or more parameter values were invalid: " + message);
}

}  // namespace matinee::dynamodb
