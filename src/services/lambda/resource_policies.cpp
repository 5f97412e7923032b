// The policy of a function, version or alias as a whole: the same statements that AddPermission
// adds to, one at a time.
#include <fmt/format.h>
#include <simdjson.h>

#include <set>

#include "lambda/errors.h"
#include "policy/document.h"
#include "policy/wildcard.h"
#include "services/lambda/catalog/policy_text.h"
#include "services/lambda/requests.h"
#include "services/lambda/service.h"

namespace matinee::lambda {

namespace {

/// What the policy of one resource may be about.
void check_statement(const policy::Statement& statement, const std::string& arn) {
  if (!statement.principals)
    refuse("The policy is not valid: a statement of a resource's policy needs a principal.");
  for (const std::string& action : statement.actions.patterns)
    if (action != "*" && !policy::equals_ignoring_case(action.substr(0, 7), "lambda:"))
      refuse(fmt::format("The policy is not valid: {} is no action of Lambda.", action));
  if (!statement.resources || statement.resources->negated) return;
  for (const std::string& pattern : statement.resources->patterns)
    if (!policy::matches_wildcards(pattern, arn) && !policy::matches_wildcards(pattern, arn + ":*"))
      refuse(fmt::format("The policy is not valid: its resource {} is not {}.", pattern, arn));
}

std::string member_of(simdjson::dom::object object, const char* name) {
  std::string_view text;
  if (object[name].get(text) != simdjson::SUCCESS) return {};
  return std::string(text);
}

/// Statements one by one, so that others can be added and removed. Throws
/// InvalidParameterValueException.
PolicyRecord read_policy(const std::string& text, const std::string& arn) {
  const auto document = policy::parse(text);
  if (!document) refuse("The policy is not valid: " + document.error().message);
  for (const policy::Statement& statement : document->statements) check_statement(statement, arn);
  simdjson::dom::parser parser;
  simdjson::dom::object whole;
  simdjson::dom::element statements;
  if (parser.parse(text).get(whole) != simdjson::SUCCESS ||
      whole["Statement"].get(statements) != simdjson::SUCCESS)
    refuse("The policy is not valid: it has no statement.");
  PolicyRecord policy;
  if (std::string version = member_of(whole, "Version"); !version.empty())
    policy.version = std::move(version);
  policy.id = member_of(whole, "Id");
  std::set<std::string> ids;
  const auto add = [&](simdjson::dom::element statement) {
    simdjson::dom::object object;
    if (statement.get(object) != simdjson::SUCCESS)
      refuse("The policy is not valid: a statement is an object.");
    std::string id = member_of(object, "Sid");
    if (!id.empty() && !ids.insert(id).second)
      refuse(fmt::format("The policy is not valid: it has two statements {}.", id));
    policy.statements.emplace_back(std::move(id), simdjson::minify(statement));
  };
  if (!statements.is_array()) {
    add(statements);
  } else {
    for (const simdjson::dom::element statement : statements) add(statement);
  }
  if (policy.statements.empty()) refuse("The policy is not valid: it has no statement.");
  return policy;
}

void check_revision(const std::optional<std::string>& wanted, const PolicyRecord& policy) {
  if (wanted && *wanted != policy.revision) refuse_revision("GetResourcePolicy");
}

}  // namespace

/// Throws where there is no such function, version or alias.
Named Service::require_policy_holder(const Context& context, const std::string& arn) const {
  if (!find_named(arn)) refuse_member("ResourceArn", "policies of runtimes are not served here");
  Named name = named(context, arn);
  require_target(name);
  return name;
}

PutResourcePolicyResponse Service::put_resource_policy(const Context& context,
                                                       const PutResourcePolicyRequest& request) {
  const Named name = require_policy_holder(context, request.resource_arn);
  if (name.qualifier == latest) refuse("We currently do not support adding policies for $LATEST.");
  const QualifiedKey key = qualified(name.key, name.qualifier);
  check_revision(request.revision_id, policies_.find(key).value_or(PolicyRecord{}));
  put_policy(key, read_policy(request.policy, arn_of(name.key, name.qualifier)));
  const PolicyRecord kept = *policies_.find(key);
  return {.policy = text_of(kept), .revision_id = kept.revision};
}

GetResourcePolicyResponse Service::get_resource_policy(const Context& context,
                                                       const GetResourcePolicyRequest& request) {
  const Named name = require_policy_holder(context, request.resource_arn);
  const auto policy = policies_.find(qualified(name.key, name.qualifier));
  if (!policy) refuse_unknown("The resource you requested does not exist.");
  return {.policy = text_of(*policy), .revision_id = policy->revision};
}

DeleteResourcePolicyResponse Service::delete_resource_policy(
    const Context& context, const DeleteResourcePolicyRequest& request) {
  const Named name = require_policy_holder(context, request.resource_arn);
  const QualifiedKey key = qualified(name.key, name.qualifier);
  const auto policy = policies_.find(key);
  if (!policy) refuse_unknown("The resource you requested does not exist.");
  check_revision(request.revision_id, *policy);
  put_policy(key, {});
  return {};
}

}  // namespace matinee::lambda
