#include "services/cloudformation/planning/stack_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "policy/wildcard.h"
#include "templates/reader.h"

namespace matinee::cloudformation {

namespace {

using templates::Value;

/// A text, or a list of texts. Nothing for anything else.
std::optional<std::vector<std::string>> texts_of(const Value& value) {
  if (value.is_string()) return std::vector{value.text()};
  if (!value.is_list()) return std::nullopt;
  std::vector<std::string> texts;
  for (const Value& element : value.elements()) {
    if (!element.is_string()) return std::nullopt;
    texts.push_back(element.text());
  }
  return texts;
}

std::vector<Value> statements_of(const Value& policy) {
  const Value* statements = policy.find("Statement");
  if (!statements) return {};
  if (statements->is_list()) return statements->elements();
  return {*statements};
}

bool is_everyone(const Value* principal) {
  if (!principal) return true;
  if (principal->is_map()) principal = principal->find("AWS");
  if (!principal) return false;
  const auto names = texts_of(*principal);
  return names && std::ranges::all_of(*names, [](const auto& name) { return name == "*"; });
}

bool are_update_actions(const Value* actions) {
  if (!actions) return true;
  const auto names = texts_of(*actions);
  return names && std::ranges::all_of(*names, [](const std::string& name) {
           return name == "*" || name == "Update:*" || name == "Update:Modify" ||
                  name == "Update:Replace" || name == "Update:Delete";
         });
}

bool is_statement(const Value& statement) {
  if (!statement.is_map()) return false;
  const std::string effect = statement.text_or("Effect");
  if (effect != "Allow" && effect != "Deny") return false;
  const Value* actions = statement.find("Action");
  const Value* others = statement.find("NotAction");
  if ((actions != nullptr) == (others != nullptr)) return false;
  const Value* resources = statement.find("Resource");
  const Value* other_resources = statement.find("NotResource");
  if (resources && other_resources) return false;
  return is_everyone(statement.find("Principal")) && are_update_actions(actions) &&
         are_update_actions(others);
}

bool matches_any(const Value& patterns, std::string_view text) {
  const auto texts = texts_of(patterns);
  return texts && std::ranges::any_of(*texts, [&](const std::string& pattern) {
           return policy::matches_wildcards(pattern, text);
         });
}

bool holds(const Value& condition, const GuardedChange& change) {
  return std::ranges::all_of(condition.members(), [&](const templates::Member& operation) {
    const bool is_negated = operation.name.find("Not") != std::string::npos;
    return std::ranges::all_of(operation.value.members(), [&](const templates::Member& key) {
      return key.name == "ResourceType" && matches_any(key.value, change.type) != is_negated;
    });
  });
}

bool is_about(const Value& statement, const GuardedChange& change) {
  if (const Value* actions = statement.find("Action");
      actions && !matches_any(*actions, change.action))
    return false;
  if (const Value* others = statement.find("NotAction");
      others && matches_any(*others, change.action))
    return false;
  const std::string resource = fmt::format("LogicalResourceId/{}", change.logical_id);
  const auto names = [&](const Value& patterns) {
    return matches_any(patterns, resource) || matches_any(patterns, change.logical_id);
  };
  if (const Value* resources = statement.find("Resource"); resources && !names(*resources))
    return false;
  if (const Value* others = statement.find("NotResource"); others && names(*others)) return false;
  const Value* condition = statement.find("Condition");
  return !condition || holds(*condition, change);
}

}  // namespace

bool is_stack_policy(const std::string& text) {
  Value policy;
  try {
    policy = templates::read_value(text);
  } catch (const templates::TemplateError&) {
    return false;
  }
  if (!policy.is_map() || !text.starts_with('{')) return false;
  const bool known = std::ranges::all_of(policy.members(), [](const templates::Member& member) {
    return member.name == "Statement" || member.name == "Version" || member.name == "Id";
  });
  if (!known) return false;
  const std::vector<Value> statements = statements_of(policy);
  return std::ranges::all_of(statements, is_statement);
}

std::string why_policy_denies(const std::string& text, const GuardedChange& change) {
  const Value policy = templates::read_value(text);
  const std::vector<Value> statements = statements_of(policy);
  if (statements.empty()) return "";
  std::size_t deciding = 0;  // counted from 1
  for (std::size_t i = 0; i < statements.size(); ++i)
    if (is_about(statements[i], change)) deciding = i + 1;
  if (deciding != 0 && statements[deciding - 1].text_or("Effect") == "Allow") return "";
  if (deciding == 0)
    return fmt::format(
        "Action not allowed by stack policy: no statement allows [{}] for resource "
        "[LogicalResourceId/{}]",
        change.action, change.logical_id);
  return fmt::format(
      "Action denied by stack policy: Statement [#{}] does not allow [{}] for resource "
      "[LogicalResourceId/{}]",
      deciding, change.action, change.logical_id);
}

}  // namespace matinee::cloudformation
