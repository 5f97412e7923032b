// Reads policy documents from JSON.
#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

#include "policy/document.h"
#include "policy/faults.h"
#include "policy/wildcard.h"

namespace matinee::policy {

namespace {

using simdjson::dom::element;
using simdjson::dom::object;

/// Thrown inside of this file alone: it comes from deep within.
struct Refused {
  Flaw flaw;
  std::string detail;
};

[[noreturn]] void refuse(Flaw flaw, std::string_view detail = {}) {
  throw Refused{.flaw = flaw, .detail = std::string(detail)};
}

/// A scalar as text: conditions may have booleans and numbers for values.
std::string scalar_of(element value, std::string_view field) {
  if (std::string_view text; !value.get(text)) return std::string(text);
  if (bool truth = false; !value.get(truth)) return truth ? "true" : "false";
  if (value.is_int64() || value.is_uint64() || value.is_double())
    return std::string(simdjson::minify(value));
  refuse(Flaw::wrong_syntax, field);
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
  if (value.get(text)) refuse(Flaw::wrong_syntax, field);
  return std::string(text);
}

object object_of(element value, std::string_view field) {
  object members;
  if (value.get(members)) refuse(Flaw::wrong_syntax, field);
  return members;
}

bool has_principals(Kind kind) {
  return kind == Kind::resource || kind == Kind::trust;
}

bool is_account(std::string_view text) {
  return text.size() == 12 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

[[noreturn]] void refuse_principal(std::string_view kind, std::string_view text) {
  refuse(Flaw::wrong_principal, fmt::format("\"{}\":\"{}\"", kind, text));
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
    if (colon == std::string_view::npos) refuse_principal("AWS", text);
    parts.push_back(rest.substr(0, colon));
    rest.remove_prefix(colon + 1);
  }
  const bool is_principal = parts[0] == "arn" && (parts[2] == "iam" || parts[2] == "sts") &&
                            parts[3].empty() && (is_account(parts[4]) || parts[4] == "cloudfront");
  if (!is_principal || rest.empty() || has_wildcards(rest)) refuse_principal("AWS", text);
  if (rest == "root") {
    principals.accounts.emplace_back(parts[4]);
    return;
  }
  const bool is_known = rest.starts_with("user/") || rest.starts_with("role/") ||
                        rest.starts_with("assumed-role/") || rest.starts_with("federated-user/");
  if (!is_known) refuse_principal("AWS", text);
  principals.arns.push_back(text);
}

void add_principals(Principals& principals, std::string_view kind, element listed) {
  std::vector<std::string> texts = texts_of(listed, "Principal");
  if (texts.empty()) refuse(Flaw::empty_principal);
  if (kind == "AWS")
    for (const std::string& text : texts) add_aws_principal(principals, text);
  else if (kind == "Service")
    principals.services = std::move(texts);
  else if (kind == "Federated")
    principals.federated = std::move(texts);
  else if (kind == "CanonicalUser")
    principals.canonical = std::move(texts);
  else
    refuse_principal(kind, texts.front());
}

Principals principals_of(element value) {
  Principals principals;
  if (std::string_view text; !value.get(text)) {
    if (text != "*") refuse_principal("STAR", text);
    principals.everyone = true;
    return principals;
  }
  object members;
  if (value.get(members)) refuse(Flaw::empty_principal);
  for (const auto& [kind, listed] : members) add_principals(principals, kind, listed);
  if (members.size() == 0) refuse(Flaw::empty_principal);
  return principals;
}

Patterns patterns_of(element value, std::string_view field) {
  Patterns patterns{.patterns = texts_of(value, field), .negated = field.starts_with("Not")};
  if (patterns.patterns.empty())
    refuse(field.ends_with("Action") ? Flaw::empty_action : Flaw::empty_resource);
  return patterns;
}

void add_conditions(std::vector<Condition>& conditions, element value) {
  for (const auto& [name, keys] : object_of(value, "Condition")) {
    const std::optional<Condition> operation = find_operator(name);
    if (!operation) refuse(Flaw::wrong_operator, name);
    for (const auto& [key, values] : object_of(keys, "Condition")) {
      Condition condition = *operation;
      condition.key = to_lower(key);
      condition.key_as_written = key;
      condition.values = texts_of(values, "Condition");
      conditions.push_back(std::move(condition));
    }
  }
}

/// Sets a member that a statement has once, by one of two names.
template <class Member>
void set_once(std::optional<Member>& member, Member value, std::string_view field) {
  if (member) refuse(Flaw::wrong_syntax, field);
  member = std::move(value);
}

bool effect_of(element member) {
  const std::string effect = string_of(member, "Effect");
  if (effect != "Allow" && effect != "Deny") refuse(Flaw::wrong_effect, effect);
  return effect == "Allow";
}

Statement statement_of(element value, Kind kind) {
  Statement statement;
  std::optional<Patterns> actions;
  std::optional<bool> allows;
  for (const auto& [name, member] : object_of(value, "Statement")) {
    if (name == "Sid") {
      statement.sid = string_of(member, name);
    } else if (name == "Effect") {
      allows = effect_of(member);
    } else if (name == "Principal" || name == "NotPrincipal") {
      if (!has_principals(kind)) refuse(Flaw::principal_given);
      set_once(statement.principals, principals_of(member), name);
      statement.not_principals = name == "NotPrincipal";
    } else if (name == "Action" || name == "NotAction") {
      set_once(actions, patterns_of(member, name), name);
    } else if (name == "Resource" || name == "NotResource") {
      if (kind == Kind::trust) refuse(Flaw::resource_given, name);
      set_once(statement.resources, patterns_of(member, name), name);
    } else if (name == "Condition") {
      add_conditions(statement.conditions, member);
    } else {
      refuse(Flaw::unknown_field, name);
    }
  }
  if (!allows) refuse(Flaw::no_effect);
  if (!statement.principals && has_principals(kind)) refuse(Flaw::no_principal);
  if (!actions) refuse(Flaw::no_action);
  if (!statement.resources && !has_principals(kind)) refuse(Flaw::no_resource);
  statement.allows = *allows;
  statement.actions = std::move(*actions);
  return statement;
}

void add_statements(Document& document, element value, Kind kind) {
  simdjson::dom::array list;
  if (value.get(list)) {
    document.statements.push_back(statement_of(value, kind));
    return;
  }
  for (const element each : list) document.statements.push_back(statement_of(each, kind));
  if (document.statements.empty()) refuse(Flaw::no_statement);
}

Document document_of(const object& members, Kind kind) {
  Document document;
  bool has_statements = false;
  for (const auto& [name, member] : members) {
    if (name == "Version") {
      const std::string version = string_of(member, name);
      if (version != "2012-10-17" && version != "2008-10-17") refuse(Flaw::wrong_version);
      document.has_variables = version == "2012-10-17";
    } else if (name == "Id") {
      document.id = string_of(member, name);
    } else if (name == "Statement") {
      has_statements = true;
      add_statements(document, member, kind);
    } else {
      refuse(Flaw::unknown_field, name);
    }
  }
  if (!has_statements) refuse(Flaw::no_statement);
  return document;
}

}  // namespace

std::expected<Document, Fault> parse(std::string_view json, Kind kind) {
  const auto words = kind == Kind::resource ? words_of_resources : words_of_iam;
  simdjson::dom::parser parser;
  object members;
  if (parser.parse(json.data(), json.size()).get(members))
    return std::unexpected(Fault{words(kind, Flaw::not_json, {})});
  try {
    Document document = document_of(members, kind);
    if (kind != Kind::resource)
      if (auto fault = find_iam_fault(document, kind)) return std::unexpected(std::move(*fault));
    return document;
  } catch (const Refused& refused) {
    return std::unexpected(Fault{words(kind, refused.flaw, refused.detail)});
  }
}

}  // namespace matinee::policy
