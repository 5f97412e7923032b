#include "identity/decide.h"

#include <fmt/format.h>

#include <algorithm>

namespace matinee::identity {

namespace {

using policy::Effect;
using policy::Naming;
using policy::Verdict;

/// What the policies of one part say together.
struct Voice {
  Effect effect = Effect::none;
  const policy::Statement* statement = nullptr;
  const AttachedPolicy* policy = nullptr;
};

Voice listen(std::span<const AttachedPolicy> policies, const policy::Request& request) {
  Voice voice;
  for (const AttachedPolicy& each : policies) {
    if (!each.document) continue;
    const Verdict verdict = policy::evaluate(*each.document, request);
    if (verdict.effect == Effect::none) continue;
    if (verdict.effect == Effect::deny || voice.effect == Effect::none)
      voice = {.effect = verdict.effect, .statement = verdict.statement, .policy = &each};
    if (voice.effect == Effect::deny) return voice;
  }
  return voice;
}

/// Whether the caller has policies of its own at all.
bool has_policies(PrincipalKind kind) {
  return kind == PrincipalKind::user || kind == PrincipalKind::role_session ||
         kind == PrincipalKind::federated_user;
}

std::span<const AttachedPolicy> boundary_of(const Principal& principal) {
  if (!principal.boundary) return {};
  return {principal.boundary, 1};
}

/// A federated user has what the session's policies give, even if that is nothing.
bool is_limited_by_session(const Principal& principal) {
  return principal.kind == PrincipalKind::federated_user || !principal.session_policies.empty();
}

/// What each part says of a question.
struct Hearing {
  Verdict resource;
  Voice identity;
  Voice boundary;
  Voice session;
};

Hearing hear(const Question& question, const policy::Request& request) {
  const Principal& principal = question.principal;
  Hearing hearing;
  if (question.target.policy) hearing.resource = policy::evaluate(*question.target.policy, request);
  if (!has_policies(principal.kind)) return hearing;
  hearing.identity = listen(principal.policies, request);
  hearing.boundary = listen(boundary_of(principal), request);
  hearing.session = listen(principal.session_policies, request);
  return hearing;
}

policy::Request request_of(const Question& question) {
  return {.caller = question.principal.caller,
          .action = question.action,
          .resource = question.target.arn,
          .keys = question.keys};
}

Part part_of_target(const Target& target) {
  return target.is_trust_policy ? Part::trust : Part::resource;
}

Decision refused(Part part) {
  return {.part = part};
}

Decision denied(Part part, const Voice& voice) {
  return {
      .explicit_deny = true, .part = part, .statement = voice.statement, .policy = voice.policy};
}

std::optional<Decision> find_denial(const Question& question, const Hearing& hearing) {
  if (hearing.resource.effect == Effect::deny)
    return denied(part_of_target(question.target), {.statement = hearing.resource.statement});
  if (hearing.identity.effect == Effect::deny) return denied(Part::identity, hearing.identity);
  if (hearing.boundary.effect == Effect::deny) return denied(Part::boundary, hearing.boundary);
  if (hearing.session.effect == Effect::deny) return denied(Part::session, hearing.session);
  return std::nullopt;
}

/// The part that should have allowed, of those that limit what the identity's policies give.
std::optional<Part> find_limit(const Question& question, const Hearing& hearing) {
  const Principal& principal = question.principal;
  if (principal.boundary && hearing.boundary.effect != Effect::allow) return Part::boundary;
  if (is_limited_by_session(principal) && hearing.session.effect != Effect::allow)
    return Part::session;
  return std::nullopt;
}

Decision allowed_by_resource(const Hearing& hearing) {
  return {.allowed = true, .part = Part::resource, .statement = hearing.resource.statement};
}

Decision allowed_by_identity(const Hearing& hearing) {
  return {.allowed = true,
          .part = Part::identity,
          .statement = hearing.identity.statement,
          .policy = hearing.identity.policy};
}

/// The caller's own side alone.
Decision ask_identity(const Question& question, const Hearing& hearing) {
  if (question.principal.kind == PrincipalKind::root) return allowed_by_identity(hearing);
  if (hearing.identity.effect != Effect::allow) return refused(Part::identity);
  if (const auto part = find_limit(question, hearing)) return refused(*part);
  return allowed_by_identity(hearing);
}

Decision decide_within_account(const Question& question, const Hearing& hearing) {
  const Naming naming = question.target.let_in ? Naming::direct : hearing.resource.naming;
  if (naming == Naming::direct) return allowed_by_resource(hearing);
  if (question.target.policy_rules && naming == Naming::nobody)
    return refused(part_of_target(question.target));
  if (naming == Naming::role) {
    if (const auto part = find_limit(question, hearing)) return refused(*part);
    return allowed_by_resource(hearing);
  }
  return ask_identity(question, hearing);
}

Decision decide_across_accounts(const Question& question, const Hearing& hearing) {
  const Decision own = ask_identity(question, hearing);
  if (!own.allowed) return own;
  if (question.target.let_in || hearing.resource.effect == Effect::allow) return own;
  return refused(part_of_target(question.target));
}

/// How the refusals of AWS call a part. "sessions policy" is how it spells a denial.
std::string_view name_of(Part part, bool denies) {
  switch (part) {
    case Part::identity:
      return "identity-based policy";
    case Part::boundary:
      return "permissions boundary";
    case Part::session:
      return denies ? "sessions policy" : "session policy";
    case Part::trust:
      return denies ? "role trust policy" : "resource-based policy";
    case Part::resource:
      break;
  }
  return "resource-based policy";
}

std::string_view article_of(Part part) {
  if (part == Part::identity) return "an";
  return part == Part::trust ? "the" : "a";
}

std::string_view name_of(const Principal& principal) {
  if (!principal.caller.service.empty()) return principal.caller.service;
  if (!principal.caller.arn.empty()) return principal.caller.arn;
  return principal.caller.federated.empty() ? "anonymous" : principal.caller.federated;
}

void examine(std::vector<Match>& matches, const policy::Document& document,
             const policy::Request& request, const Match& source) {
  for (const policy::Statement& statement : document.statements)
    matches.push_back({.part = source.part,
                       .policy = source.policy,
                       .statement = &statement,
                       .mismatch = policy::examine(statement, request, document.has_variables)});
}

}  // namespace

Decision decide(const Question& question) {
  const policy::Request request = request_of(question);
  const Hearing hearing = hear(question, request);
  if (auto denial = find_denial(question, hearing)) return *denial;
  const Principal& principal = question.principal;
  const Target& target = question.target;
  if (principal.kind != PrincipalKind::root && !has_policies(principal.kind)) {
    if (target.let_in || hearing.resource.effect == Effect::allow)
      return allowed_by_resource(hearing);
    return refused(part_of_target(target));
  }
  const bool within_account = target.account.empty() || target.account == principal.caller.account;
  if (!within_account) return decide_across_accounts(question, hearing);
  if (principal.kind == PrincipalKind::root && hearing.resource.effect == Effect::allow)
    return allowed_by_resource(hearing);
  return decide_within_account(question, hearing);
}

std::vector<Match> examine_all(const Question& question) {
  const policy::Request request = request_of(question);
  const Principal& principal = question.principal;
  std::vector<Match> matches;
  const auto add = [&](Part part, std::span<const AttachedPolicy> policies) {
    for (const AttachedPolicy& each : policies)
      if (each.document) examine(matches, *each.document, request, {.part = part, .policy = &each});
  };
  if (has_policies(principal.kind)) {
    add(Part::identity, principal.policies);
    add(Part::boundary, boundary_of(principal));
    add(Part::session, principal.session_policies);
  }
  if (question.target.policy)
    examine(matches, *question.target.policy, request, {.part = part_of_target(question.target)});
  return matches;
}

std::vector<Match> find_matches(const Question& question) {
  std::vector<Match> matches = examine_all(question);
  std::erase_if(matches, [](const Match& match) {
    return match.mismatch.element != policy::Mismatch::Element::none;
  });
  return matches;
}

std::string reason_of(const Decision& decision, std::string_view action) {
  const std::string_view name = name_of(decision.part, decision.explicit_deny);
  if (!decision.explicit_deny)
    return fmt::format("because no {} allows the {} action", name, action);
  std::string reason =
      fmt::format("with an explicit deny in {} {}", article_of(decision.part), name);
  // Managed policies are named.
  if (decision.policy && !decision.policy->arn.empty())
    reason += fmt::format(": {}", decision.policy->arn);
  return reason;
}

std::string refusal_of(const Question& question, const Decision& decision) {
  const std::string_view arn = question.target.arn;
  const std::string place =
      arn.empty() || arn == "*" ? std::string() : fmt::format(" on resource: {}", arn);
  return fmt::format("User: {} is not authorized to perform: {}{} {}", name_of(question.principal),
                     question.action, place, reason_of(decision, question.action));
}

}  // namespace matinee::identity
