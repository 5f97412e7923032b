// Temporary credentials for who acts in a role: the instances of functions. On the state thread,
// inside a transaction or not.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "runtime/clock.h"

namespace matinee::services {

struct RoleWish {
  std::string role;          // an ARN
  std::string session_name;  // 2 to 64 characters
  std::string service;       // that takes it on: "lambda.amazonaws.com"
  std::string source_arn;    // for what: aws:SourceArn of the trust policy
  std::int32_t seconds = 3'600;
};

struct RoleCredentials {
  std::string access_key;
  std::string secret_key;
  std::string token;
  /// From then on they are refused; by the clock that users move.
  std::optional<runtime::Time> expires_at;
};

class RoleSessions {
 public:
  virtual ~RoleSessions() = default;

  /// Throws AccessDenied where policies decide and the role does not trust the service, or is not
  /// there.
  virtual RoleCredentials take_on(const RoleWish& wish) = 0;
};

}  // namespace matinee::services
