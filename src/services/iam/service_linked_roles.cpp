// Roles that belong to a service of AWS: it decides their names and what they may do.
#include <fmt/format.h>

#include "services/iam/describe.h"
#include "services/iam/limits.h"
#include "services/iam/managed_policies.h"
#include "services/iam/service.h"
#include "services/iam/service_role_names.h"

namespace matinee::iam {

namespace {

std::string trust_of(std::string_view service) {
  return fmt::format(R"({{"Version":"2012-10-17","Statement":[{{"Effect":"Allow",)"
                     R"("Principal":{{"Service":"{}"}},"Action":"sts:AssumeRole"}}]}})",
                     service);
}

}  // namespace

CreateServiceLinkedRoleResponse Service::create_service_linked_role(
    const Context& context, const CreateServiceLinkedRoleRequest& request) {
  const std::string& account = context.account;
  const std::string& service = request.aws_service_name;
  const ServiceRoleName* known = find_service_role_name(service);
  if (known == nullptr)
    throw InvalidInputException(
        fmt::format("Service-linked roles are not supported for the service {}", service));
  if (request.custom_suffix && !known->takes_suffix)
    throw InvalidInputException(fmt::format("Custom suffix is not allowed for {}", service));
  RoleRecord role{.name = fmt::format("AWSServiceRoleFor{}", known->name),
                  .path = fmt::format("/aws-service-role/{}/", service),
                  .id = make_id("AROA", runtime_.random),
                  .created = now(),
                  .trust = trust_of(service),
                  .description = request.description,
                  .service = service};
  if (request.custom_suffix) role.name += "_" + *request.custom_suffix;
  if (catalog_.find_role(account, role.name))
    throw InvalidInputException(fmt::format(
        "Service role name {} has been taken in this account, please try a different suffix.",
        role.name));
  count_one(catalog_, account, Counter::roles, roles_per_account);
  catalog_.put(account, role);
  if (!known->policy.empty()) {
    const std::string arn =
        fmt::format("arn:aws:iam::aws:policy/aws-service-role/{}", known->policy);
    catalog_.attachments.put({account, role.id, arn}, now());
    catalog_.add_usage(account, arn, Usage::permissions, {Kind::role, role.name, role.id});
  }
  identities_.forget(account, Kind::role, role.name);
  Role described = describe(catalog_, account, role, Detail::listed);
  described.max_session_duration.reset();
  return {.role = std::move(described)};
}

/// No service here holds on to its role, so that it goes at once; the task only tells of it.
DeleteServiceLinkedRoleResponse Service::delete_service_linked_role(
    const Context& context, const DeleteServiceLinkedRoleRequest& request) {
  const std::string& account = context.account;
  const RoleRecord role = catalog_.require_role(account, request.role_name);
  if (role.service.empty())
    throw InvalidInputException(
        fmt::format("The role {} is not a service-linked role.", request.role_name));
  catalog_.attachments.scan(catalog_.attachments.prefix(account, role.id),
                            [&](const ById& key, runtime::Time) {
                              catalog_.remove_usage(account, std::get<2>(key), Usage::permissions,
                                                    {Kind::role, role.name, role.id});
                              return true;
                            });
  catalog_.attachments.erase_range(catalog_.attachments.prefix(account, role.id));
  remove_role(account, role);
  const std::string task = fmt::format("task/aws-service-role/{}/{}/{}", role.service, role.name,
                                       runtime_.random.uuid());
  catalog_.deletion_tasks.put({account, task}, {now()});
  return {.deletion_task_id = task};
}

GetServiceLinkedRoleDeletionStatusResponse Service::get_service_linked_role_deletion_status(
    const Context& context, const GetServiceLinkedRoleDeletionStatusRequest& request) {
  if (!request.deletion_task_id.starts_with("task/"))
    throw InvalidInputException(
        fmt::format("DeletionTaskId {} is not valid.", request.deletion_task_id));
  if (!catalog_.deletion_tasks.contains({context.account, request.deletion_task_id}))
    throw NoSuchEntityException(
        fmt::format("The deletion task with id {} cannot be found.", request.deletion_task_id));
  return {.status = "SUCCEEDED"};
}

}  // namespace matinee::iam
