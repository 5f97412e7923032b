#include "policy/evaluate.h"

#include <fmt/format.h>

#include <algorithm>

#include "policy/arn_pattern.h"
#include "policy/conditions.h"
#include "policy/wildcard.h"

namespace matinee::policy {

namespace {

/// "name" of arn:aws:sts::ACCOUNT:assumed-role/name/session, else nothing.
std::string_view role_of_session(std::string_view arn) {
  constexpr std::string_view mark = ":assumed-role/";
  const std::size_t start = arn.find(mark);
  if (start == std::string_view::npos) return {};
  const std::string_view rest = arn.substr(start + mark.size());
  return rest.substr(0, rest.find('/'));
}

/// A role stands for its sessions, whose ARNs leave the role's path out.
bool is_session_of(std::string_view caller_arn, std::string_view account, std::string_view arn) {
  const std::string_view role = role_of_session(caller_arn);
  if (role.empty() || arn.find(":role/") == std::string_view::npos) return false;
  return arn.find(fmt::format(":{}:role/", account)) != std::string_view::npos &&
         arn.substr(arn.rfind('/') + 1) == role;
}

bool has(const std::vector<std::string>& listed, std::string_view one) {
  return !one.empty() && std::ranges::find(listed, one) != listed.end();
}

bool names_role(const Principals& principals, const Caller& caller) {
  if (!caller.role.empty()) return has(principals.arns, caller.role);
  return std::ranges::any_of(principals.arns, [&](const std::string& arn) {
    return is_session_of(caller.arn, caller.account, arn);
  });
}

Naming naming_of(const Principals& principals, const Caller& caller) {
  if (principals.everyone || has(principals.arns, caller.arn) ||
      has(principals.services, caller.service) || has(principals.federated, caller.federated))
    return Naming::direct;
  if (names_role(principals, caller)) return Naming::role;
  // A canonical id is another name of an account.
  if (has(principals.accounts, caller.account) || has(principals.canonical, caller.canonical_id))
    return Naming::account;
  return Naming::nobody;
}

Naming naming_of(const Statement& statement, const Caller& caller) {
  if (!statement.principals) return Naming::direct;
  const Naming naming = naming_of(*statement.principals, caller);
  if (!statement.not_principals) return naming;
  return naming == Naming::nobody ? Naming::direct : Naming::nobody;
}

bool names_action(const Patterns& actions, std::string_view action) {
  const bool any = std::ranges::any_of(actions.patterns, [&](const std::string& pattern) {
    return matches_wildcards(pattern, action, Case::insensitive);
  });
  return any != actions.negated;
}

bool names_resource(const Patterns& resources, const Request& request, bool has_variables) {
  const Keys* keys = has_variables ? &request.keys : nullptr;
  const bool any = std::ranges::any_of(resources.patterns, [&](const std::string& pattern) {
    return matches_resource(pattern, request.resource, keys);
  });
  return any != resources.negated;
}

}  // namespace

Mismatch examine(const Statement& statement, const Request& request, bool has_variables) {
  using Element = Mismatch::Element;
  if (!names_action(statement.actions, request.action)) return {.element = Element::action};
  if (naming_of(statement, request.caller) == Naming::nobody)
    return {.element = Element::principal};
  if (statement.resources && !names_resource(*statement.resources, request, has_variables))
    return {.element = Element::resource};
  for (const Condition& condition : statement.conditions)
    if (!holds(condition, request.keys, has_variables))
      return {.element = Element::condition, .condition = &condition};
  return {};
}

Verdict evaluate(const Document& document, const Request& request) {
  Verdict verdict;
  for (const Statement& statement : document.statements) {
    // Once something allows as much as it can, only a denial can still change the answer.
    if (statement.allows && verdict.naming == Naming::direct) continue;
    const Mismatch mismatch = examine(statement, request, document.has_variables);
    if (mismatch.element != Mismatch::Element::none) continue;
    if (!statement.allows) return {.effect = Effect::deny, .statement = &statement};
    const Naming naming = naming_of(statement, request.caller);
    if (naming > verdict.naming)
      verdict = {.effect = Effect::allow, .statement = &statement, .naming = naming};
  }
  return verdict;
}

Decision authorize(const Resource& resource, const Request& request) {
  using Reason = Decision::Reason;
  Verdict verdict;
  if (resource.policy) verdict = evaluate(*resource.policy, request);
  if (verdict.effect == Effect::deny)
    return {.reason = Reason::statement_denies, .statement = verdict.statement};
  if (verdict.effect == Effect::allow)
    return {.reason = Reason::statement_allows, .statement = verdict.statement};
  const bool same_account =
      !request.caller.account.empty() && request.caller.account == resource.account;
  return {.reason = same_account ? Reason::same_account : Reason::no_policy_allows};
}

std::string explain(const Decision& decision, std::string_view action) {
  if (decision.reason == Decision::Reason::statement_denies)
    return "with an explicit deny in a resource-based policy";
  return fmt::format("because no resource-based policy allows the {} action", action);
}

}  // namespace matinee::policy
