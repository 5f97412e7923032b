// Whether a caller may do something: the policies of its identity, its permissions boundary, the
// policies of its session and the policy of the resource, put together by AWS's rules. Pure: what
// is to be known of the caller and the resource is handed in. Nothing is allocated unless a policy
// asks for a condition key.
//
// The rules, in their order:
// 1. A statement that denies, in any of the policies, decides.
// 2. In the account of the resource, either the identity's policies or the resource's policy must
//    allow, and the boundary and the session's policies too. But whom the resource's policy names
//    directly (a user or a session by its ARN, or everyone) it lets in alone; a role's ARN only
//    makes up for the identity's policies; an account only leaves the decision to its own policies.
// 3. Across accounts both sides must allow.
// 4. The root user of an account needs no policy of its own.
// 5. Services, anonymous callers and those who come from an identity provider have no policies:
//    the resource's must allow.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "identity/directory.h"
#include "policy/evaluate.h"

namespace matinee::identity {

enum class PrincipalKind : std::uint8_t {
  anonymous,
  root,
  user,
  role_session,
  federated_user,     // of GetFederationToken
  identity_provider,  // who brings a web identity or a SAML assertion, to assume a role
  service             // "s3.amazonaws.com" for one of its resources
};

/// Who asks, with all that speaks for it. Points to what must live as long as it is used.
struct Principal {
  PrincipalKind kind = PrincipalKind::anonymous;
  /// Account, ARN, canonical id, service, provider, as the policies of resources name them. Of a
  /// session `caller.role` is its role's ARN, of a federated user its user's.
  policy::Caller caller;
  /// Of the user (its groups' too), of the role of a session, or of the user that called
  /// GetFederationToken.
  std::span<const AttachedPolicy> policies;
  const AttachedPolicy* boundary = nullptr;  // of the user or the role
  /// A session of a role that was given none is not limited by them; a federated user that was
  /// given none may do nothing.
  std::span<const AttachedPolicy> session_policies;
};

/// What it asks for.
struct Target {
  std::string_view account;                  // the owner's; empty means the caller's
  std::string_view arn;                      // "*" where the action knows no resource
  const policy::Document* policy = nullptr;  // null where it has none
  /// KMS keys and roles (their trust policy): the resource's policy must allow in the same account
  /// too; where it names the account, the identity's policies decide.
  bool policy_rules = false;
  bool is_trust_policy = false;  // a refusal calls it so; `policy_rules` is then set too
  /// Something else than its policy lets the caller in: a grant of KMS, an access control list.
  /// Counts as a statement that names the caller itself.
  bool let_in = false;
};

struct Question {
  const Principal& principal;
  std::string_view action;  // "sqs:SendMessage"
  const Target& target;
  const policy::Keys& keys;
};

/// The kinds of policies, as AWS's refusals tell them apart.
enum class Part : std::uint8_t { identity, resource, boundary, session, trust };

struct Decision {
  bool allowed = false;
  bool explicit_deny = false;  // a statement denies
  /// Which part refuses: the one that denies, or that should have allowed. Meaningless if allowed.
  Part part = Part::identity;
  /// The statement that denies, or one that allows; null where there is none (root, a default).
  const policy::Statement* statement = nullptr;
  /// The policy with that statement; null for the resource's.
  const AttachedPolicy* policy = nullptr;
};

Decision decide(const Question& question);

/// A statement of one of the policies, and what keeps it from being about the request.
struct Match {
  Part part = Part::identity;
  const AttachedPolicy* policy = nullptr;  // null for the resource's
  const policy::Statement* statement = nullptr;
  policy::Mismatch mismatch = {};  // Element::none: it is about the request
};

/// All statements, part by part, in their order: identity, boundary, session, resource.
std::vector<Match> examine_all(const Question& question);
/// Those of them that are about the request.
std::vector<Match> find_matches(const Question& question);

/// Why not: "because no identity-based policy allows the sqs:SendMessage action", "with an explicit
/// deny in an identity-based policy: ARN".
std::string reason_of(const Decision& decision, std::string_view action);

/// AWS's whole sentence: "User: ARN is not authorized to perform: ACTION on resource: ARN REASON".
/// Without the resource where it is empty or "*".
std::string refusal_of(const Question& question, const Decision& decision);

}  // namespace matinee::identity
