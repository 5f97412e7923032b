// The policy simulator: what policies would say of calls that nobody makes. The rules are those of
// identity/decide.h; here is what the simulator makes of its inputs and how it tells the outcome.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "iam/shapes.h"
#include "identity/decide.h"

namespace matinee::iam {

/// The condition keys of a simulated request, in lower case.
using SimulatedKeys = std::map<std::string, std::vector<std::string>, std::less<>>;

/// All that one simulation works on.
struct Simulation {
  identity::PrincipalKind kind = identity::PrincipalKind::user;
  std::string account;  // of the caller
  std::string user_arn;
  std::string role_arn;
  std::vector<identity::AttachedPolicy> policies;
  std::optional<identity::AttachedPolicy> boundary;
  std::optional<identity::AttachedPolicy> resource_policy;
  std::string resource_owner;  // of resources whose ARNs name no account
  /// Service control policies, from the root of the organization to the account; each level must
  /// allow. Nothing: there are none.
  std::optional<std::vector<std::vector<identity::AttachedPolicy>>> organization;
  /// Whether a result says what the organization lets it do.
  bool tells_organization = false;
  SimulatedKeys keys;
};

/// A policy given with the request, which answers call "PolicyInputList.1". Throws InvalidInput for
/// what is none.
identity::AttachedPolicy read_input(const std::string& text, std::string name, bool of_resource);

/// Throws InvalidInput for what cannot be the name of an action or a resource.
void require_actions(const std::vector<std::string>& actions);
void require_resources(const std::vector<std::string>& resources);

/// Throws InvalidInput for entries without a name.
void add_keys(SimulatedKeys& keys, const std::vector<ContextEntry>& entries);

/// One action with all resources; none means "*".
EvaluationResult simulate(const Simulation& simulation, const std::string& action,
                          const std::vector<std::string>& resources);

/// The keys that these policies ask for, each once.
std::vector<std::string> keys_asked_for(const std::vector<identity::AttachedPolicy>& policies);

}  // namespace matinee::iam
