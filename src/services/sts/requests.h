// What requests for temporary credentials say, taken apart and checked. Each function that can
// refuse throws the error that AWS answers, with its words.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/clock.h"
#include "sts/errors.h"
#include "sts/shapes.h"

namespace matinee::sts {

struct Role {
  std::string arn;  // arn:PARTITION:iam::ACCOUNT:role/PATH/NAME
  std::string partition;
  std::string account;
  std::string name;
  std::string id;  // AROA and 17 more letters and digits: the same role has the same for ever
};

/// Nothing where the ARN is not that of a role in an account.
std::optional<Role> parse_role(const std::string& arn);

/// Keys of session tags differ in more than case.
void require_distinct_keys(const std::vector<Tag>& tags);

/// A device for a second factor comes with the code that it shows, which cannot be checked here.
void require_device(const std::optional<std::string>& serial_number,
                    const std::optional<std::string>& code);

/// A session policy is a JSON object.
void require_json_policy(const std::string& policy);

/// What policies and tags take of the room that a session has for them, in percent; nothing where
/// there are none. AWS packs them in a way that it does not tell; here 2,048 bytes are the room.
/// Throws PackedPolicyTooLargeException.
std::optional<std::int32_t> packed_size(
    const std::optional<std::string>& policy,
    const std::optional<std::vector<PolicyDescriptorType>>& arns,
    const std::optional<std::vector<Tag>>& tags);

/// The claims of an OpenID Connect token.
struct IdentityToken {
  std::string issuer;
  std::string subject;
  std::string audience;  // the first of several
};

/// Its signature is not looked at. Throws InvalidIdentityTokenException, ExpiredTokenException.
IdentityToken read_identity_token(std::string_view token, runtime::Time now);

}  // namespace matinee::sts
