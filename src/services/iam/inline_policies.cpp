// Inline policies: part of the user, group or role that they speak for.
#include <fmt/format.h>

#include "services/iam/documents.h"
#include "services/iam/limits.h"
#include "services/iam/paging.h"
#include "services/iam/service.h"

namespace matinee::iam {

namespace {

std::uint64_t most_inline(Kind holder) {
  if (holder == Kind::group) return inline_size_of_group;
  return holder == Kind::role ? inline_size_of_role : inline_size_of_user;
}

}  // namespace

/// In place of one of the same name. All of them together have a limit.
void Service::put_inline(const std::string& account, const Catalog::HolderName& holder,
                         const std::string& name, const std::string& text) {
  require_identity_policy(text);
  std::uint64_t size = size_of_policy(text);
  catalog_.inline_policies.scan(catalog_.inline_policies.prefix(account, holder.id),
                                [&](const ById& key, const std::string& other) {
                                  if (std::get<2>(key) != name) size += size_of_policy(other);
                                  return true;
                                });
  if (size > most_inline(holder.kind))
    throw LimitExceededException(fmt::format("Maximum policy size of {} bytes exceeded for {} {}",
                                             most_inline(holder.kind), word_of(holder.kind),
                                             holder.name));
  catalog_.inline_policies.put({account, holder.id, name}, text);
  forget_holder(account, holder);
}

std::string Service::require_inline(const std::string& account, const Catalog::HolderName& holder,
                                    const std::string& name) const {
  std::optional<std::string> text = catalog_.inline_policies.find({account, holder.id, name});
  if (!text)
    throw NoSuchEntityException(
        fmt::format("The {} policy with name {} cannot be found.", word_of(holder.kind), name));
  return *std::move(text);
}

void Service::erase_inline(const std::string& account, const Catalog::HolderName& holder,
                           const std::string& name) {
  require_inline(account, holder, name);
  catalog_.inline_policies.erase({account, holder.id, name});
  forget_holder(account, holder);
}

PutUserPolicyResponse Service::put_user_policy(const Context& context,
                                               const PutUserPolicyRequest& request) {
  const UserRecord user = catalog_.require_user(context.account, request.user_name);
  put_inline(context.account, {Kind::user, user.name, user.id}, request.policy_name,
             request.policy_document);
  return {};
}

PutGroupPolicyResponse Service::put_group_policy(const Context& context,
                                                 const PutGroupPolicyRequest& request) {
  const GroupRecord group = catalog_.require_group(context.account, request.group_name);
  put_inline(context.account, {Kind::group, group.name, group.id}, request.policy_name,
             request.policy_document);
  return {};
}

PutRolePolicyResponse Service::put_role_policy(const Context& context,
                                               const PutRolePolicyRequest& request) {
  const RoleRecord role = require_own_role(context.account, request.role_name);
  put_inline(context.account, {Kind::role, role.name, role.id}, request.policy_name,
             request.policy_document);
  return {};
}

GetUserPolicyResponse Service::get_user_policy(const Context& context,
                                               const GetUserPolicyRequest& request) {
  const UserRecord user = catalog_.require_user(context.account, request.user_name);
  const std::string text =
      require_inline(context.account, {Kind::user, user.name, user.id}, request.policy_name);
  return {.user_name = user.name,
          .policy_name = request.policy_name,
          .policy_document = encode_document(text)};
}

GetGroupPolicyResponse Service::get_group_policy(const Context& context,
                                                 const GetGroupPolicyRequest& request) {
  const GroupRecord group = catalog_.require_group(context.account, request.group_name);
  const std::string text =
      require_inline(context.account, {Kind::group, group.name, group.id}, request.policy_name);
  return {.group_name = group.name,
          .policy_name = request.policy_name,
          .policy_document = encode_document(text)};
}

GetRolePolicyResponse Service::get_role_policy(const Context& context,
                                               const GetRolePolicyRequest& request) {
  const RoleRecord role = catalog_.require_role(context.account, request.role_name);
  const std::string text =
      require_inline(context.account, {Kind::role, role.name, role.id}, request.policy_name);
  return {.role_name = role.name,
          .policy_name = request.policy_name,
          .policy_document = encode_document(text)};
}

DeleteUserPolicyResponse Service::delete_user_policy(const Context& context,
                                                     const DeleteUserPolicyRequest& request) {
  const UserRecord user = catalog_.require_user(context.account, request.user_name);
  erase_inline(context.account, {Kind::user, user.name, user.id}, request.policy_name);
  return {};
}

DeleteGroupPolicyResponse Service::delete_group_policy(const Context& context,
                                                       const DeleteGroupPolicyRequest& request) {
  const GroupRecord group = catalog_.require_group(context.account, request.group_name);
  erase_inline(context.account, {Kind::group, group.name, group.id}, request.policy_name);
  return {};
}

DeleteRolePolicyResponse Service::delete_role_policy(const Context& context,
                                                     const DeleteRolePolicyRequest& request) {
  const RoleRecord role = require_own_role(context.account, request.role_name);
  erase_inline(context.account, {Kind::role, role.name, role.id}, request.policy_name);
  return {};
}

namespace {

template <class Response, class Request>
Response list_names(const Catalog& catalog, const std::string& account, const std::string& holder,
                    const Request& request) {
  Response response;
  list_page(catalog.inline_policies, catalog.inline_policies.prefix(account, holder), request,
            visit_all([&](const ById& key, const std::string&) {
              response.policy_names.push_back(std::get<2>(key));
            }))
      .tell(response);
  return response;
}

}  // namespace

ListUserPoliciesResponse Service::list_user_policies(const Context& context,
                                                     const ListUserPoliciesRequest& request) {
  const UserRecord user = catalog_.require_user(context.account, request.user_name);
  return list_names<ListUserPoliciesResponse>(catalog_, context.account, user.id, request);
}

ListGroupPoliciesResponse Service::list_group_policies(const Context& context,
                                                       const ListGroupPoliciesRequest& request) {
  const GroupRecord group = catalog_.require_group(context.account, request.group_name);
  return list_names<ListGroupPoliciesResponse>(catalog_, context.account, group.id, request);
}

ListRolePoliciesResponse Service::list_role_policies(const Context& context,
                                                     const ListRolePoliciesRequest& request) {
  const RoleRecord role = catalog_.require_role(context.account, request.role_name);
  return list_names<ListRolePoliciesResponse>(catalog_, context.account, role.id, request);
}

}  // namespace matinee::iam
