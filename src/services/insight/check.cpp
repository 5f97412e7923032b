// CheckPolicy: a decision about a call that nobody makes, explained statement by statement.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "identity/decide.h"
#include "insight/errors.h"
#include "insight/operations.h"
#include "policy/places.h"
#include "policy/wildcard.h"
#include "services/arn.h"
#include "services/insight/hops.h"
#include "services/insight/service.h"
#include "services/insight/unusable.h"
#include "services/policy_context.h"

namespace matinee::insight {

namespace {

using identity::Part;
using Values = std::optional<std::vector<std::string>>;

std::string_view after_last(std::string_view text, char separator) {
  return text.substr(text.rfind(separator) + 1);
}

std::string_view type_of(Part part) {
  switch (part) {
    case Part::identity:
      return "identity-based policy";
    case Part::boundary:
      return "permissions boundary";
    case Part::session:
      return "session policy";
    case Part::trust:
      return "role trust policy";
    case Part::resource:
      break;
  }
  return "resource-based policy";
}

std::string describe(const policy::Mismatch& mismatch) {
  using Element = policy::Mismatch::Element;
  switch (mismatch.element) {
    case Element::none:
      return "";
    case Element::action:
      return "it is about other actions";
    case Element::principal:
      return "it is about other principals";
    case Element::resource:
      return "it is about other resources";
    case Element::condition:
      break;
  }
  return fmt::format("its condition {} of {} does not hold", mismatch.condition->operation,
                     mismatch.condition->key_as_written);
}

/// The statement's place in its document, from 1.
std::int32_t number_of(const policy::Document& document, const policy::Statement& statement) {
  return static_cast<std::int32_t>(&statement - document.statements.data()) + 1;
}

std::string describe_allowed(const identity::Decision& decision, identity::PrincipalKind kind) {
  if (decision.statement == nullptr)
    return kind == identity::PrincipalKind::root ? "The root user of an account needs no policy."
                                                 : "";
  return fmt::format("because {} {} allows it", decision.part == Part::identity ? "an" : "a",
                     type_of(decision.part));
}

}  // namespace

struct Service::Checked {
  identity::Principal principal;
  Context context;  // of the call that nobody makes; `principal` points into it
  std::shared_ptr<const identity::Identity> identity;
  std::map<std::string, std::vector<std::string>, std::less<>> given;
};

/// A root user, a user, a role or a session of it, by its ARN; or a service by its name.
Service::Checked Service::read_principal(const std::string& text) const {
  Checked checked;
  Context& context = checked.context;
  context.caller_arn = text;
  const std::optional<services::Arn> parts = services::parse_arn(text);
  if (!parts) {
    if (!text.ends_with(".amazonaws.com"))
      throw unusable(
          fmt::format("\"{}\" is neither the ARN of a user, a role, a session or the "
                      "root user of an account, nor the name of a service.",
                      text));
    context.service_principal = text;
    checked.principal.kind = identity::PrincipalKind::service;
    return checked;
  }
  context.account = parts->account;
  context.access_key = "check";
  const std::string_view whole = parts->resource;
  const std::string_view kind = whole.substr(0, whole.find('/'));
  const std::string_view path = whole.substr(std::min(kind.size() + 1, whole.size()));
  if (kind == "root") {
    checked.principal.kind = identity::PrincipalKind::root;
    return checked;
  }
  const bool is_session = kind == "assumed-role";
  if (kind != "user" && kind != "role" && !is_session)
    throw unusable(fmt::format("\"{}\" is no user, role, session of a role, or root user.", text));
  const std::string_view name = is_session ? path.substr(0, path.find('/')) : after_last(path, '/');
  if (directory_)
    checked.identity = kind == "user" ? directory_->find_user(context.account, name)
                                      : directory_->find_role(context.account, name);
  if (!checked.identity)
    throw NoSuchEntityException(fmt::format("The {} with name {} cannot be found.",
                                            kind == "user" ? "user" : "role", name));
  if (kind == "user") {
    checked.principal.kind = identity::PrincipalKind::user;
    context.principal = services::PrincipalKind::user;
    context.caller_arn = checked.identity->arn;
    context.caller_id = checked.identity->id;
    return checked;
  }
  checked.principal.kind = identity::PrincipalKind::role_session;
  context.principal = services::PrincipalKind::role_session;
  context.role_arn = checked.identity->arn;
  const std::string session(is_session ? after_last(path, '/') : "check");
  context.caller_id = checked.identity->id + ":" + session;
  context.caller_arn = fmt::format("arn:aws:sts::{}:assumed-role/{}/{}", context.account,
                                   checked.identity->name, session);
  return checked;
}

/// Who owns the resource and what its policy says: its service knows, but for roles.
services::Guarded Service::find_guarded(const services::Inquiry& inquiry) const {
  const std::optional<services::Arn> parts = services::parse_arn(inquiry.resource);
  if (!parts) return {};
  if (parts->service == "iam" && parts->resource.starts_with("role/") && directory_) {
    if (!inquiry.action.starts_with("sts:")) return {};
    const auto role = directory_->find_role(parts->account, after_last(parts->resource, '/'));
    if (!role) return {};
    return {.account = role->account,
            .policy = role->trust_document,
            .policy_rules = true,
            .is_trust_policy = true};
  }
  for (const services::ServiceBase* service : guards_)
    if (service->model.name == parts->service) return service->guard_of(inquiry);
  return {};
}

Values Service::value_of(const Checked& checked, const services::Inquiry& inquiry,
                         std::string_view key) const {
  if (const auto given = checked.given.find(key); given != checked.given.end())
    return given->second;
  constexpr std::string_view principal_tag = "aws:principaltag/";
  if (key.starts_with(principal_tag) && checked.identity) {
    for (const auto& [name, value] : checked.identity->tags)
      if (policy::equals_ignoring_case(name, key.substr(principal_tag.size())))
        return std::vector{value};
    return std::nullopt;
  }
  if (key.starts_with("aws:resourcetag/")) {
    const std::optional<services::Arn> parts = services::parse_arn(inquiry.resource);
    for (const services::ServiceBase* service : guards_)
      if (parts && service->model.name == parts->service) return service->find_key(inquiry, key);
    return std::nullopt;
  }
  // Nothing is known of how the call would be made.
  constexpr std::string_view of_the_call[] = {"aws:securetransport", "aws:sourceip",
                                              "aws:requestedregion"};
  if (std::ranges::find(of_the_call, key) != std::end(of_the_call)) return std::nullopt;
  return services::find_global_key(checked.context, clock_.now(), key);
}

CheckPolicyResponse Service::check_policy(const Context& context,
                                          const CheckPolicyRequest& request) {
  Checked checked = read_principal(request.principal);
  if (request.action.find(':') == std::string::npos)
    throw unusable(fmt::format("\"{}\" is no action such as s3:GetObject.", request.action));
  // Callers in process, who have no key, are the user of this machine.
  if (checked.context.service_principal.empty() && !is_in_process(context) &&
      checked.context.account != context.account)
    throw unusable(fmt::format(
        "{} belongs to account {}, and a key of account {} asks. With "
        "AWS_ACCESS_KEY_ID={} it is that account that asks.",
        request.principal, checked.context.account, context.account, checked.context.account));
  for (const ContextEntry& entry : request.context.value_or(std::vector<ContextEntry>()))
    checked.given[policy::to_lower(entry.key)] = entry.values.value_or(std::vector<std::string>());
  identity::Principal& principal = checked.principal;
  principal.caller = services::caller_of(checked.context);
  if (checked.identity) {
    principal.policies = checked.identity->policies;
    if (checked.identity->boundary) principal.boundary = &*checked.identity->boundary;
  }
  const std::string resource = request.resource.value_or("*");
  const services::Inquiry inquiry{.context = checked.context,
                                  .operation = operations::CheckPolicy,
                                  .request = &request,
                                  .action = request.action,
                                  .resource = resource};
  const services::Guarded guarded = find_guarded(inquiry);
  const std::optional<services::Arn> parts = services::parse_arn(resource);
  std::string owner = guarded.account;
  if (owner.empty() && parts) owner = parts->account;
  std::vector<std::string> absent;
  const policy::Keys keys = [&](std::string_view key) {
    Values found = value_of(checked, inquiry, key);
    if (!found && key == "aws:resourceaccount" && !owner.empty()) found = std::vector{owner};
    if (!found && std::ranges::find(absent, key) == absent.end()) absent.emplace_back(key);
    return found;
  };
  const identity::Target target{.account = owner,
                                .arn = resource,
                                .policy = guarded.policy.get(),
                                .policy_rules = guarded.policy_rules,
                                .is_trust_policy = guarded.is_trust_policy,
                                .let_in = guarded.let_in};
  const identity::Question question{
      .principal = principal, .action = request.action, .target = target, .keys = keys};
  const identity::Decision decision = identity::decide(question);
  CheckPolicyResponse response{.principal = std::string(checked.context.caller_arn),
                               .action = request.action,
                               .resource = resource,
                               .allowed = decision.allowed};
  response.reason = decision.allowed ? describe_allowed(decision, principal.kind)
                                     : identity::refusal_of(question, decision);
  std::vector<CheckedStatement>& statements = response.statements.emplace();
  for (const identity::Match& match : identity::examine_all(question)) {
    const policy::Document& document = match.policy ? *match.policy->document : *guarded.policy;
    CheckedStatement& told = statements.emplace_back(
        CheckedStatement{.policy_type = std::string(type_of(match.part)),
                         .number = number_of(document, *match.statement),
                         .effect = match.statement->allows ? "Allow" : "Deny"});
    if (match.policy) {
      told.policy = match.policy->arn.empty() ? match.policy->name : match.policy->arn;
    }
    if (!match.statement->sid.empty()) told.sid = match.statement->sid;
    told.applies = match.mismatch.element == policy::Mismatch::Element::none;
    told.decides = match.statement == decision.statement;
    if (!*told.applies) told.mismatch = describe(match.mismatch);
  }
  response.absent_keys = std::move(absent);
  return response;
}

}  // namespace matinee::insight
