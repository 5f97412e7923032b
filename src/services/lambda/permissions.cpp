// Policies of functions, versions and aliases: who else may invoke them.
#include <fmt/format.h>

#include "lambda/errors.h"
#include "services/lambda/catalog/json_text.h"
#include "services/lambda/catalog/policy_text.h"
#include "services/lambda/service.h"

namespace matinee::lambda {

namespace {

constexpr std::size_t most_policy_bytes = 20'480;

/// The conditions in the order in which AWS writes them.
std::string conditions_of(const AddPermissionRequest& request) {
  std::string equals;
  const auto add = [&](std::string_view key, const std::optional<std::string>& value) {
    if (value) append_pair(equals, key, *value);
  };
  add("AWS:SourceAccount", request.source_account);
  add("lambda:FunctionUrlAuthType", request.function_url_auth_type);
  add("lambda:EventSourceToken", request.event_source_token);
  add("aws:PrincipalOrgID", request.principal_org_id);
  std::string out;
  if (!equals.empty()) out += "\"StringEquals\":{" + equals + "}";
  if (request.invoked_via_function_url) {
    if (!out.empty()) out += ',';
    out += fmt::format("\"Bool\":{{\"lambda:InvokedViaFunctionUrl\":\"{}\"}}",
                       *request.invoked_via_function_url);
  }
  if (request.source_arn) {
    if (!out.empty()) out += ',';
    out += "\"ArnLike\":{";
    append_pair(out, "AWS:SourceArn", *request.source_arn);
    out += "}";
  }
  return out;
}

std::string statement_of(const AddPermissionRequest& request, const std::string& resource) {
  std::string out = "{";
  append_pair(out, "Sid", request.statement_id);
  out += ",\"Effect\":\"Allow\",\"Principal\":" + principal_of(request.principal);
  append_pair(out, "Action", request.action);
  append_pair(out, "Resource", resource);
  const std::string conditions = conditions_of(request);
  if (!conditions.empty()) out += ",\"Condition\":{" + conditions + "}";
  return out + "}";
}

void check_policy_revision(const std::optional<std::string>& wanted, const PolicyRecord& policy) {
  if (wanted && !wanted->empty() && *wanted != policy.revision) refuse_revision("GetPolicy");
}

}  // namespace

/// Without statements there is no policy.
void Service::put_policy(const QualifiedKey& key, PolicyRecord policy) {
  if (policy.statements.empty()) {
    policies_.erase(key);
  } else {
    policy.revision = new_revision();
    policies_.put(key, policy);
  }
  documents_.erase(key);
  store_.on_rollback([this, key] { documents_.erase(key); });
}

AddPermissionResponse Service::add_permission(const Context& context,
                                              const AddPermissionRequest& request) {
  const Named name = named(context, request.function_name, request.qualifier);
  require_target(name);
  if (name.qualifier == latest) refuse("We currently do not support adding policies for $LATEST.");
  const QualifiedKey key = qualified(name.key, name.qualifier);
  PolicyRecord policy = policies_.find(key).value_or(PolicyRecord{});
  check_policy_revision(request.revision_id, policy);
  if (has_statement(policy, request.statement_id))
    refuse_conflict(
        fmt::format("The statement id ({}) provided already exists. Please provide a new "
                    "statement id, or remove the existing statement.",
                    request.statement_id));
  const std::string statement = statement_of(request, arn_of(name.key, name.qualifier));
  policy.statements.emplace_back(request.statement_id, statement);
  if (text_of(policy).size() > most_policy_bytes)
    throw PolicyLengthExceededException(
        fmt::format("The final policy size ({}) is bigger than the limit ({}).",
                    text_of(policy).size(), most_policy_bytes),
        {.type = "User"});
  put_policy(key, std::move(policy));
  return {.statement = statement};
}

RemovePermissionResponse Service::remove_permission(const Context& context,
                                                    const RemovePermissionRequest& request) {
  const Named name = named(context, request.function_name, request.qualifier);
  require_target(name);
  const QualifiedKey key = qualified(name.key, name.qualifier);
  std::optional<PolicyRecord> policy = policies_.find(key);
  if (!policy) refuse_unknown("No policy is associated with the given resource.");
  check_policy_revision(request.revision_id, *policy);
  if (!remove_statement(*policy, request.statement_id))
    refuse_unknown(
        fmt::format("Statement {} is not found in resource policy.", request.statement_id));
  put_policy(key, *std::move(policy));
  return {};
}

GetPolicyResponse Service::get_policy(const Context& context, const GetPolicyRequest& request) {
  const Named name = named(context, request.function_name, request.qualifier);
  require_target(name);
  const std::optional<PolicyRecord> policy = policies_.find(qualified(name.key, name.qualifier));
  if (!policy) refuse_unknown("The resource you requested does not exist.");
  return {.policy = text_of(*policy), .revision_id = policy->revision};
}

}  // namespace matinee::lambda
