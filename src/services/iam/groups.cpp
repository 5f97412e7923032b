// Groups, and who is in them.
#include <fmt/format.h>

#include <algorithm>

#include "services/iam/describe.h"
#include "services/iam/limits.h"
#include "services/iam/paging.h"
#include "services/iam/service.h"

namespace matinee::iam {

CreateGroupResponse Service::create_group(const Context& context,
                                          const CreateGroupRequest& request) {
  const std::string& account = context.account;
  if (catalog_.find_group(account, request.group_name))
    throw EntityAlreadyExistsException(
        fmt::format("Group with name {} already exists.", request.group_name));
  const GroupRecord group{.name = request.group_name,
                          .path = request.path.value_or("/"),
                          .id = make_id("AGPA", runtime_.random),
                          .created = now()};
  count_one(catalog_, account, Counter::groups, groups_per_account);
  catalog_.put(account, group);
  return {.group = describe(account, group)};
}

GetGroupResponse Service::get_group(const Context& context, const GetGroupRequest& request) {
  const std::string& account = context.account;
  const GroupRecord group = catalog_.require_group(account, request.group_name);
  GetGroupResponse response{.group = describe(account, group)};
  list_page(catalog_.users_of_groups, catalog_.users_of_groups.prefix(account, group.id), request,
            visit_all([&](const ById& key, const std::string&) {
              const UserRecord user = catalog_.require_user(account, std::get<2>(key));
              response.users.push_back(describe(account, user, Detail::listed));
            }))
      .tell(response);
  return response;
}

/// The users of a group keep it by its id; only lists in the order of names follow.
void Service::move_group(std::string_view account, const GroupRecord& before,
                         const GroupRecord& after) {
  const std::string owner(account);
  catalog_.attachments.scan(catalog_.attachments.prefix(owner, before.id), [&](const ById& key,
                                                                               runtime::Time) {
    const std::string& arn = std::get<2>(key);
    catalog_.remove_usage(account, arn, Usage::permissions, {Kind::group, before.name, before.id});
    catalog_.add_usage(account, arn, Usage::permissions, {Kind::group, after.name, after.id});
    return true;
  });
}

UpdateGroupResponse Service::update_group(const Context& context,
                                          const UpdateGroupRequest& request) {
  const std::string& account = context.account;
  const GroupRecord before = catalog_.require_group(account, request.group_name);
  GroupRecord after = before;
  if (request.new_group_name) after.name = *request.new_group_name;
  if (request.new_path) after.path = *request.new_path;
  if (fold(after.name) != fold(before.name) && catalog_.find_group(account, after.name))
    throw EntityAlreadyExistsException(
        fmt::format("Group with name {} already exists.", after.name));
  catalog_.erase(account, before);
  catalog_.put(account, after);
  move_group(account, before, after);
  identities_.forget_all();
  return {};
}

DeleteGroupResponse Service::delete_group(const Context& context,
                                          const DeleteGroupRequest& request) {
  const std::string& account = context.account;
  const GroupRecord group = catalog_.require_group(account, request.group_name);
  if (!catalog_.users_of_groups.is_empty(catalog_.users_of_groups.prefix(account, group.id)))
    throw DeleteConflictException("Cannot delete entity, must remove users from group first.");
  if (!catalog_.attachments.is_empty(catalog_.attachments.prefix(account, group.id)))
    throw DeleteConflictException("Cannot delete entity, must detach all policies first.");
  if (!catalog_.inline_policies.is_empty(catalog_.inline_policies.prefix(account, group.id)))
    throw DeleteConflictException("Cannot delete entity, must delete policies first.");
  catalog_.erase(account, group);
  catalog_.add(account, Counter::groups, -1);
  return {};
}

ListGroupsResponse Service::list_groups(const Context& context, const ListGroupsRequest& request) {
  ListGroupsResponse response;
  list_page(catalog_.groups, catalog_.groups.prefix(context.account), request,
            visit_below(request.path_prefix,
                        [&](const ByName&, const GroupRecord& group) {
                          response.groups.push_back(describe(context.account, group));
                        }))
      .tell(response);
  return response;
}

/// Adding somebody who is in already changes nothing.
AddUserToGroupResponse Service::add_user_to_group(const Context& context,
                                                  const AddUserToGroupRequest& request) {
  const std::string& account = context.account;
  const GroupRecord group = catalog_.require_group(account, request.group_name);
  const UserRecord user = catalog_.require_user(account, request.user_name);
  const ById membership{account, user.id, group.id};
  if (catalog_.groups_of_users.contains(membership)) return {};
  std::uint64_t groups = 0;
  catalog_.groups_of_users.scan(catalog_.groups_of_users.prefix(account, user.id),
                                [&](const ById&, runtime::Time) { return ++groups > 0; });
  require_room_for_one(groups_per_user, groups);
  catalog_.groups_of_users.put(membership, now());
  catalog_.users_of_groups.put({account, group.id, fold(user.name)}, user.id);
  identities_.forget(account, Kind::user, user.name);
  return {};
}

RemoveUserFromGroupResponse Service::remove_user_from_group(
    const Context& context, const RemoveUserFromGroupRequest& request) {
  const std::string& account = context.account;
  const GroupRecord group = catalog_.require_group(account, request.group_name);
  const UserRecord user = catalog_.require_user(account, request.user_name);
  const ById membership{account, user.id, group.id};
  if (!catalog_.groups_of_users.contains(membership))
    throw NoSuchEntityException(
        fmt::format("The user with name {} cannot be found in the group with name {}.",
                    request.user_name, request.group_name));
  catalog_.groups_of_users.erase(membership);
  catalog_.users_of_groups.erase({account, group.id, fold(user.name)});
  identities_.forget(account, Kind::user, user.name);
  return {};
}

ListGroupsForUserResponse Service::list_groups_for_user(const Context& context,
                                                        const ListGroupsForUserRequest& request) {
  const std::string& account = context.account;
  const UserRecord user = catalog_.require_user(account, request.user_name);
  ListGroupsForUserResponse response;
  catalog_.groups_of_users.scan(
      catalog_.groups_of_users.prefix(account, user.id), [&](const ById& key, runtime::Time) {
        if (const auto entity = catalog_.entities.find({account, std::get<2>(key)}))
          if (const auto group = catalog_.find_group(account, entity->name))
            response.groups.push_back(describe(account, *group));
        return true;
      });
  std::ranges::sort(response.groups, {}, [](const Group& group) { return fold(group.group_name); });
  cut_page(response.groups, request).tell(response);
  return response;
}

}  // namespace matinee::iam
