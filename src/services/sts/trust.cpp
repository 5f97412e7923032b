#include "services/sts/trust.h"

#include <fmt/format.h>

#include <algorithm>

#include "services/policy_context.h"

namespace matinee::sts {

namespace {

using identity::Principal;
using services::Context;
using Values = std::optional<std::vector<std::string>>;

Values one(std::string_view value) {
  if (value.empty()) return std::nullopt;
  return std::vector{std::string(value)};
}

/// Who asks, with what must live as long as it is used.
struct Asker {
  std::shared_ptr<const identity::Identity> identity;  // a user's or a role's
  std::vector<identity::AttachedPolicy> session_policies;
  Principal principal;
};

std::string_view last_part(std::string_view arn) {
  return arn.substr(arn.rfind('/') + 1);
}

void add_session_policies(Asker& asker, const services::CallerSession& session,
                          const identity::Directory& directory) {
  if (!session.policy.empty()) {
    identity::AttachedPolicy& inline_policy = asker.session_policies.emplace_back();
    inline_policy.text = session.policy;
    if (auto document = policy::parse(session.policy, policy::Kind::identity))
      inline_policy.document = std::make_shared<const policy::Document>(std::move(*document));
  }
  // A policy that is not there allows nothing, but limits all the same.
  for (const std::string& arn : session.policy_arns) {
    const auto found = directory.find_policy(arn);
    asker.session_policies.push_back(
        found ? *found
              : identity::AttachedPolicy{.arn = arn,
                                         .document = std::make_shared<const policy::Document>()});
  }
}

std::unique_ptr<Asker> describe(const Attempt& attempt, const identity::Directory& directory) {
  using services::PrincipalKind;
  const Context& context = attempt.context;
  auto asker = std::make_unique<Asker>();
  Principal& principal = asker->principal;
  if (!attempt.provider.empty()) {
    principal.kind = identity::PrincipalKind::identity_provider;
    principal.caller = {.federated = attempt.provider};
    return asker;
  }
  if (!context.service_principal.empty()) {
    principal.kind = identity::PrincipalKind::service;
    principal.caller = services::caller_of(context);
    return asker;
  }
  principal.caller = {.account = context.account, .arn = context.caller_arn};
  switch (context.principal) {
    case PrincipalKind::root:
      principal.kind = identity::PrincipalKind::root;
      break;
    case PrincipalKind::user:
      principal.kind = identity::PrincipalKind::user;
      asker->identity = directory.find_user(context.account, context.user_name());
      break;
    case PrincipalKind::role_session:
      principal.kind = identity::PrincipalKind::role_session;
      principal.caller.role = context.role_arn;
      asker->identity = directory.find_role(context.account, last_part(context.role_arn));
      break;
    case PrincipalKind::federated_user:
      principal.kind = identity::PrincipalKind::federated_user;
      if (!context.session) break;
      principal.caller.role = context.session->issuer_arn;
      asker->identity =
          directory.find_user(context.account, last_part(context.session->issuer_arn));
      break;
  }
  if (asker->identity) {
    principal.policies = asker->identity->policies;
    if (asker->identity->boundary) principal.boundary = &*asker->identity->boundary;
  }
  if (context.session) add_session_policies(*asker, *context.session, directory);
  principal.session_policies = asker->session_policies;
  return asker;
}

/// The condition keys of one attempt.
class TrustKeys {
 public:
  TrustKeys(const Attempt& attempt, const identity::Identity* caller)
      : attempt_(attempt), caller_(caller) {}

  Values operator()(std::string_view key) const {
    if (Values value = find_of_request(key)) return value;
    if (Values value = find_of_tags(key)) return value;
    if (attempt_.provider_keys)
      if (const auto found = attempt_.provider_keys->find(std::string(key));
          found != attempt_.provider_keys->end())
        return found->second;
    if (Values value = find_of_caller(key)) return value;
    // Who comes from a provider is nobody whom this cloud knows.
    if (!attempt_.provider.empty() && key.starts_with("aws:principal")) return std::nullopt;
    return services::find_global_key(attempt_.context, attempt_.now, key);
  }

 private:
  const Attempt& attempt_;
  const identity::Identity* caller_;

  Values find_of_request(std::string_view key) const {
    if (key == "sts:externalid") return one(attempt_.external_id);
    if (key == "sts:rolesessionname") return one(attempt_.session_name);
    if (key == "sts:sourceidentity") return one(attempt_.wishes.source_identity);
    if (key == "sts:durationseconds" && attempt_.seconds)
      return one(std::to_string(*attempt_.seconds));
    if (key == "aws:federatedprovider") return one(attempt_.provider);
    const std::vector<std::string>& transitive = attempt_.wishes.transitive_keys;
    if (key == "sts:transitivetagkeys" && !transitive.empty()) return transitive;
    return std::nullopt;
  }

  Values find_of_tags(std::string_view key) const {
    constexpr std::string_view of_request = "aws:requesttag/";
    constexpr std::string_view of_principal = "aws:principaltag/";
    constexpr std::string_view of_resource = "aws:resourcetag/";
    constexpr std::string_view of_role = "iam:resourcetag/";
    if (key.starts_with(of_request)) return in(attempt_.wishes.tags, key.substr(of_request.size()));
    if (key.starts_with(of_resource)) return in(attempt_.role.tags, key.substr(of_resource.size()));
    if (key.starts_with(of_role)) return in(attempt_.role.tags, key.substr(of_role.size()));
    if (key.starts_with(of_principal)) {
      const std::string_view name = key.substr(of_principal.size());
      const services::CallerSession* session = attempt_.context.session.get();
      if (Values value = session ? in(session->tags, name) : std::nullopt) return value;
      return caller_ ? in(caller_->tags, name) : std::nullopt;
    }
    if (key != "aws:tagkeys" || attempt_.wishes.tags.empty()) return std::nullopt;
    std::vector<std::string> keys;
    for (const auto& tag : attempt_.wishes.tags) keys.push_back(tag.first);
    return keys;
  }

  Values find_of_caller(std::string_view key) const {
    const services::CallerSession* session = attempt_.context.session.get();
    if (key == "aws:sourceidentity" && session) return one(session->source_identity);
    if (key != "aws:multifactorauthpresent" && key != "aws:multifactorauthage") return std::nullopt;
    const bool is_known = session || attempt_.mfa_at;
    std::optional<runtime::Time> shown = attempt_.mfa_at;
    if (!shown && session) shown = session->mfa_at;
    if (key == "aws:multifactorauthpresent")
      return is_known ? one(shown ? "true" : "false") : std::nullopt;
    if (!shown) return std::nullopt;
    const auto age = std::chrono::floor<std::chrono::seconds>(attempt_.now - *shown);
    return one(std::to_string(age.count()));
  }

  static Values in(const std::map<std::string, std::string>& tags, std::string_view key) {
    const auto found =
        std::ranges::find_if(tags, [&](const auto& tag) { return is_same_key(tag.first, key); });
    if (found == tags.end()) return std::nullopt;
    return std::vector{found->second};
  }
};

/// Who comes from an identity provider is told nothing of itself and of the role.
std::string refusal(const Attempt& attempt, const identity::Decision& decision,
                    std::string_view action) {
  if (!attempt.provider.empty()) return fmt::format("Not authorized to perform {}", action);
  const Context& context = attempt.context;
  std::string text = not_authorized(
      context.service_principal.empty() ? context.caller_arn : context.service_principal, action,
      attempt.role.arn);
  if (decision.explicit_deny) text += " " + identity::reason_of(decision, action);
  return text;
}

}  // namespace

std::string not_authorized(std::string_view caller_arn, std::string_view action,
                           std::string_view role_arn) {
  return fmt::format("User: {} is not authorized to perform: {} on resource: {}", caller_arn,
                     action, role_arn);
}

std::optional<std::string> find_refusal(const Attempt& attempt,
                                        const identity::Directory& directory) {
  const std::unique_ptr<Asker> asker = describe(attempt, directory);
  const policy::Keys keys = TrustKeys(attempt, asker->identity.get());
  const identity::Target target{.account = attempt.role.account,
                                .arn = attempt.role.arn,
                                .policy = attempt.role.trust_document.get(),
                                .policy_rules = true,
                                .is_trust_policy = true};
  std::vector<std::string_view> actions{attempt.action};
  if (!attempt.wishes.tags.empty()) actions.push_back("sts:TagSession");
  if (!attempt.wishes.source_identity.empty()) actions.push_back("sts:SetSourceIdentity");
  for (const std::string_view action : actions) {
    const identity::Decision decision = identity::decide(
        {.principal = asker->principal, .action = action, .target = target, .keys = keys});
    if (!decision.allowed) return refusal(attempt, decision, action);
  }
  return std::nullopt;
}

}  // namespace matinee::sts
