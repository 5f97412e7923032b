// Instance profiles: the one role that machines of EC2 act in.
#include <fmt/format.h>

#include "services/iam/describe.h"
#include "services/iam/limits.h"
#include "services/iam/paging.h"
#include "services/iam/service.h"
#include "services/iam/tags.h"

namespace matinee::iam {

CreateInstanceProfileResponse Service::create_instance_profile(
    const Context& context, const CreateInstanceProfileRequest& request) {
  const std::string& account = context.account;
  const InstanceProfileRecord profile{.name = request.instance_profile_name,
                                      .path = request.path.value_or("/"),
                                      .id = make_id("AIPA", runtime_.random),
                                      .created = now(),
                                      .tags = make_tags(request.tags)};
  if (catalog_.find_profile(account, profile.name))
    throw EntityAlreadyExistsException(
        fmt::format("Instance Profile {} already exists.", profile.name));
  count_one(catalog_, account, Counter::instance_profiles, profiles_per_account);
  catalog_.put(account, profile);
  return {.instance_profile = describe(catalog_, account, profile, Detail::whole)};
}

GetInstanceProfileResponse Service::get_instance_profile(const Context& context,
                                                         const GetInstanceProfileRequest& request) {
  const InstanceProfileRecord profile =
      catalog_.require_profile(context.account, request.instance_profile_name);
  return {.instance_profile = describe(catalog_, context.account, profile, Detail::whole)};
}

DeleteInstanceProfileResponse Service::delete_instance_profile(
    const Context& context, const DeleteInstanceProfileRequest& request) {
  const InstanceProfileRecord profile =
      catalog_.require_profile(context.account, request.instance_profile_name);
  if (!profile.role.empty())
    throw DeleteConflictException(
        "Cannot delete entity, must remove roles from instance profile first.");
  catalog_.erase(context.account, profile);
  catalog_.add(context.account, Counter::instance_profiles, -1);
  return {};
}

ListInstanceProfilesResponse Service::list_instance_profiles(
    const Context& context, const ListInstanceProfilesRequest& request) {
  ListInstanceProfilesResponse response;
  const auto add = [&](const ByName&, const InstanceProfileRecord& profile) {
    response.instance_profiles.push_back(
        describe(catalog_, context.account, profile, Detail::listed));
  };
  list_page(catalog_.instance_profiles, catalog_.instance_profiles.prefix(context.account), request,
            visit_below(request.path_prefix, add))
      .tell(response);
  return response;
}

ListInstanceProfilesForRoleResponse Service::list_instance_profiles_for_role(
    const Context& context, const ListInstanceProfilesForRoleRequest& request) {
  const RoleRecord role = catalog_.require_role(context.account, request.role_name);
  ListInstanceProfilesForRoleResponse response;
  list_page(catalog_.profiles_of_roles, catalog_.profiles_of_roles.prefix(context.account, role.id),
            request, visit_all([&](const ById& key, const std::string&) {
              const auto profile = catalog_.require_profile(context.account, std::get<2>(key));
              response.instance_profiles.push_back(
                  describe(catalog_, context.account, profile, Detail::listed));
            }))
      .tell(response);
  return response;
}

AddRoleToInstanceProfileResponse Service::add_role_to_instance_profile(
    const Context& context, const AddRoleToInstanceProfileRequest& request) {
  const std::string& account = context.account;
  InstanceProfileRecord profile = catalog_.require_profile(account, request.instance_profile_name);
  const RoleRecord role = require_own_role(account, request.role_name);
  require_room_for_one(roles_per_profile, profile.role.empty() ? 0 : 1);
  profile.role = role.name;
  catalog_.put(account, profile);
  catalog_.profiles_of_roles.put({account, role.id, fold(profile.name)}, profile.id);
  return {};
}

RemoveRoleFromInstanceProfileResponse Service::remove_role_from_instance_profile(
    const Context& context, const RemoveRoleFromInstanceProfileRequest& request) {
  const std::string& account = context.account;
  InstanceProfileRecord profile = catalog_.require_profile(account, request.instance_profile_name);
  const RoleRecord role = require_own_role(account, request.role_name);
  if (fold(profile.role) != fold(role.name))
    throw NoSuchEntityException(
        fmt::format("The role with name {} cannot be found.", request.role_name));
  profile.role.clear();
  catalog_.put(account, profile);
  catalog_.profiles_of_roles.erase({account, role.id, fold(profile.name)});
  return {};
}

}  // namespace matinee::iam
