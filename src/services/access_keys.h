// The long-term access keys of users, for whoever checks signatures. From any thread: what IAM has
// committed is seen by the requests that come after.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace matinee::services {

/// Whose a key is.
struct AccessKeyOwner {
  std::string secret;    // 40 characters
  std::string account;   // 12 digits
  std::string user_arn;  // arn:aws:iam::ACCOUNT:user/PATH/NAME
  std::string user_id;   // AIDA...
  bool active = true;    // an inactive key is refused
};

class AccessKeys {
 public:
  virtual ~AccessKeys() = default;

  /// Nothing for keys that IAM here has not made.
  virtual std::optional<AccessKeyOwner> find(std::string_view access_key) const = 0;
};

}  // namespace matinee::services
