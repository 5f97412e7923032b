// The operations of the policy simulator.
#include <fmt/format.h>

#include <algorithm>

#include "policy/wildcard.h"
#include "runtime/loop.h"
#include "services/iam/paging.h"
#include "services/iam/service.h"
#include "services/iam/simulation.h"

namespace matinee::iam {

namespace {

using identity::SourceType;
using Policies = std::vector<identity::AttachedPolicy>;

/// A text has up to 128 KiB, and there may be many.
runtime::Task<> read_inputs(runtime::Turns& turns, const std::vector<std::string>& texts,
                            std::string_view name, Policies& policies) {
  int number = 0;
  for (const std::string& text : texts) {
    if (turns.is_over()) co_await turns.next();
    policies.push_back(read_input(text, fmt::format("{}.{}", name, ++number), false));
  }
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
runtime::Task<> add_inputs(runtime::Turns& turns, Simulation& simulation, const Request& request) {
  if (request.permissions_boundary_policy_input_list) {
    Policies boundaries;
    co_await read_inputs(turns, *request.permissions_boundary_policy_input_list,
                         "PermissionsBoundaryPolicyInputList", boundaries);
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

/// A page costs what its actions cost.
template <class Response, class Request>
runtime::Task<Response> run(runtime::Turns& turns, const Simulation& simulation,
                            const Request& request) {
  const std::vector<std::string>& actions = request.action_names;
  require_actions(actions);
  const std::vector<std::string> resources =
      request.resource_arns.value_or(std::vector<std::string>());
  require_resources(resources);
  Simulator simulator(turns, simulation);
  co_await simulator.prepare();
  Response response;
  auto& results = response.evaluation_results.emplace();
  std::size_t place = page_start(request);
  for (; place < actions.size() && results.size() < page_size(request) &&
         simulator.told() < page_of_simulated;
       ++place)
    results.push_back(co_await simulator.simulate(actions[place], resources));
  end_page(place, actions.size()).tell(response);
  co_return response;
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

/// Of policies at hand and in texts.
template <class Response>
runtime::Task<Response> tell_keys(runtime::Turns& turns, Policies& policies,
                                  const std::vector<std::string>& texts) {
  co_await read_inputs(turns, texts, "PolicyInputList", policies);
  std::vector<const identity::AttachedPolicy*> all;
  for (const identity::AttachedPolicy& policy : policies) all.push_back(&policy);
  Response response;
  response.context_key_names = co_await keys_asked_for(turns, std::move(all));
  co_return response;
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

runtime::Task<SimulatePrincipalPolicyResponse> Service::simulate_principal_policy(
    const Context& context, const SimulatePrincipalPolicyRequest& request) {
  runtime::Turns& turns = runtime_.loop.turns();
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
    co_await read_inputs(turns, *request.policy_input_list, "PolicyInputList", simulation.policies);
  co_await add_inputs(turns, simulation, request);
  co_return co_await run<SimulatePrincipalPolicyResponse>(turns, simulation, request);
}

runtime::Task<SimulateCustomPolicyResponse> Service::simulate_custom_policy(
    const Context& context, const SimulateCustomPolicyRequest& request) {
  runtime::Turns& turns = runtime_.loop.turns();
  Simulation simulation{.account = context.account};
  if (request.context_entries) add_keys(simulation.keys, *request.context_entries);
  if (request.caller_arn) set_caller(simulation, *request.caller_arn);
  co_await read_inputs(turns, request.policy_input_list, "PolicyInputList", simulation.policies);
  co_await add_inputs(turns, simulation, request);
  if (request.ordered_organization_policy_input_list) {
    simulation.tells_organization = true;
    simulation.organization.emplace();
    for (const auto& level : *request.ordered_organization_policy_input_list) {
      Policies& policies = simulation.organization->emplace_back();
      if (level.service_control_policy_input_list)
        co_await read_inputs(turns, *level.service_control_policy_input_list,
                             "ServiceControlPolicyInputList", policies);
    }
  }
  co_return co_await run<SimulateCustomPolicyResponse>(turns, simulation, request);
}

runtime::Task<GetContextKeysForCustomPolicyResponse> Service::get_context_keys_for_custom_policy(
    const Context&, const GetContextKeysForCustomPolicyRequest& request) {
  Policies policies;
  co_return co_await tell_keys<GetContextKeysForCustomPolicyResponse>(
      runtime_.loop.turns(), policies, request.policy_input_list);
}

runtime::Task<GetContextKeysForPrincipalPolicyResponse>
Service::get_context_keys_for_principal_policy(
    const Context& context, const GetContextKeysForPrincipalPolicyRequest& request) {
  Policies policies = require_simulated(context, request.policy_source_arn)->policies;
  const std::vector<std::string> texts =
      request.policy_input_list.value_or(std::vector<std::string>());
  co_return co_await tell_keys<GetContextKeysForPrincipalPolicyResponse>(runtime_.loop.turns(),
                                                                         policies, texts);
}

}  // namespace matinee::iam
