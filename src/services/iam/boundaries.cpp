// Permissions boundaries: the most that the policies of a user or role can allow it.
#include <fmt/format.h>

#include "services/iam/service.h"

namespace matinee::iam {

std::string Service::require_boundary(const std::string& account, const std::string& arn) const {
  try {
    return require_attachable_policy(account, arn).arn;
  } catch (const NoSuchEntityException&) {
    throw NoSuchEntityException(
        fmt::format("Scope ARN: {} does not exist or is not attachable.", arn));
  }
}

/// Takes one boundary from a user or role, and gives it the other; either may be none.
void Service::change_boundary(const std::string& account, const Catalog::HolderName& holder,
                              const std::string& before, const std::string& after) {
  if (!before.empty()) catalog_.remove_usage(account, before, Usage::boundary, holder);
  if (!after.empty()) catalog_.add_usage(account, after, Usage::boundary, holder);
  identities_.forget(account, holder.kind, holder.name);
}

PutUserPermissionsBoundaryResponse Service::put_user_permissions_boundary(
    const Context& context, const PutUserPermissionsBoundaryRequest& request) {
  const std::string& account = context.account;
  UserRecord user = catalog_.require_user(account, request.user_name);
  const std::string boundary = require_boundary(account, request.permissions_boundary);
  change_boundary(account, {Kind::user, user.name, user.id}, user.boundary, boundary);
  user.boundary = boundary;
  catalog_.put(account, user);
  return {};
}

PutRolePermissionsBoundaryResponse Service::put_role_permissions_boundary(
    const Context& context, const PutRolePermissionsBoundaryRequest& request) {
  const std::string& account = context.account;
  RoleRecord role = require_own_role(account, request.role_name);
  const std::string boundary = require_boundary(account, request.permissions_boundary);
  change_boundary(account, {Kind::role, role.name, role.id}, role.boundary, boundary);
  role.boundary = boundary;
  catalog_.put(account, role);
  return {};
}

DeleteUserPermissionsBoundaryResponse Service::delete_user_permissions_boundary(
    const Context& context, const DeleteUserPermissionsBoundaryRequest& request) {
  const std::string& account = context.account;
  UserRecord user = catalog_.require_user(account, request.user_name);
  change_boundary(account, {Kind::user, user.name, user.id}, user.boundary, {});
  user.boundary.clear();
  catalog_.put(account, user);
  return {};
}

DeleteRolePermissionsBoundaryResponse Service::delete_role_permissions_boundary(
    const Context& context, const DeleteRolePermissionsBoundaryRequest& request) {
  const std::string& account = context.account;
  RoleRecord role = require_own_role(account, request.role_name);
  change_boundary(account, {Kind::role, role.name, role.id}, role.boundary, {});
  role.boundary.clear();
  catalog_.put(account, role);
  return {};
}

}  // namespace matinee::iam
