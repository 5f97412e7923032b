// Which policies of somebody let it do anything with a service, and which services they let it use.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "policy/wildcard.h"
#include "services/iam/paging.h"
#include "services/iam/service.h"

namespace matinee::iam {

namespace {

/// Whether the pattern "s3:Get*" is about actions of the service; "*" is about those of all.
bool is_about(std::string_view pattern, std::string_view service) {
  const std::size_t colon = pattern.find(':');
  if (colon == std::string_view::npos) return pattern == "*";
  return policy::matches_wildcards(fold(pattern.substr(0, colon)), service);
}

bool is_about_all_of(std::string_view pattern, std::string_view service) {
  return is_about(pattern, service) && (pattern == "*" || pattern.ends_with(":*"));
}

/// A permission, whatever its conditions and resources.
bool grants(const policy::Document& document, std::string_view service) {
  return std::ranges::any_of(document.statements, [&](const policy::Statement& statement) {
    if (!statement.allows) return false;
    const auto& patterns = statement.actions.patterns;
    if (statement.actions.negated)
      return std::ranges::none_of(
          patterns, [&](const std::string& text) { return is_about_all_of(text, service); });
    return std::ranges::any_of(patterns,
                               [&](const std::string& text) { return is_about(text, service); });
  });
}

/// The services that policies can name, in order.
struct KnownService {
  std::string_view space;
  std::string_view name;
};
std::vector<KnownService> known_services() {
  std::vector<KnownService> services;
  std::string_view rest = identity::all_services();
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const std::size_t tab = line.find('\t');
    services.push_back({.space = line.substr(0, tab), .name = line.substr(tab + 1)});
  }
  return services;
}

/// Gathers services that statements allow. Most patterns name one service: only those with
/// wildcards in its name are compared with all.
class Granted {
 public:
  explicit Granted(std::vector<KnownService> known) : known_(std::move(known)) {}

  void add(const policy::Document& document) {
    for (const policy::Statement& statement : document.statements) {
      if (!statement.allows) continue;
      std::set<std::string, std::less<>> named;
      for (const std::string& pattern : statement.actions.patterns)
        if (!statement.actions.negated || pattern == "*" || pattern.ends_with(":*"))
          add_named(pattern, named);
      if (!statement.actions.negated) {
        spaces_.merge(named);
        continue;
      }
      for (const KnownService& service : known_)
        if (!named.contains(service.space)) spaces_.emplace(service.space);
    }
  }
  /// Those that there are.
  std::map<std::string, std::string, std::less<>> take() const {
    std::map<std::string, std::string, std::less<>> found;
    for (const KnownService& service : known_)
      if (spaces_.contains(service.space)) found.emplace(service.space, service.name);
    return found;
  }

 private:
  std::vector<KnownService> known_;
  std::set<std::string, std::less<>> spaces_;

  void add_named(std::string_view pattern, std::set<std::string, std::less<>>& named) const {
    const std::string space = fold(pattern.substr(0, pattern.find(':')));
    if (space.find_first_of("*?") == std::string::npos) {
      named.insert(space);
      return;
    }
    for (const KnownService& service : known_)
      if (is_about(pattern, service.space)) named.emplace(service.space);
  }
};

std::string_view type_of(identity::SourceType source) {
  if (source == identity::SourceType::group) return "GROUP";
  return source == identity::SourceType::role ? "ROLE" : "USER";
}

PolicyGrantingServiceAccess describe(const identity::AttachedPolicy& policy) {
  PolicyGrantingServiceAccess granting{.policy_name = policy.name};
  if (!policy.arn.empty()) {
    granting.policy_type = "MANAGED";
    granting.policy_arn = policy.arn;
    return granting;
  }
  granting.policy_type = "INLINE";
  granting.entity_type = std::string(type_of(policy.source));
  granting.entity_name = policy.holder;
  return granting;
}

}  // namespace

std::vector<identity::AttachedPolicy> Service::policies_of(const std::string& account,
                                                           const std::string& arn) const {
  const std::optional<EntityArn> parts = parse_entity_arn(arn);
  if (!parts || parts->account != account)
    throw InvalidInputException(fmt::format("ARN {} is not valid.", arn));
  if (parts->type == "user") {
    catalog_.require_user(account, parts->name);
    return identities_.find_user(account, parts->name)->policies;
  }
  if (parts->type == "role") {
    catalog_.require_role(account, parts->name);
    return identities_.find_role(account, parts->name)->policies;
  }
  if (parts->type != "group") throw InvalidInputException(fmt::format("ARN {} is not valid.", arn));
  const GroupRecord group = catalog_.require_group(account, parts->name);
  return identities_.policies_of(account, {Kind::group, group.name, group.id});
}

/// Policies of resources, boundaries and trust policies do not count, as AWS documents it.
std::map<std::string, std::string, std::less<>> Service::granted_services(
    const std::string& account, const std::string& arn) const {
  Granted granted(known_services());
  const std::optional<EntityArn> parts = parse_entity_arn(arn);
  if (parts && parts->type == "policy") {
    const auto found = identities_.find_policy(arn);
    if (found && found->document) granted.add(*found->document);
    return granted.take();
  }
  // Whoever has been removed since has no policies.
  const bool is_there =
      parts && ((parts->type == "user" && catalog_.find_user(account, parts->name)) ||
                (parts->type == "role" && catalog_.find_role(account, parts->name)) ||
                (parts->type == "group" && catalog_.find_group(account, parts->name)));
  if (!is_there) return granted.take();
  for (const identity::AttachedPolicy& policy : policies_of(account, arn))
    if (policy.document) granted.add(*policy.document);
  return granted.take();
}

ListPoliciesGrantingServiceAccessResponse Service::list_policies_granting_service_access(
    const Context& context, const ListPoliciesGrantingServiceAccessRequest& request) {
  const auto policies = policies_of(context.account, request.arn);
  ListPoliciesGrantingServiceAccessResponse response;
  for (const std::string& service : request.service_namespaces) {
    ListPoliciesGrantingServiceAccessEntry entry;
    entry.service_namespace = service;
    entry.policies.emplace();
    for (const identity::AttachedPolicy& policy : policies)
      if (policy.document && grants(*policy.document, fold(service)))
        entry.policies->push_back(describe(policy));
    response.policies_granting_service_access.push_back(std::move(entry));
  }
  response.is_truncated = false;
  return response;
}

}  // namespace matinee::iam
