// Tags of users, roles, policies and instance profiles.
#include "services/iam/describe.h"
#include "services/iam/paging.h"
#include "services/iam/service.h"
#include "services/iam/tags.h"

namespace matinee::iam {

namespace {

template <class Response, class Request>
Response list_tags(const Tags& tags, const Request& request) {
  Response response{.tags = describe_tags(tags)};
  cut_page(response.tags, request).tell(response);
  return response;
}

}  // namespace

TagUserResponse Service::tag_user(const Context& context, const TagUserRequest& request) {
  UserRecord user = catalog_.require_user(context.account, request.user_name);
  add_tags(request.tags, user.tags);
  catalog_.put(context.account, user);
  identities_.forget(context.account, Kind::user, user.name);
  return {};
}

TagRoleResponse Service::tag_role(const Context& context, const TagRoleRequest& request) {
  RoleRecord role = catalog_.require_role(context.account, request.role_name);
  add_tags(request.tags, role.tags);
  catalog_.put(context.account, role);
  identities_.forget(context.account, Kind::role, role.name);
  return {};
}

TagPolicyResponse Service::tag_policy(const Context& context, const TagPolicyRequest& request) {
  require_writable_policy(context, "TagPolicy", request.policy_arn);
  PolicyRecord policy = catalog_.require_policy(context.account, request.policy_arn);
  add_tags(request.tags, policy.tags);
  catalog_.put(context.account, policy);
  return {};
}

TagInstanceProfileResponse Service::tag_instance_profile(const Context& context,
                                                         const TagInstanceProfileRequest& request) {
  InstanceProfileRecord profile =
      catalog_.require_profile(context.account, request.instance_profile_name);
  add_tags(request.tags, profile.tags);
  catalog_.put(context.account, profile);
  return {};
}

UntagUserResponse Service::untag_user(const Context& context, const UntagUserRequest& request) {
  UserRecord user = catalog_.require_user(context.account, request.user_name);
  remove_tags(request.tag_keys, user.tags);
  catalog_.put(context.account, user);
  identities_.forget(context.account, Kind::user, user.name);
  return {};
}

UntagRoleResponse Service::untag_role(const Context& context, const UntagRoleRequest& request) {
  RoleRecord role = catalog_.require_role(context.account, request.role_name);
  remove_tags(request.tag_keys, role.tags);
  catalog_.put(context.account, role);
  identities_.forget(context.account, Kind::role, role.name);
  return {};
}

UntagPolicyResponse Service::untag_policy(const Context& context,
                                          const UntagPolicyRequest& request) {
  require_writable_policy(context, "UntagPolicy", request.policy_arn);
  PolicyRecord policy = catalog_.require_policy(context.account, request.policy_arn);
  remove_tags(request.tag_keys, policy.tags);
  catalog_.put(context.account, policy);
  return {};
}

UntagInstanceProfileResponse Service::untag_instance_profile(
    const Context& context, const UntagInstanceProfileRequest& request) {
  InstanceProfileRecord profile =
      catalog_.require_profile(context.account, request.instance_profile_name);
  remove_tags(request.tag_keys, profile.tags);
  catalog_.put(context.account, profile);
  return {};
}

ListUserTagsResponse Service::list_user_tags(const Context& context,
                                             const ListUserTagsRequest& request) {
  const UserRecord user = catalog_.require_user(context.account, request.user_name);
  return list_tags<ListUserTagsResponse>(user.tags, request);
}

ListRoleTagsResponse Service::list_role_tags(const Context& context,
                                             const ListRoleTagsRequest& request) {
  const RoleRecord role = catalog_.require_role(context.account, request.role_name);
  return list_tags<ListRoleTagsResponse>(role.tags, request);
}

/// AWS's own policies have none.
ListPolicyTagsResponse Service::list_policy_tags(const Context& context,
                                                 const ListPolicyTagsRequest& request) {
  const PolicyReference reference =
      catalog_.require_any_policy(context.account, request.policy_arn);
  if (reference.is_aws_managed) return list_tags<ListPolicyTagsResponse>({}, request);
  const PolicyRecord policy = catalog_.require_policy(context.account, request.policy_arn);
  return list_tags<ListPolicyTagsResponse>(policy.tags, request);
}

ListInstanceProfileTagsResponse Service::list_instance_profile_tags(
    const Context& context, const ListInstanceProfileTagsRequest& request) {
  const InstanceProfileRecord profile =
      catalog_.require_profile(context.account, request.instance_profile_name);
  return list_tags<ListInstanceProfileTagsResponse>(profile.tags, request);
}

}  // namespace matinee::iam
