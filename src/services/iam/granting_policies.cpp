// ListPoliciesGrantingServiceAccess: which policies of somebody let it do anything with a service.
#include <fmt/format.h>

#include <algorithm>

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
