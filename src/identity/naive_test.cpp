// The second opinion itself. Written from AWS's documentation of policy evaluation.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "identity/naive_fixture.h"

namespace matinee::naive {

namespace {

// Patterns are lists of numbers: a byte, any_text or any_byte.
constexpr int any_text = -1;
constexpr int any_byte = -2;
using Tokens = std::vector<int>;

int lower(int c) {
  return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(lower(c));
  return text;
}

void add_text(Tokens& tokens, const std::string& text) {
  for (const char c : text) tokens.push_back(static_cast<unsigned char>(c));
}

/// Nothing where a variable has no value. Without values there are no variables.
std::optional<Tokens> tokens_of(const std::string& pattern, const Values* values) {
  Tokens tokens;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    if (values && pattern.compare(at, 2, "${") == 0 && pattern.find('}', at) != std::string::npos) {
      const std::size_t close = pattern.find('}', at);
      std::string name = pattern.substr(at + 2, close - at - 2);
      at = close;
      std::optional<std::string> instead;
      if (const std::size_t comma = name.find(", '"); comma != std::string::npos) {
        instead = name.substr(comma + 3, name.size() - comma - 4);
        name.resize(comma);
      }
      const auto found = values->find(lower(name));
      if (name == "*" || name == "?" || name == "$")
        add_text(tokens, name);
      else if (found != values->end() && found->second.size() == 1)
        add_text(tokens, found->second[0]);
      else if (instead)
        add_text(tokens, *instead);
      else
        return std::nullopt;
      continue;
    }
    if (pattern[at] == '*')
      tokens.push_back(any_text);
    else if (pattern[at] == '?')
      tokens.push_back(any_byte);
    else
      tokens.push_back(static_cast<unsigned char>(pattern[at]));
  }
  return tokens;
}

bool fits(const Tokens& tokens, std::size_t at, const std::string& text, std::size_t read) {
  if (at == tokens.size()) return read == text.size();
  if (tokens[at] == any_text)
    return fits(tokens, at + 1, text, read) ||
           (read < text.size() && fits(tokens, at, text, read + 1));
  if (read == text.size()) return false;
  return (tokens[at] == any_byte || tokens[at] == static_cast<unsigned char>(text[read])) &&
         fits(tokens, at + 1, text, read + 1);
}

bool fits(const std::string& pattern, const std::string& text, const Values* values) {
  const auto tokens = tokens_of(pattern, values);
  return tokens && fits(*tokens, 0, text, 0);
}

/// At most six parts; colons in braces do not count.
Texts parts_of(const std::string& arn) {
  Texts parts(1);
  bool in_braces = false;
  for (const char c : arn) {
    if (c == '{') in_braces = true;
    if (c == '}') in_braces = false;
    if (c == ':' && !in_braces && parts.size() < 6)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

bool fits_arn(const std::string& pattern, const std::string& arn, const Values* values,
              bool may_be_short) {
  if (pattern == "*") return true;
  Texts patterns = parts_of(pattern);
  const Texts parts = parts_of(arn);
  if (parts.size() != 6) return may_be_short && parts.size() == 1 && fits(pattern, arn, values);
  if (may_be_short) patterns.resize(6, "*");
  if (patterns.size() != 6) return false;
  for (std::size_t i = 0; i < 6; ++i)
    if (!fits(patterns[i], parts[i], values)) return false;
  return true;
}

/// The text of a value without wildcards; nothing where a variable has no value.
std::optional<std::string> plain(const std::string& value, const Values* values) {
  const auto tokens = tokens_of(value, values);
  if (!tokens) return std::nullopt;
  std::string text;
  for (const int token : *tokens)
    text += token == any_text ? '*' : token == any_byte ? '?' : static_cast<char>(token);
  return text;
}

bool compare_one(const std::string& operation, const std::string& value, const std::string& found,
                 const Values* values) {
  if (operation == "StringLike") return fits(value, found, values);
  if (operation == "ArnLike" || operation == "ArnEquals")
    return fits_arn(value, found, values, false);
  const auto text = plain(value, values);
  if (!text) return false;
  if (operation == "StringEquals") return *text == found;
  if (operation == "StringEqualsIgnoreCase" || operation == "Bool")
    return lower(*text) == lower(found);
  char* end = nullptr;
  const double left = std::strtod(found.c_str(), &end);
  if (end == found.c_str() || *end != '\0') return false;
  const double right = std::strtod(text->c_str(), &end);
  if (end == text->c_str() || *end != '\0') return false;
  if (operation == "NumericEquals") return left == right;
  if (operation == "NumericLessThan") return left < right;
  if (operation == "NumericLessThanEquals") return left <= right;
  if (operation == "NumericGreaterThan") return left > right;
  EXPECT_EQ(operation, "NumericGreaterThanEquals");
  return left >= right;
}

bool remove_start(std::string& text, const std::string& start) {
  if (!text.starts_with(start)) return false;
  text.erase(0, start.size());
  return true;
}

bool holds(const Condition& condition, const Values& all, const Values* variables) {
  std::string operation = condition.operation;
  const bool of_all = remove_start(operation, "ForAllValues:");
  const bool of_any = remove_start(operation, "ForAnyValue:");
  const bool if_exists = operation.ends_with("IfExists");
  if (if_exists) operation.resize(operation.size() - 8);
  const auto entry = all.find(lower(condition.key));
  const bool exists = entry != all.end() && !entry->second.empty();
  if (operation == "Null") {
    for (const std::string& value : condition.values)
      if ((value == "true") == !exists) return true;
    return false;
  }
  const std::size_t mark = operation.find("Not");
  const bool negated = mark != std::string::npos;
  if (negated) operation.erase(mark, 3);
  if (!exists) return if_exists || of_all || (negated && !of_any);
  const auto accepted = [&](const std::string& found) {
    for (const std::string& value : condition.values)
      if (compare_one(operation, value, found, variables)) return !negated;
    return negated;
  };
  std::size_t count = 0;
  for (const std::string& found : entry->second)
    if (accepted(found)) ++count;
  if (of_all) return count == entry->second.size();
  if (of_any) return count > 0;
  // Without a quantifier: none of the values may be like one of a negated condition's.
  return negated ? count == entry->second.size() : count > 0;
}

/// 0: not at all; 1: as an account; 2: by role or user behind it; 3: itself.
int closeness(const Statement& statement, const Caller& caller) {
  if (statement.principals.empty()) return 3;
  int closest = 0;
  for (const auto& [kind, name] : statement.principals) {
    int close = 0;
    if (kind == "Service") close = !caller.service.empty() && caller.service == name ? 3 : 0;
    if (kind == "AWS") {
      const bool is_account =
          !caller.account.empty() &&
          (name == caller.account || name == "arn:aws:iam::" + caller.account + ":root");
      if (is_account) close = 1;
      if (!caller.behind.empty() && name == caller.behind) close = 2;
      if (name == "*" || (!is_account && !caller.arn.empty() && name == caller.arn)) close = 3;
    }
    closest = std::max(closest, close);
  }
  if (!statement.not_principal) return closest;
  return closest == 0 ? 3 : 0;
}

bool is_about(const Statement& statement, const Document& document, const Case& question) {
  const Values* variables = document.new_version ? &question.values : nullptr;
  bool named = false;
  for (const std::string& pattern : statement.actions)
    named = named || fits(lower(pattern), lower(question.action), nullptr);
  if (named == statement.not_action) return false;
  named = false;
  for (const std::string& pattern : statement.resources)
    named = named || fits_arn(pattern, question.resource, variables, true);
  if (named == statement.not_resource) return false;
  for (const Condition& condition : statement.conditions)
    if (!holds(condition, question.values, variables)) return false;
  return true;
}

/// Whether something in the documents denies, and how closely what allows names the caller.
struct Said {
  bool denies = false;
  int allows = 0;
};

Said listen(const std::vector<Document>& documents, const Case& question) {
  Said said;
  for (const Document& document : documents)
    for (const Statement& statement : document.statements) {
      const int close = closeness(statement, question.caller);
      if (close == 0 || !is_about(statement, document, question)) continue;
      if (statement.allows)
        said.allows = std::max(said.allows, close);
      else
        said.denies = true;
    }
  return said;
}

std::vector<Document> list_of(const std::optional<Document>& document) {
  return document ? std::vector{*document} : std::vector<Document>();
}

void append_texts(std::string& json, const Texts& texts) {
  json += '[';
  for (const std::string& text : texts) json += fmt::format("\"{}\",", text);
  json.back() = ']';
}

void append_statement(std::string& json, const Statement& statement) {
  json += fmt::format(R"({{"Effect":"{}","{}":)", statement.allows ? "Allow" : "Deny",
                      statement.not_action ? "NotAction" : "Action");
  append_texts(json, statement.actions);
  json += statement.not_resource ? R"(,"NotResource":)" : R"(,"Resource":)";
  append_texts(json, statement.resources);
  std::map<std::string, Texts> principals;
  for (const auto& [kind, name] : statement.principals) principals[kind].push_back(name);
  if (!principals.empty())
    json += statement.not_principal ? R"(,"NotPrincipal":{)" : R"(,"Principal":{)";
  for (const auto& [kind, names] : principals) {
    json += fmt::format("\"{}\":", kind);
    append_texts(json, names);
    json += ',';
  }
  if (!principals.empty()) json.back() = '}';
  std::map<std::string, std::vector<const Condition*>> operations;
  for (const Condition& each : statement.conditions) operations[each.operation].push_back(&each);
  if (!operations.empty()) json += R"(,"Condition":{)";
  for (const auto& [operation, conditions] : operations) {
    json += fmt::format("\"{}\":{{", operation);
    for (const Condition* condition : conditions) {
      json += fmt::format("\"{}\":", condition->key);
      append_texts(json, condition->values);
      json += ',';
    }
    json.back() = '}';
    json += ',';
  }
  if (!operations.empty()) json.back() = '}';
  json += '}';
}

}  // namespace

std::string to_json(const Document& document) {
  std::string json = fmt::format(R"({{"Version":"{}","Statement":[)",
                                 document.new_version ? "2012-10-17" : "2008-10-17");
  for (const Statement& statement : document.statements) {
    append_statement(json, statement);
    json += ',';
  }
  json.back() = ']';
  return json + "}";
}

std::string describe(const Case& question) {
  std::string text = fmt::format("{} ({}) does {} with {} of {}{}\n", question.caller.arn,
                                 question.caller.behind, question.action, question.resource,
                                 question.owner, question.policy_rules ? ", policy rules" : "");
  const auto add = [&](const char* name, const std::vector<Document>& documents) {
    for (const Document& document : documents)
      text += fmt::format("{}: {}\n", name, to_json(document));
  };
  add("identity", question.identity);
  add("boundary", list_of(question.boundary));
  add("session", question.session);
  add("resource", list_of(question.resource_policy));
  for (const auto& [key, values] : question.values) {
    text += key + "=";
    for (const std::string& value : values) text += value + ";";
    text += "\n";
  }
  return text;
}

Answer answer(const Case& question) {
  const Kind kind = question.caller.kind;
  const Said resource = listen(list_of(question.resource_policy), question);
  const bool has_policies = kind == Kind::user || kind == Kind::session || kind == Kind::federated;
  Said identity;
  Said boundary;
  Said session;
  if (has_policies) {
    identity = listen(question.identity, question);
    boundary = listen(list_of(question.boundary), question);
    session = listen(question.session, question);
  }
  if (resource.denies || identity.denies || boundary.denies || session.denies)
    return {.denied = true};
  if (kind == Kind::anonymous || kind == Kind::service) return {.allowed = resource.allows > 0};
  const bool session_limits = kind == Kind::federated || !question.session.empty();
  const bool within_limits =
      (!question.boundary || boundary.allows > 0) && (!session_limits || session.allows > 0);
  const bool by_identity = kind == Kind::root || (identity.allows > 0 && within_limits);
  if (question.owner != question.caller.account)
    return {.allowed = by_identity && resource.allows > 0};
  if (resource.allows == 3) return {.allowed = true};
  if (resource.allows == 2 && within_limits) return {.allowed = true};
  if (question.policy_rules && resource.allows == 0) return {};
  return {.allowed = by_identity};
}

TEST(Naive, knows_the_difference_between_yes_and_no) {
  Case question{.caller = {.account = "1", .arn = "a"},
                .owner = "1",
                .action = "s3:GetObject",
                .resource = "arn:aws:s3:::b/k"};
  EXPECT_FALSE(answer(question).allowed);
  Document document;
  document.statements.push_back({.actions = {"S3:get*"}, .resources = {"arn:aws:s3:::b/?"}});
  question.identity = {document};
  EXPECT_TRUE(answer(question).allowed);
  document.statements.push_back({.allows = false, .actions = {"*"}, .resources = {"*"}});
  question.session = {document};
  EXPECT_TRUE(answer(question).denied);
}

}  // namespace matinee::naive
