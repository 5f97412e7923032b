// Users: made, read, renamed, removed.
#include <fmt/format.h>

#include "services/iam/describe.h"
#include "services/iam/limits.h"
#include "services/iam/paging.h"
#include "services/iam/service.h"
#include "services/iam/tags.h"

namespace matinee::iam {

CreateUserResponse Service::create_user(const Context& context, const CreateUserRequest& request) {
  const std::string& account = context.account;
  Tags tags = make_tags(request.tags);
  if (catalog_.find_user(account, request.user_name))
    throw EntityAlreadyExistsException(
        fmt::format("User with name {} already exists.", request.user_name));
  UserRecord user{.name = request.user_name,
                  .path = request.path.value_or("/"),
                  .id = make_id("AIDA", runtime_.random),
                  .created = now(),
                  .tags = std::move(tags)};
  if (request.permissions_boundary) {
    user.boundary = require_boundary(account, *request.permissions_boundary);
    catalog_.add_usage(account, user.boundary, Usage::boundary, {Kind::user, user.name, user.id});
  }
  count_one(catalog_, account, Counter::users, users_per_account);
  catalog_.put(account, user);
  identities_.forget(account, Kind::user, user.name);
  return {.user = describe(account, user, Detail::whole)};
}

/// Without a name: who asks. The root user has neither name nor path.
GetUserResponse Service::get_user(const Context& context, const GetUserRequest& request) {
  const std::string& account = context.account;
  const std::string name = request.user_name ? *request.user_name : name_of_caller(context);
  if (!name.empty())
    return {.user = describe(account, catalog_.require_user(account, name), Detail::whole)};
  AccountRecord record = catalog_.accounts.find(account).value_or(AccountRecord{});
  if (!record.created) {
    record.created = now();
    catalog_.accounts.put(account, record);
  }
  User root;
  root.user_id = account;
  root.arn = fmt::format("arn:aws:iam::{}:root", account);
  root.create_date = timestamp_of(*record.created);
  return {.user = std::move(root)};
}

std::string Service::name_of_caller(const Context& context) const {
  switch (context.principal) {
    case services::PrincipalKind::root:
      return {};
    case services::PrincipalKind::user:
      return std::string(context.user_name());
    default:
      throw ValidationError("Must specify userName when calling with non-User credentials");
  }
}

/// What has the user's name or path in it follows: lists in the order of names, and the ARNs of
/// access keys. All else is kept by the user's id.
void Service::move_user(std::string_view account, const UserRecord& before,
                        const UserRecord& after) {
  const std::string owner(account);
  const Catalog::HolderName old_name{Kind::user, before.name, before.id};
  const Catalog::HolderName new_name{Kind::user, after.name, after.id};
  const auto move_usage = [&](const std::string& arn, Usage usage) {
    catalog_.remove_usage(account, arn, usage, old_name);
    catalog_.add_usage(account, arn, usage, new_name);
  };
  catalog_.attachments.scan(catalog_.attachments.prefix(owner, before.id),
                            [&](const ById& key, runtime::Time) {
                              move_usage(std::get<2>(key), Usage::permissions);
                              return true;
                            });
  if (!before.boundary.empty()) move_usage(before.boundary, Usage::boundary);
  catalog_.groups_of_users.scan(
      catalog_.groups_of_users.prefix(owner, before.id), [&](const ById& key, runtime::Time) {
        catalog_.users_of_groups.erase({owner, std::get<2>(key), fold(before.name)});
        catalog_.users_of_groups.put({owner, std::get<2>(key), fold(after.name)}, after.id);
        return true;
      });
  const std::string arn = arn_of(account, Kind::user, after);
  catalog_.keys_of_users.scan(catalog_.keys_of_users.prefix(owner, before.id),
                              [&](const ById& key, runtime::Time) {
                                const std::string& id = std::get<2>(key);
                                AccessKeyRecord record = *catalog_.access_keys.find({owner, id});
                                record.user_arn = arn;
                                put_key(owner, id, record);
                                return true;
                              });
}

UpdateUserResponse Service::update_user(const Context& context, const UpdateUserRequest& request) {
  const std::string& account = context.account;
  const UserRecord before = catalog_.require_user(account, request.user_name);
  UserRecord after = before;
  if (request.new_user_name) after.name = *request.new_user_name;
  if (request.new_path) after.path = *request.new_path;
  if (fold(after.name) != fold(before.name) && catalog_.find_user(account, after.name))
    throw EntityAlreadyExistsException(
        fmt::format("User with name {} already exists.", after.name));
  catalog_.erase(account, before);
  catalog_.put(account, after);
  move_user(account, before, after);
  // Trust policies elsewhere may name the user.
  identities_.forget_all();
  return {};
}

DeleteUserResponse Service::delete_user(const Context& context, const DeleteUserRequest& request) {
  const std::string& account = context.account;
  const UserRecord user = catalog_.require_user(account, request.user_name);
  require_no_credentials(account, user);
  const auto require_none = [](bool none, std::string_view what) {
    if (!none) throw DeleteConflictException(fmt::format("Cannot delete entity, must {}.", what));
  };
  require_none(catalog_.attachments.is_empty(catalog_.attachments.prefix(account, user.id)),
               "detach all policies first");
  require_none(catalog_.inline_policies.is_empty(catalog_.inline_policies.prefix(account, user.id)),
               "delete policies first");
  require_none(catalog_.groups_of_users.is_empty(catalog_.groups_of_users.prefix(account, user.id)),
               "remove users from group first");
  require_no_other_credentials(account, user);
  if (!user.boundary.empty())
    catalog_.remove_usage(account, user.boundary, Usage::boundary,
                          {Kind::user, user.name, user.id});
  catalog_.erase(account, user);
  catalog_.add(account, Counter::users, -1);
  identities_.forget_all();
  forget_uses_of(arn_of(account, Kind::user, user));
  return {};
}

ListUsersResponse Service::list_users(const Context& context, const ListUsersRequest& request) {
  ListUsersResponse response;
  list_page(catalog_.users, catalog_.users.prefix(context.account), request,
            visit_below(request.path_prefix,
                        [&](const ByName&, const UserRecord& user) {
                          response.users.push_back(describe(context.account, user, Detail::listed));
                        }))
      .tell(response);
  return response;
}

}  // namespace matinee::iam
