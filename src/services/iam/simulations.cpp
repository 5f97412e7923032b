// The operations of the policy simulator.
#include <fmt/format.h>

#include <algorithm>

#include "policy/wildcard.h"
#include "services/iam/paging.h"
#include "services/iam/service.h"
#include "services/iam/simulation.h"

namespace matinee::iam {

namespace {

using identity::SourceType;
using Policies = std::vector<identity::AttachedPolicy>;

Policies read_inputs(const std::vector<std::string>& texts, std::string_view name) {
  Policies policies;
  for (const std::string& text : texts)
    policies.push_back(read_input(text, fmt::format("{}.{}", name, policies.size() + 1), false));
  return policies;
}

EntityArn require_entity(const std::string& arn) {
  const std::optional<EntityArn> parts = parse_entity_arn(arn);
  const bool is_entity = parts && parts->account != "aws" &&
                         (parts->type == "user" || parts->type == "group" || parts->type == "role");
  if (!is_entity)
    throw InvalidInputException(
        fmt::format("Invalid Entity Arn: {} does not clearly define entity type and name.", arn));
  return *parts;
}

void set_one(SimulatedKeys& keys, std::string_view key, std::string value) {
  keys.emplace(std::string(key), std::vector{std::move(value)});
}

/// Who calls, for policies of resources; and the keys that follow from it, where the request gives
/// no others.
void set_caller(Simulation& simulation, const std::string& arn) {
  const EntityArn parts = require_entity(arn);
  simulation.account = parts.account;
  set_one(simulation.keys, "aws:principalaccount", parts.account);
  if (parts.type == "group") return;
  set_one(simulation.keys, "aws:principalarn", arn);
  if (parts.type == "user") {
    simulation.user_arn = arn;
    set_one(simulation.keys, "aws:principaltype", "User");
    set_one(simulation.keys, "aws:username", parts.name);
  } else {
    simulation.kind = identity::PrincipalKind::role_session;
    simulation.role_arn = arn;
    set_one(simulation.keys, "aws:principaltype", "AssumedRole");
  }
}

/// An account's number, or the ARN of its root.
std::string read_owner(const std::string& text) {
  std::string owner = text;
  if (const auto parts = parse_entity_arn(text); parts && parts->type == "root")
    owner = parts->account;
  const bool is_account =
      owner.size() == 12 && std::ranges::all_of(owner, [](char c) { return c >= '0' && c <= '9'; });
  if (!is_account)
    throw InvalidInputException(fmt::format("'{}' is not a valid as a Resource Owner.", text));
  return owner;
}

void require_handling_option(const std::string& option) {
  constexpr std::string_view options[] = {
      "EC2-Classic-InstanceStore",    "EC2-Classic-EBS", "EC2-VPC-InstanceStore",
      "EC2-VPC-InstanceStore-Subnet", "EC2-VPC-EBS",     "EC2-VPC-EBS-Subnet"};
  if (std::ranges::find(options, option) == std::end(options))
    throw InvalidInputException(fmt::format("Invalid Resource Handling Option: {}", option));
}

/// What the two kinds of simulations have in common. The caller is known already.
template <class Request>
void add_inputs(Simulation& simulation, const Request& request) {
  if (request.permissions_boundary_policy_input_list) {
    Policies boundaries = read_inputs(*request.permissions_boundary_policy_input_list,
                                      "PermissionsBoundaryPolicyInputList");
    if (boundaries.size() > 1)
      throw InvalidInputException("Only one permissions boundary policy can be simulated.");
    if (!boundaries.empty()) simulation.boundary = std::move(boundaries.front());
  }
  if (request.resource_policy) {
    if (simulation.user_arn.empty() && simulation.role_arn.empty())
      throw InvalidInputException("Invalid caller - Caller must be an IAM user in this context.");
    simulation.resource_policy = read_input(*request.resource_policy, "ResourcePolicy", true);
  }
  simulation.resource_owner =
      request.resource_owner ? read_owner(*request.resource_owner) : simulation.account;
  if (request.resource_handling_option) require_handling_option(*request.resource_handling_option);
}

template <class Response, class Request>
Response run(const Simulation& simulation, const Request& request) {
  require_actions(request.action_names);
  const std::vector<std::string> resources =
      request.resource_arns.value_or(std::vector<std::string>());
  require_resources(resources);
  std::vector<std::string> actions = request.action_names;
  const PageEnd end = cut_page(actions, request);
  Response response;
  response.evaluation_results.emplace();
  for (const std::string& action : actions)
    response.evaluation_results->push_back(simulate(simulation, action, resources));
  end.tell(response);
  return response;
}

std::string_view word_of(SourceType source) {
  if (source == SourceType::group) return "group";
  return source == SourceType::role ? "role" : "user";
}

bool names(const PolicyIdentifier& identifier, const identity::AttachedPolicy& policy) {
  const bool is_inline = policy.arn.empty();
  if (identifier.policy_arn) return policy::matches_wildcards(*identifier.policy_arn, policy.arn);
  if (const auto& wanted = identifier.inline_policy_identifier)
    return is_inline && wanted->policy_name == policy.name &&
           wanted->attachment_type == word_of(policy.source) &&
           policy::matches_wildcards(wanted->attachment_name, policy.holder);
  const std::string type = identifier.policy_type.value_or("");
  return (type == "inline" && is_inline) ||
         (type == "aws-managed" && policy.source == SourceType::aws_managed) ||
         (type == "user-managed" && policy.source == SourceType::user_managed);
}

/// Leaves out what the request does not want to be asked.
void exclude(Simulation& simulation, const std::vector<PolicyIdentifier>& identifiers) {
  for (const PolicyIdentifier& identifier : identifiers) {
    const int given = (identifier.policy_arn ? 1 : 0) + (identifier.policy_type ? 1 : 0) +
                      (identifier.inline_policy_identifier ? 1 : 0);
    if (given != 1)
      throw InvalidInputException(
          "A policy identifier must have exactly one of PolicyType, PolicyArn and "
          "InlinePolicyIdentifier.");
    std::erase_if(simulation.policies,
                  [&](const auto& policy) { return names(identifier, policy); });
    if (identifier.policy_type == "permission-boundary") simulation.boundary.reset();
  }
}

}  // namespace

Service::SimulatedEntity Service::require_simulated(const Context& context,
                                                    const std::string& arn) const {
  const EntityArn parts = require_entity(arn);
  if (parts.account != context.account)
    throw InvalidInputException(
        fmt::format("Invalid Policy Source Arn: caller's account {} does not have access to "
                    "policies in account {}",
                    context.account, parts.account));
  if (parts.type == "group") {
    const GroupRecord group = catalog_.require_group(parts.account, parts.name);
    auto entity = std::make_shared<identity::Identity>();
    entity->arn = arn_of(parts.account, Kind::group, group);
    entity->id = group.id;
    entity->account = parts.account;
    entity->policies = identities_.policies_of(parts.account, {Kind::group, group.name, group.id});
    return entity;
  }
  if (parts.type == "role") {
    catalog_.require_role(parts.account, parts.name);
    return identities_.find_role(parts.account, parts.name);
  }
  catalog_.require_user(parts.account, parts.name);
  return identities_.find_user(parts.account, parts.name);
}

SimulatePrincipalPolicyResponse Service::simulate_principal_policy(
    const Context& context, const SimulatePrincipalPolicyRequest& request) {
  const SimulatedEntity source = require_simulated(context, request.policy_source_arn);
  Simulation simulation{.account = context.account, .tells_organization = true};
  if (request.context_entries) add_keys(simulation.keys, *request.context_entries);
  const std::string caller = request.caller_arn.value_or(source->arn);
  set_caller(simulation, caller);
  // Tags and id are those of whoever has the policies.
  if (caller == source->arn) {
    set_one(simulation.keys, "aws:userid", source->id);
    for (const auto& [key, value] : source->tags)
      set_one(simulation.keys, "aws:principaltag/" + policy::to_lower(key), value);
  }
  simulation.policies = source->policies;
  simulation.boundary = source->boundary;
  if (request.policy_exclusion_list) exclude(simulation, *request.policy_exclusion_list);
  if (request.policy_input_list)
    for (auto& policy : read_inputs(*request.policy_input_list, "PolicyInputList"))
      simulation.policies.push_back(std::move(policy));
  add_inputs(simulation, request);
  return run<SimulatePrincipalPolicyResponse>(simulation, request);
}

SimulateCustomPolicyResponse Service::simulate_custom_policy(
    const Context& context, const SimulateCustomPolicyRequest& request) {
  Simulation simulation{.account = context.account};
  if (request.context_entries) add_keys(simulation.keys, *request.context_entries);
  if (request.caller_arn) set_caller(simulation, *request.caller_arn);
  simulation.policies = read_inputs(request.policy_input_list, "PolicyInputList");
  add_inputs(simulation, request);
  if (request.ordered_organization_policy_input_list) {
    simulation.tells_organization = true;
    simulation.organization.emplace();
    for (const auto& level : *request.ordered_organization_policy_input_list)
      simulation.organization->push_back(
          read_inputs(level.service_control_policy_input_list.value_or(std::vector<std::string>()),
                      "ServiceControlPolicyInputList"));
  }
  return run<SimulateCustomPolicyResponse>(simulation, request);
}

GetContextKeysForCustomPolicyResponse Service::get_context_keys_for_custom_policy(
    const Context&, const GetContextKeysForCustomPolicyRequest& request) {
  Policies policies;
  for (const std::string& text : request.policy_input_list)
    policies.push_back(read_input(text, "PolicyInputList", false));
  return {.context_key_names = keys_asked_for(policies)};
}

GetContextKeysForPrincipalPolicyResponse Service::get_context_keys_for_principal_policy(
    const Context& context, const GetContextKeysForPrincipalPolicyRequest& request) {
  Policies policies = require_simulated(context, request.policy_source_arn)->policies;
  if (request.policy_input_list)
    for (auto& policy : read_inputs(*request.policy_input_list, "PolicyInputList"))
      policies.push_back(std::move(policy));
  return {.context_key_names = keys_asked_for(policies)};
}

}  // namespace matinee::iam
