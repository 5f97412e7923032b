#include "services/iam/simulation.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "iam/errors.h"
#include "policy/wildcard.h"

namespace matinee::iam {

namespace {

using Attached = identity::AttachedPolicy;
using identity::Decision;
using identity::Match;
using identity::Part;

constexpr std::string_view allowed = "allowed";
constexpr std::string_view denied = "explicitDeny";
constexpr std::string_view not_allowed = "implicitDeny";

/// Inline policies are named after their holder too, managed ones and inputs only by their name.
std::string id_of(const Attached& policy) {
  using identity::SourceType;
  if (policy.holder.empty()) return policy.name;
  const std::string_view kind = policy.source == SourceType::group  ? "group"
                                : policy.source == SourceType::role ? "role"
                                                                    : "user";
  return fmt::format("{}_{}_{}", kind, policy.holder, policy.name);
}

Position position_of(const policy::Place& place) {
  return {.line = place.line, .column = place.column};
}

Statement describe(StatementPlaces& known, const Attached& policy,
                   const policy::Statement& statement) {
  Statement described{.source_policy_id = id_of(policy)};
  const auto [found, is_new] = known.try_emplace(&policy);
  if (is_new) found->second = policy::find_places(policy.text);
  const std::vector<policy::StatementPlace>& places = found->second;
  const auto index = static_cast<std::size_t>(&statement - policy.document->statements.data());
  if (index >= places.size()) return described;
  described.start_position = position_of(places[index].begin);
  described.end_position = position_of(places[index].end);
  return described;
}

/// What is to be said of one action and one resource.
struct Outcome {
  std::string decision;
  std::vector<Statement> statements;
  std::vector<const policy::Statement*> told;  // the same ones
  std::optional<bool> by_boundary;
  std::optional<std::map<std::string, std::string>> details;  // across accounts
  bool by_organization = true;
};

/// Those that decide: what denies if anything does, else what allows.
void tell_deciding(const Simulation& simulation, StatementPlaces& places,
                   const std::vector<Match>& matches, Outcome& outcome) {
  const bool denies = outcome.decision == denied;
  // The resource's policy is told first.
  for (const bool of_resource : {true, false})
    for (const Match& match : matches) {
      if ((match.part == Part::resource) != of_resource || match.statement->allows == denies)
        continue;
      if (!denies && match.part == Part::boundary) continue;
      const Attached& policy = of_resource ? *simulation.resource_policy : *match.policy;
      Statement described = describe(places, policy, *match.statement);
      described.source_policy_type = of_resource ? "Resource Policy" : "IAM Policy";
      outcome.statements.push_back(std::move(described));
      outcome.told.push_back(match.statement);
    }
}

/// "111122223333" of an ARN that says whose the resource is.
std::string_view account_of(std::string_view arn) {
  for (int part = 0; part < 4; ++part) {
    const std::size_t colon = arn.find(':');
    if (colon == std::string_view::npos) return {};
    arn.remove_prefix(colon + 1);
  }
  const std::string_view account = arn.substr(0, arn.find(':'));
  return account == "*" ? std::string_view() : account;
}

std::string_view verdict_of(std::span<const Attached> policies, const policy::Request& request) {
  std::string_view verdict = not_allowed;
  for (const Attached& policy : policies) {
    const policy::Effect effect = policy::evaluate(*policy.document, request).effect;
    if (effect == policy::Effect::deny) return denied;
    if (effect == policy::Effect::allow) verdict = allowed;
  }
  return verdict;
}

/// The strictest of all levels.
std::string_view ask_organization(const Simulation& simulation, const policy::Request& request) {
  std::string_view verdict = allowed;
  if (!simulation.organization) return verdict;
  for (const std::vector<Attached>& level : *simulation.organization) {
    const std::string_view found = verdict_of(level, request);
    if (found == denied) return denied;
    if (found != allowed) verdict = found;
  }
  return verdict;
}

std::map<std::string, std::string> details_of(const Simulation& simulation,
                                              const policy::Request& request) {
  std::map<std::string, std::string> details;
  details["IAM Policy"] = verdict_of(simulation.policies, request);
  if (simulation.boundary)
    details["Permissions Boundary Policy"] = verdict_of({&*simulation.boundary, 1}, request);
  details["Resource Policy"] = simulation.resource_policy
                                   ? verdict_of({&*simulation.resource_policy, 1}, request)
                                   : not_allowed;
  return details;
}

Outcome simulate_one(const Simulation& simulation, StatementPlaces& places, std::string_view action,
                     std::string_view resource) {
  const policy::Keys keys = [&](std::string_view key) -> std::optional<std::vector<std::string>> {
    const auto found = simulation.keys.find(key);
    if (found == simulation.keys.end()) return std::nullopt;
    return found->second;
  };
  const identity::Principal principal{
      .kind = simulation.kind,
      .caller = {.account = simulation.account,
                 .arn = simulation.user_arn,
                 .role = simulation.role_arn},
      .policies = simulation.policies,
      .boundary = simulation.boundary ? &*simulation.boundary : nullptr,
      .session_policies = {}};
  const std::string_view named = account_of(resource);
  const identity::Target target{
      .account = named.empty() ? std::string_view(simulation.resource_owner) : named,
      .arn = resource,
      .policy = simulation.resource_policy ? simulation.resource_policy->document.get() : nullptr};
  const identity::Question question{
      .principal = principal, .action = action, .target = target, .keys = keys};
  const policy::Request request{
      .caller = principal.caller, .action = action, .resource = resource, .keys = keys};

  Outcome outcome;
  if (const std::string_view organization = ask_organization(simulation, request);
      organization != allowed) {
    outcome.decision = organization;
    outcome.by_organization = false;
    return outcome;
  }
  const Decision decision = identity::decide(question);
  if (simulation.boundary)
    outcome.by_boundary = verdict_of({&*simulation.boundary, 1}, request) == allowed;
  // Without resources that belong to somebody there are no two accounts.
  if (resource != "*" && !target.account.empty() && target.account != simulation.account)
    outcome.details = details_of(simulation, request);
  outcome.decision = decision.allowed ? allowed : decision.explicit_deny ? denied : not_allowed;
  if (decision.allowed || decision.explicit_deny)
    tell_deciding(simulation, places, identity::find_matches(question), outcome);
  return outcome;
}

PermissionsBoundaryDecisionDetail boundary_detail(bool by_boundary) {
  return {.allowed_by_permissions_boundary = by_boundary};
}

/// A result for all resources, which is as good as the worst of them.
class Verdict {
 public:
  explicit Verdict(EvaluationResult& result) : result_(result) {}

  void add(const Outcome& outcome) {
    if (result_.eval_decision.empty() || rank(outcome.decision) > rank(result_.eval_decision)) {
      result_.eval_decision = outcome.decision;
      result_.matched_statements->clear();
      told_.clear();
    }
    if (outcome.decision == result_.eval_decision) add_statements(outcome);
    if (outcome.by_boundary) {
      const auto& known = result_.permissions_boundary_decision_detail;
      result_.permissions_boundary_decision_detail = boundary_detail(
          *outcome.by_boundary && (!known || *known->allowed_by_permissions_boundary));
    }
    auto& organization = result_.organizations_decision_detail;
    if (organization && !outcome.by_organization) organization->allowed_by_organizations = false;
    if (outcome.details) result_.eval_decision_details = outcome.details;
  }

 private:
  EvaluationResult& result_;
  std::set<const policy::Statement*> told_;

  static int rank(std::string_view decision) {
    if (decision == denied) return 2;
    return decision == not_allowed ? 1 : 0;
  }
  void add_statements(const Outcome& outcome) {
    for (std::size_t i = 0; i < outcome.told.size(); ++i)
      if (told_.insert(outcome.told[i]).second)
        result_.matched_statements->push_back(outcome.statements[i]);
  }
};

}  // namespace

Attached read_input(const std::string& text, std::string name, bool of_resource) {
  auto document =
      policy::parse(text, of_resource ? policy::Kind::resource : policy::Kind::identity);
  if (!document) throw InvalidInputException(document.error().message);
  Attached policy;
  policy.name = std::move(name);
  policy.text = text;
  policy.document = std::make_shared<const policy::Document>(std::move(*document));
  return policy;
}

void require_actions(const std::vector<std::string>& actions) {
  for (const std::string& action : actions) {
    const std::size_t colon = action.find(':');
    const bool is_name = colon != std::string::npos && colon > 0 && colon + 1 < action.size() &&
                         action.find_first_of("*? ") == std::string::npos;
    if (!is_name) throw InvalidInputException(fmt::format("Invalid Action Name: {}", action));
  }
}

void require_resources(const std::vector<std::string>& resources) {
  for (const std::string& resource : resources) {
    const bool is_arn = resource.starts_with("arn:") && std::ranges::count(resource, ':') >= 5;
    if (resource != "*" && !is_arn)
      throw InvalidInputException(
          fmt::format("ResourceNames are not in a valid ARN format: {}.", resource));
  }
}

void add_keys(SimulatedKeys& keys, const std::vector<ContextEntry>& entries) {
  for (const ContextEntry& entry : entries) {
    if (!entry.context_key_name || entry.context_key_name->find(':') == std::string::npos)
      throw InvalidInputException(
          fmt::format("Invalid Context Key Name: {}", entry.context_key_name.value_or("")));
    keys[policy::to_lower(*entry.context_key_name)] =
        entry.context_key_values.value_or(std::vector<std::string>());
  }
}

Simulator::Simulator(runtime::Turns& turns, const Simulation& simulation)
    : turns_(turns), simulation_(simulation) {}

runtime::Task<> Simulator::prepare() {
  std::vector<const Attached*> policies;
  for (const Attached& policy : simulation_.policies) policies.push_back(&policy);
  if (simulation_.boundary) policies.push_back(&*simulation_.boundary);
  if (simulation_.resource_policy) policies.push_back(&*simulation_.resource_policy);
  missing_ = co_await keys_asked_for(turns_, std::move(policies));
  std::erase_if(missing_, [&](const std::string& key) {
    return simulation_.keys.contains(policy::to_lower(key));
  });
}

runtime::Task<EvaluationResult> Simulator::simulate(const std::string& action,
                                                    const std::vector<std::string>& resources) {
  const bool names_resources = !resources.empty() && resources != std::vector<std::string>{"*"};
  EvaluationResult result{.eval_action_name = action,
                          .eval_resource_name = names_resources ? resources.front() : "*"};
  result.matched_statements.emplace();
  if (simulation_.tells_organization)
    result.organizations_decision_detail =
        OrganizationsDecisionDetail{.allowed_by_organizations = true};
  Verdict verdict(result);
  result.missing_context_values.emplace();
  if (!names_resources) {
    if (turns_.is_over()) co_await turns_.next();
    verdict.add(simulate_one(simulation_, places_, action, "*"));
    result.missing_context_values = missing_;
    told_ += 1 + result.matched_statements->size();
    co_return result;
  }
  result.eval_decision_details.emplace();
  std::vector<ResourceSpecificResult> specific;
  std::size_t told = 0;
  for (const std::string& resource : resources) {
    if (turns_.is_over()) co_await turns_.next();
    Outcome outcome = simulate_one(simulation_, places_, action, resource);
    told += 1 + outcome.statements.size() + missing_.size();
    if (told > most_simulated)
      throw InvalidInputException(
          fmt::format("The simulation of {} has more than {} results.", action, most_simulated));
    verdict.add(outcome);
    ResourceSpecificResult one{.eval_resource_name = resource,
                               .eval_resource_decision = outcome.decision};
    one.matched_statements = std::move(outcome.statements);
    one.missing_context_values = missing_;
    one.eval_decision_details = std::move(outcome.details);
    if (outcome.by_boundary)
      one.permissions_boundary_decision_detail = boundary_detail(*outcome.by_boundary);
    // Where the organization refuses, nothing else was asked.
    if (!outcome.by_organization) result.eval_decision_details.reset();
    specific.push_back(std::move(one));
  }
  told_ += told;
  result.resource_specific_results = std::move(specific);
  co_return result;
}

runtime::Task<std::vector<std::string>> keys_asked_for(runtime::Turns& turns,
                                                       std::vector<const Attached*> policies) {
  std::vector<std::string> keys;
  std::set<std::string> known;  // in lower case
  for (const Attached* policy : policies) {
    if (!policy->document) continue;
    if (turns.is_over()) co_await turns.next();
    for (std::string& key : policy::context_keys(*policy->document))
      if (known.insert(policy::to_lower(key)).second) keys.push_back(std::move(key));
  }
  co_return keys;
}

}  // namespace matinee::iam
