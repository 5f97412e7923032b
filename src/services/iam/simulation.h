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
#include "policy/places.h"
#include "runtime/task.h"
#include "runtime/turns.h"

namespace matinee::iam {

/// The condition keys of a simulated request, in lower case.
using SimulatedKeys = std::map<std::string, std::vector<std::string>, std::less<>>;

/// Where the statements of policies stand, found once for each text.
using StatementPlaces =
    std::map<const identity::AttachedPolicy*, std::vector<policy::StatementPlace>>;

/// All that one simulation works on. It shares nothing with what may change while it lasts.
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

/// Most results, statements and keys without values that are told of one action. AWS names no such
/// number; without one a request of some megabytes could ask for an answer of some gigabytes.
inline constexpr std::size_t most_simulated = 500'000;
/// A page ends early with the action that goes beyond this: AWS too gives fewer than it may.
inline constexpr std::size_t page_of_simulated = 20'000;

/// A policy given with the request, which answers call "PolicyInputList.1". Throws InvalidInput for
/// what is none.
identity::AttachedPolicy read_input(const std::string& text, std::string name, bool of_resource);

/// Throws InvalidInput for what cannot be the name of an action or a resource.
void require_actions(const std::vector<std::string>& actions);
void require_resources(const std::vector<std::string>& resources);

/// Throws InvalidInput for entries without a name.
void add_keys(SimulatedKeys& keys, const std::vector<ContextEntry>& entries);

/// Simulates actions one after the other, in pieces.
class Simulator {
 public:
  /// Both must outlive it.
  Simulator(runtime::Turns& turns, const Simulation& simulation);

  /// To be awaited before all else: the keys that have no values.
  runtime::Task<> prepare();
  /// One action with all resources; none means "*". Throws InvalidInput for more than
  /// `most_simulated` results.
  runtime::Task<EvaluationResult> simulate(const std::string& action,
                                           const std::vector<std::string>& resources);
  /// Results and statements that have been told so far.
  std::size_t told() const { return told_; }

 private:
  runtime::Turns& turns_;
  const Simulation& simulation_;
  StatementPlaces places_;
  std::vector<std::string> missing_;
  std::size_t told_ = 0;
};

/// The keys that these policies ask for, each once.
runtime::Task<std::vector<std::string>> keys_asked_for(
    runtime::Turns& turns, std::vector<const identity::AttachedPolicy*> policies);

}  // namespace matinee::iam
