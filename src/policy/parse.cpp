// Reads policy documents from JSON.
#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

#include "policy/document.h"
#include "policy/wildcard.h"

namespace matinee::policy {

namespace {

using simdjson::dom::element;
using simdjson::dom::object;

/// Thrown inside of this file alone: it comes from deep within.
struct Refused {
  Fault fault;
};

[[noreturn]] void refuse(std::string message) {
  throw Refused{{std::move(message)}};
}

/// A scalar as text: conditions may have booleans and numbers for values.
std::string scalar_of(element value, std::string_view field) {
  if (std::string_view text; !value.get(text)) return std::string(text);
  if (bool truth = false; !value.get(truth)) return truth ? "true" : "false";
  if (value.is_int64() || value.is_uint64() || value.is_double())
    return std::string(simdjson::minify(value));
  refuse(fmt::format("Invalid policy syntax: {}", field));
}

/// A scalar, or a list of them.
std::vector<std::string> texts_of(element value, std::string_view field) {
  std::vector<std::string> texts;
  if (simdjson::dom::array list; !value.get(list)) {
    for (const element each : list) texts.push_back(scalar_of(each, field));
    return texts;
  }
  texts.push_back(scalar_of(value, field));
  return texts;
}

std::string string_of(element value, std::string_view field) {
  std::string_view text;
  if (value.get(text)) refuse(fmt::format("Invalid policy syntax: {}", field));
  return std::string(text);
}

object object_of(element value, std::string_view field) {
  object members;
  if (value.get(members)) refuse(fmt::format("Invalid policy syntax: {}", field));
  return members;
}

bool is_account(std::string_view text) {
  return text.size() == 12 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// "111122223333", arn:PARTITION:iam::ACCOUNT:root, or the ARN of a user, a role or a session.
void add_aws_principal(Principals& principals, const std::string& text) {
  if (text == "*") {
    principals.everyone = true;
    return;
  }
  if (is_account(text)) {
    principals.accounts.push_back(text);
    return;
  }
  std::string_view rest = text;
  std::vector<std::string_view> parts;
  for (int i = 0; i < 5; ++i) {
    const std::size_t colon = rest.find(':');
    if (colon == std::string_view::npos) refuse("Invalid principal in policy");
    parts.push_back(rest.substr(0, colon));
    rest.remove_prefix(colon + 1);
  }
  const bool is_principal = parts[0] == "arn" && (parts[2] == "iam" || parts[2] == "sts") &&
                            parts[3].empty() && (is_account(parts[4]) || parts[4] == "cloudfront");
  if (!is_principal || rest.empty() || has_wildcards(rest)) refuse("Invalid principal in policy");
  if (rest == "root") {
    principals.accounts.emplace_back(parts[4]);
    return;
  }
  const bool is_known = rest.starts_with("user/") || rest.starts_with("role/") ||
                        rest.starts_with("assumed-role/") || rest.starts_with("federated-user/");
  if (!is_known) refuse("Invalid principal in policy");
  principals.arns.push_back(text);
}

Principals principals_of(element value) {
  Principals principals;
  if (std::string_view text; !value.get(text)) {
    if (text != "*") refuse("Invalid principal in policy");
    principals.everyone = true;
    return principals;
  }
  object members;
  if (value.get(members)) refuse("Invalid principal in policy");
  for (const auto& [kind, listed] : members) {
    std::vector<std::string> texts = texts_of(listed, "Principal");
    if (texts.empty()) refuse("Invalid principal in policy");
    if (kind == "AWS")
      for (const std::string& text : texts) add_aws_principal(principals, text);
    else if (kind == "Service")
      principals.services = std::move(texts);
    else if (kind == "Federated")
      principals.federated = std::move(texts);
    else if (kind == "CanonicalUser")
      principals.canonical = std::move(texts);
    else
      refuse("Invalid principal in policy");
  }
  if (members.size() == 0) refuse("Invalid principal in policy");
  return principals;
}

Patterns patterns_of(element value, std::string_view field) {
  Patterns patterns{.patterns = texts_of(value, field), .negated = field.starts_with("Not")};
  if (patterns.patterns.empty())
    refuse(field.ends_with("Action") ? "Policy has invalid action" : "Policy has invalid resource");
  return patterns;
}

void add_conditions(std::vector<Condition>& conditions, element value) {
  for (const auto& [name, keys] : object_of(value, "Condition")) {
    const std::optional<Condition> operation = find_operator(name);
    if (!operation) refuse(fmt::format("Invalid Condition type : {}", name));
    for (const auto& [key, values] : object_of(keys, "Condition")) {
      Condition condition = *operation;
      condition.key = to_lower(key);
      condition.values = texts_of(values, "Condition");
      conditions.push_back(std::move(condition));
    }
  }
}

/// Sets a member that a statement has once, by one of two names.
template <class Member>
void set_once(std::optional<Member>& member, Member value, std::string_view field) {
  if (member) refuse(fmt::format("Invalid policy syntax: {}", field));
  member = std::move(value);
}

Statement statement_of(element value) {
  Statement statement;
  std::optional<Patterns> actions;
  std::optional<bool> allows;
  for (const auto& [name, member] : object_of(value, "Statement")) {
    if (name == "Sid") {
      statement.sid = string_of(member, name);
    } else if (name == "Effect") {
      const std::string effect = string_of(member, name);
      if (effect != "Allow" && effect != "Deny") refuse(fmt::format("Invalid effect: {}", effect));
      allows = effect == "Allow";
    } else if (name == "Principal" || name == "NotPrincipal") {
      set_once(statement.principals, principals_of(member), name);
      statement.not_principals = name == "NotPrincipal";
    } else if (name == "Action" || name == "NotAction") {
      set_once(actions, patterns_of(member, name), name);
    } else if (name == "Resource" || name == "NotResource") {
      set_once(statement.resources, patterns_of(member, name), name);
    } else if (name == "Condition") {
      add_conditions(statement.conditions, member);
    } else {
      refuse(fmt::format("Unknown field {}", name));
    }
  }
  if (!allows) refuse("Missing required field Effect");
  if (!statement.principals) refuse("Missing required field Principal");
  if (!actions) refuse("Missing required field Action");
  statement.allows = *allows;
  statement.actions = std::move(*actions);
  return statement;
}

void add_statements(Document& document, element value) {
  simdjson::dom::array list;
  if (value.get(list)) {
    document.statements.push_back(statement_of(value));
    return;
  }
  for (const element each : list) document.statements.push_back(statement_of(each));
  if (document.statements.empty()) refuse("Missing required field Statement");
}

Document document_of(const object& members) {
  Document document;
  bool has_statements = false;
  for (const auto& [name, member] : members) {
    if (name == "Version") {
      const std::string version = string_of(member, name);
      if (version != "2012-10-17" && version != "2008-10-17")
        refuse("The policy must contain a valid version string");
      document.has_variables = version == "2012-10-17";
    } else if (name == "Id") {
      document.id = string_of(member, name);
    } else if (name == "Statement") {
      has_statements = true;
      add_statements(document, member);
    } else {
      refuse(fmt::format("Unknown field {}", name));
    }
  }
  if (!has_statements) refuse("Missing required field Statement");
  return document;
}

}  // namespace

std::expected<Document, Fault> parse(std::string_view json) {
  simdjson::dom::parser parser;
  object members;
  if (parser.parse(json.data(), json.size()).get(members))
    return std::unexpected(Fault{std::string(not_json)});
  try {
    return document_of(members);
  } catch (Refused& refused) {
    return std::unexpected(std::move(refused.fault));
  }
}

}  // namespace matinee::policy
