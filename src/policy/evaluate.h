// What a policy says of a request, and what follows from it. Pure functions: the same arguments
// give the same answer.
//
// `authorize` knows no policies of users and roles: it lets callers of the owner's account do what
// no statement denies, as the root user of that account may. identity/decide.h knows them all.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/document.h"

namespace matinee::policy {

/// Who asks. Of a service that calls for one of its resources only `service` is set, of an
/// anonymous caller nothing.
struct Caller {
  std::string_view account;
  std::string_view arn;  // of the root user, a user, a session of a role, a federated user
  /// Who a session comes from: its role, with its path, or a federated user's user. May be empty: a
  /// session's role is then known by its name alone.
  std::string_view role;
  std::string_view canonical_id;
  std::string_view service;    // "s3.amazonaws.com"
  std::string_view federated;  // the identity provider of a web identity

  bool anonymous() const { return account.empty() && service.empty() && federated.empty(); }
};

/// The values of a condition key, whose name comes in lower case ("aws:sourceip"); nothing where
/// the request has no such key.
using Keys = std::function<std::optional<std::vector<std::string>>(std::string_view)>;

struct Request {
  Caller caller;
  std::string_view action;    // "s3:GetObject"
  std::string_view resource;  // ARN
  const Keys& keys;
};

enum class Effect : std::uint8_t { allow, deny, none };

/// How closely a statement names the caller; what lies further down is closer.
enum class Naming : std::uint8_t {
  nobody,
  account,  // by the account, which leaves it to its own policies whom it lets
  role,     // by the role of a session, or the user behind a federated one
  direct    // by its own ARN, or as everyone; also where a statement names nobody
};

/// What a document says, and the statement that says it: null for Effect::none.
struct Verdict {
  Effect effect = Effect::none;
  const Statement* statement = nullptr;
  Naming naming = Naming::nobody;  // of a permission: the closest that a statement comes
};

/// An explicit denial goes before any permission.
Verdict evaluate(const Document& document, const Request& request);

/// The first element by which a statement is not about a request.
struct Mismatch {
  enum class Element : std::uint8_t { none, action, principal, resource, condition };
  Element element = Element::none;
  const Condition* condition = nullptr;  // the one that does not hold
};
Mismatch examine(const Statement& statement, const Request& request, bool has_variables);

struct Resource {
  std::string_view account;          // of its owner
  const Document* policy = nullptr;  // null where it has none
};

/// Whether a request may go on, and why.
struct Decision {
  enum class Reason : std::uint8_t {
    same_account,      // the owner's account may do what nobody denies it
    statement_allows,  // of the resource's policy
    statement_denies,  // likewise
    no_policy_allows   // a caller from elsewhere, whom nobody has let in
  };
  Reason reason = Reason::no_policy_allows;
  const Statement* statement = nullptr;  // for the two that are about one

  bool allowed() const {
    return reason == Reason::same_account || reason == Reason::statement_allows;
  }
};

Decision authorize(const Resource& resource, const Request& request);

/// The end of AWS's sentence "User: ... is not authorized to perform: ...": why not.
std::string explain(const Decision& decision, std::string_view action);

}  // namespace matinee::policy
