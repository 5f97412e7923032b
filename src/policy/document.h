// An IAM policy document, read from its JSON once and then evaluated often.
//
// Of policies of resources only what makes a document meaningless for every service is refused
// here; which actions and resources a service has, it checks itself.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace matinee::policy {

/// What a document is for, which decides what it must and must not have, and how AWS tells of it.
enum class Kind : std::uint8_t {
  resource,  // of a bucket, a queue, a key: names principals
  identity,  // inline policies of users, groups and roles, and policies of sessions
  managed,   // the same as a policy of its own; boundaries are of this kind: needs a new version
  trust      // who may assume a role: principals, no resources
};

/// Whom a statement is about.
struct Principals {
  bool everyone = false;               // "*" or {"AWS": "*"}
  std::vector<std::string> accounts;   // "111122223333", from the id or the root's ARN
  std::vector<std::string> arns;       // of users, roles and sessions
  std::vector<std::string> services;   // "s3.amazonaws.com"
  std::vector<std::string> federated;  // identity providers
  std::vector<std::string> canonical;  // canonical user ids
};

/// Action or NotAction, Resource or NotResource. Patterns with wildcards.
struct Patterns {
  std::vector<std::string> patterns;
  bool negated = false;
};

enum class Comparison : std::uint8_t {
  string_equals,
  string_equals_ignore_case,
  string_like,
  numeric_equals,
  numeric_less,
  numeric_less_equals,
  numeric_greater,
  numeric_greater_equals,
  date_equals,
  date_less,
  date_less_equals,
  date_greater,
  date_greater_equals,
  boolean,
  binary_equals,
  ip_address,
  arn_like,  // ArnEquals is the same
  null
};

enum class Quantifier : std::uint8_t { none, all_values, any_value };

/// One key of a Condition element.
struct Condition {
  std::string operation;  // as written: "ForAnyValue:StringLike"
  std::string key;        // in lower case: keys have no case
  std::string key_as_written;
  std::vector<std::string> values;
  Comparison comparison = Comparison::string_equals;
  Quantifier quantifier = Quantifier::none;
  bool negated = false;
  bool if_exists = false;
};

struct Statement {
  std::string sid;  // empty without
  bool allows = false;
  std::optional<Principals> principals;
  bool not_principals = false;  // the statement is about everyone else
  Patterns actions;
  std::optional<Patterns> resources;  // a service may let it out; of trust policies none
  std::vector<Condition> conditions;  // all must hold
};

struct Document {
  std::string id;
  bool has_variables = false;  // Version 2012-10-17: ${aws:username} is not plain text
  std::vector<Statement> statements;
};

/// Why a text is not a policy: of a resource's policy in the words that S3 uses, else in IAM's.
struct Fault {
  std::string message;
};

/// Of what is no JSON. S3 says it of an object after white space too, which others take.
inline constexpr std::string_view not_json =
    "Policies must be valid JSON and the first byte must be '{'";

/// Reads a policy. Whether the principals of a trust policy exist is for IAM to find out.
std::expected<Document, Fault> parse(std::string_view json, Kind kind = Kind::resource);

/// The operator of that name ("StringNotLikeIfExists"), or nothing. Key and values are empty.
std::optional<Condition> find_operator(std::string_view name);

}  // namespace matinee::policy
