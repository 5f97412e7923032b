// What requests for temporary credentials say, taken apart and checked. Each function that can
// refuse throws the error that AWS answers, with its words.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/clock.h"
#include "services/caller_session.h"
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

/// What the holder of a session is to be limited by and known for, however it was said: by
/// parameters, by the claims of a token, by the attributes of an assertion.
struct SessionWishes {
  std::string policy;
  std::vector<std::string> policy_arns;
  std::map<std::string, std::string> tags;
  std::vector<std::string> transitive_keys;
  std::string source_identity;
};

std::vector<std::string> arns_of(const std::optional<std::vector<PolicyDescriptorType>>& list);

/// Keys of session tags differ in more than case, and are not AWS's own.
std::map<std::string, std::string> require_tags(const std::optional<std::vector<Tag>>& tags);

/// Those keys of session tags that go on to the next role are among the tags, in any case. Gives
/// them as the tags spell them.
std::vector<std::string> require_transitive_keys(
    const std::optional<std::vector<std::string>>& keys,
    const std::map<std::string, std::string>& tags);

/// Adds what a session hands on to the one that is assumed with it: transitive tags, which the new
/// one may not set again, and the source identity.
void inherit(SessionWishes& wishes, const services::CallerSession& from);

/// Whether a list has that element.
bool has(const auto& list, const auto& element) {
  return std::ranges::find(list, element) != std::ranges::end(list);
}

/// Whether two keys of tags are the same.
bool is_same_key(std::string_view one, std::string_view other);

/// A device for a second factor comes with the code that it shows.
void require_device(const std::optional<std::string>& serial_number,
                    const std::optional<std::string>& code);

/// A session policy is a policy of an identity.
void require_session_policy(const std::string& policy);

/// What policies and tags take of the room that a session has for them, in percent; nothing where
/// there are none. AWS packs them in a way that it does not tell; here 2,048 bytes are the room.
/// Throws PackedPolicyTooLargeException.
std::optional<std::int32_t> packed_size(const SessionWishes& wishes);

}  // namespace matinee::sts
