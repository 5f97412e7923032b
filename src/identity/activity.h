// What was called by whom, and when: IAM's last-accessed data, and what `matinee policy suggest`
// is made from. On the state thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/clock.h"

namespace matinee::identity {

/// The last call with some credentials.
struct LastUse {
  runtime::Time when;
  std::string region;
  std::string service;  // as policies call it: "sqs"
};

/// Calls of one action on one resource.
struct ActionUse {
  std::string action;    // "sqs:SendMessage"
  std::string resource;  // ARN, or a pattern that stands for several; empty where it has none
  std::string region;    // of the last call
  runtime::Time first;
  runtime::Time last;
  std::uint64_t count = 0;
  std::uint64_t refused = 0;  // of them, by --iam observe: let through, though no policy allows
  std::string refusal = {};   // the sentence that --iam enforce would have answered last
};

class Activity {
 public:
  virtual ~Activity() = default;

  /// Of a user ("arn:aws:iam::ACCOUNT:user/PATH/NAME") or role; a role's sessions count as the
  /// role. In order of actions and resources; empty where nothing was called.
  virtual std::vector<ActionUse> uses_of(std::string_view arn) const = 0;
  /// The last call of a user or role; nothing where there was none.
  virtual std::optional<LastUse> last_use_of(std::string_view arn) const = 0;
  /// The last call that an access key of a user signed.
  virtual std::optional<LastUse> last_use_of_key(std::string_view access_key) const = 0;
  /// When a user or role is deleted: another of the same name begins with nothing.
  virtual void forget(std::string_view arn) = 0;
};

/// What AWS calls a service ("Amazon SQS") that policies call `prefix` ("sqs"). Empty for unknown.
std::string_view name_of_service(std::string_view prefix);
/// All services that policies can name, a line each: "sqs\tAmazon SQS".
std::string_view all_services();

}  // namespace matinee::identity
