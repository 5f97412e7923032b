#include "services/authorizer.h"

#include <fmt/format.h>

#include "policy/wildcard.h"
#include "runtime/log.h"
#include "services/arn.h"
#include "services/endpoint.h"
#include "services/policy_context.h"
#include "services/request_members.h"

namespace matinee::services {

namespace {

constexpr std::size_t remembered_places = 1024;
constexpr std::size_t most_sessions = 1000;
constexpr std::size_t most_told = 1000;

std::string_view after_last(std::string_view text, char separator) {
  return text.substr(text.rfind(separator) + 1);
}

/// Of whom the root user has federated, all is allowed that the session's policies allow.
const identity::AttachedPolicy& everything() {
  static const identity::AttachedPolicy policy = [] {
    identity::AttachedPolicy all{.name = "root"};
    all.text = R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*",)"
               R"("Resource":"*"}})";
    all.document = std::make_shared<const policy::Document>(
        policy::parse(all.text, policy::Kind::identity).value());
    return all;
  }();
  return policy;
}

identity::PrincipalKind kind_of(const Context& context) {
  using Kind = identity::PrincipalKind;
  if (context.anonymous) return Kind::anonymous;
  if (!context.service_principal.empty()) return Kind::service;
  switch (context.principal) {
    case PrincipalKind::user:
      return Kind::user;
    case PrincipalKind::role_session:
      return Kind::role_session;
    case PrincipalKind::federated_user:
      return Kind::federated_user;
    default:
      return Kind::root;
  }
}

/// Whose a resource is: what the service says, or the ARN, or else the caller's.
std::string_view owner_of(const Inquiry& inquiry, const Guarded& guarded) {
  if (!guarded.account.empty()) return guarded.account;
  const std::string_view account = account_of_arn(inquiry.resource);
  return account.empty() ? std::string_view(inquiry.context.account) : account;
}

identity::Target target_of(const Inquiry& inquiry, const Guarded& guarded) {
  return {.account = owner_of(inquiry, guarded),
          .arn = inquiry.resource.empty() ? "*" : inquiry.resource,
          .policy = guarded.policy.get(),
          .policy_rules = guarded.policy_rules,
          .is_trust_policy = guarded.is_trust_policy,
          .let_in = guarded.let_in};
}

/// Of this cloud's own parts, which call without credentials.
bool is_in_process(const Context& context) {
  return context.access_key.empty() && context.principal == PrincipalKind::root &&
         !context.anonymous && context.service_principal.empty();
}

}  // namespace

struct Authorizer::SessionPolicies {
  std::shared_ptr<const CallerSession> session;  // keeps its address from being used again
  std::vector<identity::AttachedPolicy> policies;
};

struct Authorizer::Speaker {
  std::shared_ptr<const identity::Identity> identity;  // null of root and of who is not known
  std::shared_ptr<const SessionPolicies> session;
  identity::Principal principal;
  /// Managed policies of a session may change without the session.
  bool may_be_remembered = false;
};

struct Authorizer::Remembered {
  std::size_t hash = 0;
  std::string caller;
  std::string resource;
  std::string owner;
  std::string action;
  std::shared_ptr<const identity::Identity> identity;
  std::shared_ptr<const CallerSession> session;
  std::shared_ptr<const policy::Document> policy;
  bool policy_rules = false;
  bool let_in = false;

  bool is_of(const Inquiry& inquiry, const Guarded& guarded, const Speaker& speaker) const {
    return identity == speaker.identity && session == inquiry.context.session &&
           policy == guarded.policy && policy_rules == guarded.policy_rules &&
           let_in == guarded.let_in && action == inquiry.action && owner == guarded.account &&
           caller == inquiry.context.caller_arn && resource == inquiry.resource;
  }
};

/// The values of condition keys: of the caller, the call, its request and the resource.
class Authorizer::KeyFinder {
 public:
  using Values = std::optional<std::vector<std::string>>;

  /// `own`: those that only the service knows.
  KeyFinder(const runtime::Clock& clock, const Inquiry& inquiry, std::string_view owner,
            const policy::Keys& own)
      : clock_(clock), inquiry_(inquiry), owner_(owner), own_(own) {}

  bool was_asked() const { return was_asked_; }
  void set_identity(const identity::Identity* identity) { identity_ = identity; }

  Values find(std::string_view key) {
    was_asked_ = true;
    const std::size_t colon = key.find(':');
    if (const std::size_t tag = key.find(":resourcetag/"); tag != std::string_view::npos)
      return own_(fmt::format("aws{}", key.substr(tag)));
    if (key.substr(0, colon) == "aws") return find_global(key);
    const CallerSession* session = inquiry_.context.session.get();
    if (session)
      if (const auto given = session->provider_keys.find(std::string(key));
          given != session->provider_keys.end())
        return given->second;
    return from_service_or_request(key);
  }

 private:
  const runtime::Clock& clock_;
  const Inquiry& inquiry_;
  std::string_view owner_;
  const policy::Keys& own_;
  const identity::Identity* identity_ = nullptr;
  bool was_asked_ = false;

  Values from_service_or_request(std::string_view key) const {
    Values found = own_(key);
    return found ? found : find_request_key(inquiry_.operation, inquiry_.request, key);
  }

  Values find_global(std::string_view key) const {
    constexpr std::string_view tag = "aws:principaltag/";
    // Only who is asked by another service knows in whose name.
    if (key == "aws:viaawsservice" || key.starts_with("aws:calledvia"))
      if (Values found = own_(key)) return found;
    if (key == "aws:resourceaccount") return std::vector{std::string(owner_)};
    if (key.starts_with(tag)) return find_principal_tag(key.substr(tag.size()));
    if (Values found = find_global_key(inquiry_.context, clock_.now(), key)) return found;
    return from_service_or_request(key);
  }

  /// Those of the session go before those of its role.
  Values find_principal_tag(std::string_view name) const {
    const auto find = [&](const std::map<std::string, std::string>& tags) -> Values {
      for (const auto& [key, value] : tags)
        if (policy::equals_ignoring_case(key, name)) return std::vector{value};
      return std::nullopt;
    };
    if (const CallerSession* session = inquiry_.context.session.get())
      if (Values found = find(session->tags)) return found;
    return identity_ ? find(identity_->tags) : std::nullopt;
  }
};

Authorizer::Authorizer(IamMode mode, const runtime::Clock& clock,
                       const identity::Directory* directory, ActivityLog* activity)
    : mode_(mode), clock_(clock), directory_(directory), activity_(activity) {
  if (mode != IamMode::off) remembered_.resize(remembered_places);
}

Authorizer::~Authorizer() = default;

std::shared_ptr<const Authorizer::SessionPolicies> Authorizer::session_policies(
    const Context& context) {
  const CallerSession* session = context.session.get();
  if (!session || (session->policy.empty() && session->policy_arns.empty())) return nullptr;
  // Managed ones are read each time: they may have another version by now.
  const bool is_fixed = session->policy_arns.empty();
  if (is_fixed)
    if (const auto known = sessions_.find(session); known != sessions_.end()) return known->second;
  auto made = std::make_shared<SessionPolicies>();
  made->session = context.session;
  if (!session->policy.empty()) {
    identity::AttachedPolicy inline_policy{.name = "session"};
    inline_policy.text = session->policy;
    auto document = policy::parse(session->policy, policy::Kind::identity);
    // It was read when the session began; one that cannot be read allows nothing.
    inline_policy.document = std::make_shared<const policy::Document>(
        document ? std::move(*document) : policy::Document());
    made->policies.push_back(std::move(inline_policy));
  }
  for (const std::string& arn : session->policy_arns) {
    const auto managed = directory_ ? directory_->find_policy(arn) : nullptr;
    // A policy that is gone allows nothing, and does not let the session be without policies.
    made->policies.push_back(
        managed ? *managed
                : identity::AttachedPolicy{.name = std::string(after_last(arn, '/')),
                                           .arn = arn,
                                           .document = std::make_shared<policy::Document>()});
  }
  if (sessions_.size() >= most_sessions) sessions_.clear();
  if (is_fixed) sessions_.emplace(session, made);
  return made;
}

Authorizer::Speaker Authorizer::speaker_of(const Context& context) {
  Speaker speaker;
  identity::Principal& principal = speaker.principal;
  principal.kind = kind_of(context);
  principal.caller = caller_of(context);
  using Kind = identity::PrincipalKind;
  if (principal.kind == Kind::root || principal.kind == Kind::anonymous ||
      principal.kind == Kind::service)
    return speaker;
  std::string_view user = context.user_name();
  if (principal.kind == Kind::federated_user && context.session) {
    principal.caller.role = context.session->issuer_arn;
    if (principal.caller.role.ends_with(":root")) principal.policies = {&everything(), 1};
    user = after_last(principal.caller.role, '/');
  }
  if (directory_ && principal.kind == Kind::role_session)
    speaker.identity = directory_->find_role(context.account, after_last(context.role_arn, '/'));
  else if (directory_ && principal.policies.empty())
    speaker.identity = directory_->find_user(context.account, user);
  if (speaker.identity) {
    principal.policies = speaker.identity->policies;
    if (speaker.identity->boundary) principal.boundary = &*speaker.identity->boundary;
  }
  if (principal.kind != Kind::user) speaker.session = session_policies(context);
  if (speaker.session) principal.session_policies = speaker.session->policies;
  speaker.may_be_remembered =
      speaker.identity && (!speaker.session || context.session->policy_arns.empty());
  return speaker;
}

void Authorizer::complete(const Context& context, std::string& arn) const {
  constexpr std::string_view prefix = "arn:aws:iam::";
  if (!directory_ || !arn.starts_with(prefix) || account_of_arn(arn) != context.account) return;
  // Names of users and roles stand for their ARNs, which have paths.
  for (const std::string_view kind : {":user/", ":role/"}) {
    const std::size_t at = arn.find(kind);
    if (at == std::string::npos) continue;
    const std::string_view name = std::string_view(arn).substr(at + kind.size());
    if (name.empty() || name.find('/') != std::string_view::npos) return;
    const auto found = kind == ":user/" ? directory_->find_user(context.account, name)
                                        : directory_->find_role(context.account, name);
    if (found) arn = found->arn;
    return;
  }
}

void Authorizer::collect_needs(const ServiceBase& service, const Context& context,
                               const protocol::Operation& operation, const void* request) {
  needs_.clear();
  service.add_needs(context, operation, request, needs_);
  // Whoever is to be made, and lists, are at the path that is asked for.
  const std::string_view name = operation.name;
  const bool names_path =
      name == "CreateUser" || name == "CreateRole" || name == "ListUsers" || name == "ListRoles";
  for (Need& need : needs_)
    if (!need.resource.empty()) {
      service.complete_arn(context, need.resource);
      if (!names_path) complete(context, need.resource);
    }
}

void Authorizer::authorize(ServiceBase& service, const Context& context,
                           const protocol::Operation& operation, const void* request) {
  collect_needs(service, context, operation, request);
  judge_needs(service, context, operation, request);
  if (is_noted(context)) activity_->note(context, needs_);
}

void Authorizer::judge(ServiceBase& service, const Context& context,
                       const protocol::Operation& operation, const void* request) {
  collect_needs(service, context, operation, request);
  judge_needs(service, context, operation, request);
}

void Authorizer::judge_needs(ServiceBase& service, const Context& context,
                             const protocol::Operation& operation, const void* request) {
  // Some operations are marked as judged by their service, which knows more of the resource.
  const bool is_left = service.judges_itself() || operation.needs.starts_with('~');
  if (mode_ != IamMode::off && !is_left && !is_in_process(context))
    for (const Need& need : needs_) {
      const Inquiry inquiry{.context = context,
                            .operation = operation,
                            .request = request,
                            .action = need.action,
                            .resource = need.resource};
      require_quietly(service, inquiry, service.guard_of(inquiry));
    }
  service.authorize(context, operation, request);
}

void Authorizer::require(const ServiceBase& service, const Inquiry& inquiry) {
  require(service, inquiry, service.guard_of(inquiry));
}

void Authorizer::require(const ServiceBase& service, const Inquiry& inquiry,
                         const Guarded& guarded) {
  require_quietly(service, inquiry, guarded);
  if (is_noted(inquiry.context))
    activity_->note(inquiry.context,
                    {{.action = inquiry.action, .resource = std::string(inquiry.resource)}});
}

void Authorizer::require_quietly(const ServiceBase& service, const Inquiry& inquiry,
                                 const Guarded& guarded) {
  const identity::Decision decision = decide(service, inquiry, guarded);
  if (decision.allowed) return;
  const std::string lower = service.tells_lower_case() ? policy::to_lower(inquiry.action) : "";
  const Inquiry told{.context = inquiry.context,
                     .operation = inquiry.operation,
                     .request = inquiry.request,
                     .action = lower.empty() ? inquiry.action : std::string_view(lower),
                     .resource = inquiry.resource};
  std::string text = sentence(told, guarded, decision);
  if (enforces()) service.refusal(inquiry, std::move(text)).raise();
  note_refusal(inquiry, std::move(text));
}

identity::Decision Authorizer::decide(const ServiceBase& service, const Inquiry& inquiry,
                                      const Guarded& guarded) {
  return decide_for(inquiry, guarded, [&service, &inquiry](std::string_view key) {
    return service.find_key(inquiry, key);
  });
}

identity::Decision Authorizer::decide(const Inquiry& inquiry, const Guarded& guarded,
                                      const policy::Keys& keys) {
  return decide_for(inquiry, guarded, keys);
}

identity::Decision Authorizer::decide_for(const Inquiry& inquiry, const Guarded& guarded,
                                          const policy::Keys& own_keys) {
  const Speaker speaker = speaker_of(inquiry.context);
  Remembered* place = nullptr;
  std::size_t hash = 0;
  if (speaker.may_be_remembered) {
    hash = std::hash<std::string_view>()(inquiry.resource) * 31 +
           std::hash<std::string_view>()(inquiry.action) * 7 +
           std::hash<const void*>()(speaker.identity.get());
    place = &remembered_[hash % remembered_.size()];
    if (place->hash == hash && place->is_of(inquiry, guarded, speaker)) return {.allowed = true};
  }
  const std::string_view owner = owner_of(inquiry, guarded);
  KeyFinder finder(clock_, inquiry, owner, own_keys);
  finder.set_identity(speaker.identity.get());
  const policy::Keys keys = [&finder](std::string_view key) { return finder.find(key); };
  const identity::Target target = target_of(inquiry, guarded);
  const identity::Decision decision = identity::decide(
      {.principal = speaker.principal, .action = inquiry.action, .target = target, .keys = keys});
  if (place && decision.allowed && !finder.was_asked())
    *place = {.hash = hash,
              .caller = inquiry.context.caller_arn,
              .resource = std::string(inquiry.resource),
              .owner = guarded.account,
              .action = std::string(inquiry.action),
              .identity = speaker.identity,
              .session = inquiry.context.session,
              .policy = guarded.policy,
              .policy_rules = guarded.policy_rules,
              .let_in = guarded.let_in};
  return decision;
}

std::string Authorizer::sentence(const Inquiry& inquiry, const Guarded& guarded,
                                 const identity::Decision& decision) {
  const Speaker speaker = speaker_of(inquiry.context);
  const identity::Target target = target_of(inquiry, guarded);
  const policy::Keys keys = [](std::string_view) { return std::nullopt; };
  return identity::refusal_of(
      {.principal = speaker.principal, .action = inquiry.action, .target = target, .keys = keys},
      decision);
}

void Authorizer::note_refusal(const Inquiry& inquiry, std::string sentence) {
  if (is_noted(inquiry.context)) activity_->note_refusal(inquiry, sentence);
  if (told_.size() >= most_told || !told_.insert(sentence).second) return;
  spdlog::warn("--iam enforce would refuse {} of {}: {}", inquiry.operation.name,
               inquiry.operation.service->id, sentence);
}

void Authorizer::require_pass_role(const ServiceBase& service, const Inquiry& inquiry,
                                   std::string_view role_arn, std::string_view to_service) {
  const Inquiry passing{.context = inquiry.context,
                        .operation = inquiry.operation,
                        .request = inquiry.request,
                        .action = "iam:PassRole",
                        .resource = role_arn};
  const policy::Keys keys = [&](std::string_view key) -> std::optional<std::vector<std::string>> {
    if (key == "iam:passedtoservice") return std::vector{std::string(to_service)};
    if (key == "iam:associatedresourcearn") return std::vector{std::string(inquiry.resource)};
    return std::nullopt;
  };
  const identity::Decision decision = decide(passing, Guarded(), keys);
  if (decision.allowed) return;
  std::string text = sentence(passing, Guarded(), decision);
  if (enforces()) service.refusal(passing, std::move(text)).raise();
  note_refusal(passing, std::move(text));
}

}  // namespace matinee::services
