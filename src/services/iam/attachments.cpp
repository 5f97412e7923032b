// Which managed policies speak for which users, groups and roles.
#include <fmt/format.h>

#include "services/iam/describe.h"
#include "services/iam/limits.h"
#include "services/iam/paging.h"
#include "services/iam/service.h"

namespace matinee::iam {

namespace {

constexpr std::string_view service_role_path = "/aws-service-role/";

const Quota& quota_of(Kind holder) {
  if (holder == Kind::group) return policies_per_group;
  return holder == Kind::role ? policies_per_role : policies_per_user;
}

}  // namespace

/// Attaching again changes nothing.
void Service::attach(const std::string& account, const Catalog::HolderName& holder,
                     const std::string& arn) {
  const PolicyReference policy = require_attachable_policy(account, arn);
  const ById key{account, holder.id, policy.arn};
  if (catalog_.attachments.contains(key)) return;
  std::uint64_t attached = 0;
  catalog_.attachments.scan(catalog_.attachments.prefix(account, holder.id),
                            [&](const ById&, runtime::Time) { return ++attached > 0; });
  require_room_for_one(quota_of(holder.kind), attached);
  catalog_.attachments.put(key, now());
  catalog_.add_usage(account, policy.arn, Usage::permissions, holder);
  forget_holder(account, holder);
}

/// Policies of service-linked roles are for those alone.
PolicyReference Service::require_attachable_policy(const std::string& account,
                                                   const std::string& arn) const {
  try {
    PolicyReference policy = catalog_.require_any_policy(account, arn);
    if (policy.is_aws_managed && policy.path.starts_with(service_role_path))
      throw PolicyNotAttachableException("Cannot attach a Service Role Policy to a Customer Role.");
    return policy;
  } catch (const NoSuchEntityException&) {
    throw NoSuchEntityException(fmt::format("Policy {} does not exist or is not attachable.", arn));
  }
}

void Service::detach(const std::string& account, const Catalog::HolderName& holder,
                     const std::string& arn) {
  if (!parse_entity_arn(arn)) throw InvalidInputException(fmt::format("ARN {} is not valid.", arn));
  const ById key{account, holder.id, arn};
  if (!catalog_.attachments.contains(key))
    throw NoSuchEntityException(fmt::format("Policy {} was not found.", arn));
  catalog_.attachments.erase(key);
  catalog_.remove_usage(account, arn, Usage::permissions, holder);
  forget_holder(account, holder);
}

void Service::forget_holder(const std::string& account, const Catalog::HolderName& holder) {
  if (holder.kind == Kind::group)
    identities_.forget_all();
  else
    identities_.forget(account, holder.kind, holder.name);
}

AttachUserPolicyResponse Service::attach_user_policy(const Context& context,
                                                     const AttachUserPolicyRequest& request) {
  const UserRecord user = catalog_.require_user(context.account, request.user_name);
  attach(context.account, {Kind::user, user.name, user.id}, request.policy_arn);
  return {};
}

AttachGroupPolicyResponse Service::attach_group_policy(const Context& context,
                                                       const AttachGroupPolicyRequest& request) {
  const GroupRecord group = catalog_.require_group(context.account, request.group_name);
  attach(context.account, {Kind::group, group.name, group.id}, request.policy_arn);
  return {};
}

AttachRolePolicyResponse Service::attach_role_policy(const Context& context,
                                                     const AttachRolePolicyRequest& request) {
  const RoleRecord role = require_own_role(context.account, request.role_name);
  attach(context.account, {Kind::role, role.name, role.id}, request.policy_arn);
  return {};
}

DetachUserPolicyResponse Service::detach_user_policy(const Context& context,
                                                     const DetachUserPolicyRequest& request) {
  const UserRecord user = catalog_.require_user(context.account, request.user_name);
  detach(context.account, {Kind::user, user.name, user.id}, request.policy_arn);
  return {};
}

DetachGroupPolicyResponse Service::detach_group_policy(const Context& context,
                                                       const DetachGroupPolicyRequest& request) {
  const GroupRecord group = catalog_.require_group(context.account, request.group_name);
  detach(context.account, {Kind::group, group.name, group.id}, request.policy_arn);
  return {};
}

DetachRolePolicyResponse Service::detach_role_policy(const Context& context,
                                                     const DetachRolePolicyRequest& request) {
  const RoleRecord role = require_own_role(context.account, request.role_name);
  detach(context.account, {Kind::role, role.name, role.id}, request.policy_arn);
  return {};
}

/// At most so many are attached that all of them can be read; those below the path are listed.
std::vector<AttachedPolicy> Service::attached_to(const std::string& account, const std::string& id,
                                                 const std::string& path_prefix) const {
  std::vector<AttachedPolicy> attached;
  catalog_.attachments.scan(catalog_.attachments.prefix(account, id),
                            [&](const ById& key, runtime::Time) {
                              const std::string& arn = std::get<2>(key);
                              const std::optional<EntityArn> parts = parse_entity_arn(arn);
                              if (parts && parts->path.starts_with(path_prefix))
                                attached.push_back({.policy_name = parts->name, .policy_arn = arn});
                              return true;
                            });
  return attached;
}

ListAttachedUserPoliciesResponse Service::list_attached_user_policies(
    const Context& context, const ListAttachedUserPoliciesRequest& request) {
  const UserRecord user = catalog_.require_user(context.account, request.user_name);
  auto attached = attached_to(context.account, user.id, request.path_prefix.value_or("/"));
  ListAttachedUserPoliciesResponse response;
  cut_page(attached, request).tell(response);
  response.attached_policies = std::move(attached);
  return response;
}

ListAttachedGroupPoliciesResponse Service::list_attached_group_policies(
    const Context& context, const ListAttachedGroupPoliciesRequest& request) {
  const GroupRecord group = catalog_.require_group(context.account, request.group_name);
  auto attached = attached_to(context.account, group.id, request.path_prefix.value_or("/"));
  ListAttachedGroupPoliciesResponse response;
  cut_page(attached, request).tell(response);
  response.attached_policies = std::move(attached);
  return response;
}

ListAttachedRolePoliciesResponse Service::list_attached_role_policies(
    const Context& context, const ListAttachedRolePoliciesRequest& request) {
  const RoleRecord role = catalog_.require_role(context.account, request.role_name);
  auto attached = attached_to(context.account, role.id, request.path_prefix.value_or("/"));
  ListAttachedRolePoliciesResponse response;
  cut_page(attached, request).tell(response);
  response.attached_policies = std::move(attached);
  return response;
}

namespace {

std::optional<Kind> kind_of_filter(const std::optional<std::string>& filter) {
  if (!filter) return std::nullopt;
  if (*filter == "User") return Kind::user;
  if (*filter == "Group") return Kind::group;
  if (*filter == "Role") return Kind::role;
  // The other choices are kinds of policies, which nothing is attached to.
  return Kind::policy;
}

}  // namespace

/// Somebody who uses the policy in both ways is there once.
ListEntitiesForPolicyResponse Service::list_entities_for_policy(
    const Context& context, const ListEntitiesForPolicyRequest& request) {
  const std::string& account = context.account;
  const PolicyReference policy = catalog_.require_any_policy(account, request.policy_arn);
  const std::string path_prefix = request.path_prefix.value_or("/");
  const std::optional<Kind> only = kind_of_filter(request.entity_filter);
  const bool wants_boundaries = request.policy_usage_filter != "PermissionsPolicy";
  const bool wants_permissions = request.policy_usage_filter != "PermissionsBoundary";
  ListEntitiesForPolicyResponse response;
  response.policy_users.emplace();
  response.policy_groups.emplace();
  response.policy_roles.emplace();
  const auto path_of = [&](Kind kind, const std::string& name) -> std::string {
    if (kind == Kind::user) return catalog_.require_user(account, name).path;
    if (kind == Kind::group) return catalog_.require_group(account, name).path;
    return catalog_.require_role(account, name).path;
  };
  const auto belongs = [&](const auto& key, const std::string&) {
    const auto& [owner, arn, usage, kind, name] = key;
    if (usage == Usage::permissions ? !wants_permissions : !wants_boundaries) return false;
    if (usage == Usage::boundary && wants_permissions &&
        catalog_.holders.contains({owner, arn, Usage::permissions, kind, name}))
      return false;
    return (!only || *only == kind) && path_of(kind, name).starts_with(path_prefix);
  };
  const auto add = [&](const auto& key, const std::string& id) {
    const Kind kind = std::get<3>(key);
    const std::string name = catalog_.entities.find({account, id})->name;
    if (kind == Kind::user)
      response.policy_users->push_back({.user_name = name, .user_id = id});
    else if (kind == Kind::group)
      response.policy_groups->push_back({.group_name = name, .group_id = id});
    else
      response.policy_roles->push_back({.role_name = name, .role_id = id});
  };
  list_page(catalog_.holders, catalog_.holders.prefix(account, policy.arn), request,
            Visitor{belongs, add})
      .tell(response);
  return response;
}

}  // namespace matinee::iam
