// Roles, and who may assume them.
#include <fmt/format.h>

#include "services/iam/describe.h"
#include "services/iam/documents.h"
#include "services/iam/limits.h"
#include "services/iam/paging.h"
#include "services/iam/service.h"
#include "services/iam/tags.h"

namespace matinee::iam {

/// AWS keeps the principals of a trust policy by their ids: they must exist, and whoever gets the
/// name later is somebody else.
void Service::set_trust(const Context& context, RoleRecord& role, const std::string& text) {
  require_trust_policy(text);
  require_within(trust_size, size_of_policy(text));
  std::vector<TrustedPrincipal> trusted;
  const std::shared_ptr<const policy::Document> document = read_trust_policy(text);
  for (const policy::Statement& statement : document->statements) {
    if (!statement.principals) continue;
    for (const std::string& arn : statement.principals->arns) {
      const std::optional<EntityArn> parts = parse_entity_arn(arn);
      if (!parts) continue;  // A session's: only when somebody asks does it exist.
      std::string id;
      if (parts->type == "user") {
        const auto user = catalog_.find_user(parts->account, parts->name);
        if (user && user->path == parts->path && user->name == parts->name) id = user->id;
      } else if (parts->type == "role") {
        const auto other = catalog_.find_role(parts->account, parts->name);
        if (other && other->path == parts->path && other->name == parts->name) id = other->id;
        // A role may trust itself from the beginning of its second policy on.
        if (id.empty() && arn == arn_of(context.account, Kind::role, role)) id = role.id;
      }
      if (id.empty())
        throw MalformedPolicyDocumentException(
            fmt::format("Invalid principal in policy: \"AWS\":\"{}\"", arn));
      trusted.push_back({arn, id});
    }
  }
  role.trust = text;
  role.trusted = std::move(trusted);
}

CreateRoleResponse Service::create_role(const Context& context, const CreateRoleRequest& request) {
  const std::string& account = context.account;
  RoleRecord role{.name = request.role_name,
                  .path = request.path.value_or("/"),
                  .id = make_id("AROA", runtime_.random),
                  .created = now(),
                  .tags = make_tags(request.tags)};
  if (role.path.starts_with("/aws-service-role/"))
    throw ValidationError(
        "A path that begins with '/aws-service-role/' is reserved for service-linked roles.");
  if (catalog_.find_role(account, request.role_name))
    throw EntityAlreadyExistsException(
        fmt::format("Role with name {} already exists.", request.role_name));
  set_trust(context, role, request.assume_role_policy_document);
  role.description = request.description;
  role.max_session_seconds = request.max_session_duration;
  if (request.permissions_boundary) {
    role.boundary = require_boundary(account, *request.permissions_boundary);
    catalog_.add_usage(account, role.boundary, Usage::boundary, {Kind::role, role.name, role.id});
  }
  count_one(catalog_, account, Counter::roles, roles_per_account);
  catalog_.put(account, role);
  identities_.forget(account, Kind::role, role.name);
  // The answer shows what the request has said.
  Role described = describe(catalog_, account, role, Detail::whole);
  described.max_session_duration = request.max_session_duration;
  described.role_last_used.reset();
  return {.role = std::move(described)};
}

GetRoleResponse Service::get_role(const Context& context, const GetRoleRequest& request) {
  RoleRecord role = catalog_.require_role(context.account, request.role_name);
  if (auto use = last_use_of(arn_of(context.account, Kind::role, role))) {
    role.last_used = use->when;
    role.last_used_region = std::move(use->region);
  }
  return {.role = describe(catalog_, context.account, role, Detail::whole)};
}

/// Without a description or a duration nothing of it changes. Of a service-linked role the
/// description may be changed.
UpdateRoleResponse Service::update_role(const Context& context, const UpdateRoleRequest& request) {
  RoleRecord role = request.max_session_duration
                        ? require_own_role(context.account, request.role_name)
                        : catalog_.require_role(context.account, request.role_name);
  if (request.description) role.description = request.description;
  if (request.max_session_duration) role.max_session_seconds = request.max_session_duration;
  catalog_.put(context.account, role);
  identities_.forget(context.account, Kind::role, role.name);
  return {};
}

/// The description of a service-linked role may be changed.
UpdateRoleDescriptionResponse Service::update_role_description(
    const Context& context, const UpdateRoleDescriptionRequest& request) {
  RoleRecord role = catalog_.require_role(context.account, request.role_name);
  role.description = request.description;
  catalog_.put(context.account, role);
  return {.role = describe(catalog_, context.account, role, Detail::listed)};
}

UpdateAssumeRolePolicyResponse Service::update_assume_role_policy(
    const Context& context, const UpdateAssumeRolePolicyRequest& request) {
  RoleRecord role = require_own_role(context.account, request.role_name);
  set_trust(context, role, request.policy_document);
  catalog_.put(context.account, role);
  identities_.forget(context.account, Kind::role, role.name);
  return {};
}

RoleRecord Service::require_own_role(std::string_view account, std::string_view name) const {
  RoleRecord role = catalog_.require_role(account, name);
  if (!role.service.empty())
    throw UnmodifiableEntityException(
        fmt::format("Cannot perform the operation on the protected role '{}' - this role is only "
                    "modifiable by AWS",
                    role.name));
  return role;
}

DeleteRoleResponse Service::delete_role(const Context& context, const DeleteRoleRequest& request) {
  const std::string& account = context.account;
  const RoleRecord role = require_own_role(account, request.role_name);
  if (!catalog_.profiles_of_roles.is_empty(catalog_.profiles_of_roles.prefix(account, role.id)))
    throw DeleteConflictException(
        "Cannot delete entity, must remove roles from instance profile first.");
  if (!catalog_.attachments.is_empty(catalog_.attachments.prefix(account, role.id)))
    throw DeleteConflictException("Cannot delete entity, must detach all policies first.");
  if (!catalog_.inline_policies.is_empty(catalog_.inline_policies.prefix(account, role.id)))
    throw DeleteConflictException("Cannot delete entity, must delete policies first.");
  remove_role(account, role);
  return {};
}

void Service::remove_role(const std::string& account, const RoleRecord& role) {
  if (!role.boundary.empty())
    catalog_.remove_usage(account, role.boundary, Usage::boundary,
                          {Kind::role, role.name, role.id});
  catalog_.erase(account, role);
  catalog_.add(account, Counter::roles, -1);
  identities_.forget_all();
  forget_uses_of(arn_of(account, Kind::role, role));
}

ListRolesResponse Service::list_roles(const Context& context, const ListRolesRequest& request) {
  ListRolesResponse response;
  list_page(catalog_.roles, catalog_.roles.prefix(context.account), request,
            visit_below(request.path_prefix,
                        [&](const ByName&, const RoleRecord& role) {
                          response.roles.push_back(
                              describe(catalog_, context.account, role, Detail::listed));
                        }))
      .tell(response);
  return response;
}

}  // namespace matinee::iam
