// The users and roles of this cloud as decisions see them: which policies speak for them. IAM is
// it. On the state thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/document.h"

namespace matinee::identity {

/// What a policy is attached to, as the simulator and explanations name it.
enum class SourceType : std::uint8_t { user, group, role, aws_managed, user_managed };

/// One policy that speaks for somebody.
struct AttachedPolicy {
  std::string name;
  std::string arn;     // of managed policies; empty for inline ones
  std::string holder;  // the user, role or group that an inline one belongs to
  SourceType source = SourceType::user;
  std::string text;                                  // as it was stored
  std::shared_ptr<const policy::Document> document;  // the text, read
};

/// A user or role.
struct Identity {
  std::string arn;
  std::string id;  // AIDA..., AROA...
  std::string account;
  std::string name;
  std::string path;
  std::vector<AttachedPolicy> policies;  // inline and managed; a user's groups' too
  std::optional<AttachedPolicy> boundary;
  std::map<std::string, std::string> tags;
  // Of roles only:
  std::string trust;  // the trust policy's text
  std::shared_ptr<const policy::Document> trust_document;
  std::int32_t max_session_seconds = 3'600;
};

class Directory {
 public:
  virtual ~Directory() = default;

  /// Null where there is none. Names have no case. The same object as long as nothing about it has
  /// changed.
  virtual std::shared_ptr<const Identity> find_user(std::string_view account,
                                                    std::string_view name) const = 0;
  virtual std::shared_ptr<const Identity> find_role(std::string_view account,
                                                    std::string_view name) const = 0;
  /// A managed policy, AWS's or a customer's, with its default version: for session policies. Null
  /// where there is none.
  virtual std::shared_ptr<const AttachedPolicy> find_policy(std::string_view arn) const = 0;
};

}  // namespace matinee::identity
