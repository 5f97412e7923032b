// Users, groups, roles, their policies and keys: AWS Identity and Access Management. Global:
// nothing here has a region.
//
// All state is in the store (catalog.h); in memory are only the access keys, for those who check
// signatures, and what decisions have asked for lately (identities.h).
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "iam/errors.h"
#include "iam/shapes.h"
#include "runtime/runtime.h"
#include "services/endpoint.h"
#include "services/iam/catalog.h"
#include "services/iam/credentials.h"
#include "services/iam/identities.h"
#include "services/iam/key_ring.h"
#include "storage/store.h"

namespace matinee::iam {

class DetailsPage;

class Service final : public Credentials {
 public:
  /// The dispatch table: an entry for each operation of the model.
  static std::span<const services::Handler> handlers();

  /// Both must outlive the service.
  Service(storage::Store& store, runtime::Runtime& runtime);

  protocol::ServiceError invalid(const protocol::Operation& operation,
                                 const protocol::Violations& violations) const override;
  void reset(const services::ResetScope& scope) override;

  // authorization.cpp
  void add_needs(const Context& context, const protocol::Operation& operation, const void* request,
                 std::vector<services::Need>& needs) const override;
  std::optional<std::vector<std::string>> find_key(const services::Inquiry& inquiry,
                                                   std::string_view key) const override;

  /// The users and roles as decisions see them. Lives as long as the service.
  const identity::Directory& directory() const { return identities_; }
  /// The access keys of users, for any thread; as good after the service is gone.
  std::shared_ptr<const services::AccessKeys> access_keys() const { return keys_; }

  // users.cpp
  CreateUserResponse create_user(const Context&, const CreateUserRequest&);
  GetUserResponse get_user(const Context&, const GetUserRequest&);
  UpdateUserResponse update_user(const Context&, const UpdateUserRequest&);
  DeleteUserResponse delete_user(const Context&, const DeleteUserRequest&);
  ListUsersResponse list_users(const Context&, const ListUsersRequest&);

  // groups.cpp
  CreateGroupResponse create_group(const Context&, const CreateGroupRequest&);
  GetGroupResponse get_group(const Context&, const GetGroupRequest&);
  UpdateGroupResponse update_group(const Context&, const UpdateGroupRequest&);
  DeleteGroupResponse delete_group(const Context&, const DeleteGroupRequest&);
  ListGroupsResponse list_groups(const Context&, const ListGroupsRequest&);
  AddUserToGroupResponse add_user_to_group(const Context&, const AddUserToGroupRequest&);
  RemoveUserFromGroupResponse remove_user_from_group(const Context&,
                                                     const RemoveUserFromGroupRequest&);
  ListGroupsForUserResponse list_groups_for_user(const Context&, const ListGroupsForUserRequest&);

  // roles.cpp
  CreateRoleResponse create_role(const Context&, const CreateRoleRequest&);
  GetRoleResponse get_role(const Context&, const GetRoleRequest&);
  UpdateRoleResponse update_role(const Context&, const UpdateRoleRequest&);
  UpdateRoleDescriptionResponse update_role_description(const Context&,
                                                        const UpdateRoleDescriptionRequest&);
  UpdateAssumeRolePolicyResponse update_assume_role_policy(const Context&,
                                                           const UpdateAssumeRolePolicyRequest&);
  DeleteRoleResponse delete_role(const Context&, const DeleteRoleRequest&);
  ListRolesResponse list_roles(const Context&, const ListRolesRequest&);

  // service_linked_roles.cpp
  CreateServiceLinkedRoleResponse create_service_linked_role(const Context&,
                                                             const CreateServiceLinkedRoleRequest&);
  DeleteServiceLinkedRoleResponse delete_service_linked_role(const Context&,
                                                             const DeleteServiceLinkedRoleRequest&);
  GetServiceLinkedRoleDeletionStatusResponse get_service_linked_role_deletion_status(
      const Context&, const GetServiceLinkedRoleDeletionStatusRequest&);

  // instance_profiles.cpp
  CreateInstanceProfileResponse create_instance_profile(const Context&,
                                                        const CreateInstanceProfileRequest&);
  GetInstanceProfileResponse get_instance_profile(const Context&, const GetInstanceProfileRequest&);
  DeleteInstanceProfileResponse delete_instance_profile(const Context&,
                                                        const DeleteInstanceProfileRequest&);
  ListInstanceProfilesResponse list_instance_profiles(const Context&,
                                                      const ListInstanceProfilesRequest&);
  ListInstanceProfilesForRoleResponse list_instance_profiles_for_role(
      const Context&, const ListInstanceProfilesForRoleRequest&);
  AddRoleToInstanceProfileResponse add_role_to_instance_profile(
      const Context&, const AddRoleToInstanceProfileRequest&);
  RemoveRoleFromInstanceProfileResponse remove_role_from_instance_profile(
      const Context&, const RemoveRoleFromInstanceProfileRequest&);

  // policies.cpp
  CreatePolicyResponse create_policy(const Context&, const CreatePolicyRequest&);
  GetPolicyResponse get_policy(const Context&, const GetPolicyRequest&);
  DeletePolicyResponse delete_policy(const Context&, const DeletePolicyRequest&);
  ListPoliciesResponse list_policies(const Context&, const ListPoliciesRequest&);

  // policy_versions.cpp
  CreatePolicyVersionResponse create_policy_version(const Context&,
                                                    const CreatePolicyVersionRequest&);
  GetPolicyVersionResponse get_policy_version(const Context&, const GetPolicyVersionRequest&);
  DeletePolicyVersionResponse delete_policy_version(const Context&,
                                                    const DeletePolicyVersionRequest&);
  SetDefaultPolicyVersionResponse set_default_policy_version(const Context&,
                                                             const SetDefaultPolicyVersionRequest&);
  ListPolicyVersionsResponse list_policy_versions(const Context&, const ListPolicyVersionsRequest&);

  // attachments.cpp
  AttachUserPolicyResponse attach_user_policy(const Context&, const AttachUserPolicyRequest&);
  AttachGroupPolicyResponse attach_group_policy(const Context&, const AttachGroupPolicyRequest&);
  AttachRolePolicyResponse attach_role_policy(const Context&, const AttachRolePolicyRequest&);
  DetachUserPolicyResponse detach_user_policy(const Context&, const DetachUserPolicyRequest&);
  DetachGroupPolicyResponse detach_group_policy(const Context&, const DetachGroupPolicyRequest&);
  DetachRolePolicyResponse detach_role_policy(const Context&, const DetachRolePolicyRequest&);
  ListAttachedUserPoliciesResponse list_attached_user_policies(
      const Context&, const ListAttachedUserPoliciesRequest&);
  ListAttachedGroupPoliciesResponse list_attached_group_policies(
      const Context&, const ListAttachedGroupPoliciesRequest&);
  ListAttachedRolePoliciesResponse list_attached_role_policies(
      const Context&, const ListAttachedRolePoliciesRequest&);
  ListEntitiesForPolicyResponse list_entities_for_policy(const Context&,
                                                         const ListEntitiesForPolicyRequest&);

  // boundaries.cpp
  PutUserPermissionsBoundaryResponse put_user_permissions_boundary(
      const Context&, const PutUserPermissionsBoundaryRequest&);
  PutRolePermissionsBoundaryResponse put_role_permissions_boundary(
      const Context&, const PutRolePermissionsBoundaryRequest&);
  DeleteUserPermissionsBoundaryResponse delete_user_permissions_boundary(
      const Context&, const DeleteUserPermissionsBoundaryRequest&);
  DeleteRolePermissionsBoundaryResponse delete_role_permissions_boundary(
      const Context&, const DeleteRolePermissionsBoundaryRequest&);

  // inline_policies.cpp
  PutUserPolicyResponse put_user_policy(const Context&, const PutUserPolicyRequest&);
  PutGroupPolicyResponse put_group_policy(const Context&, const PutGroupPolicyRequest&);
  PutRolePolicyResponse put_role_policy(const Context&, const PutRolePolicyRequest&);
  GetUserPolicyResponse get_user_policy(const Context&, const GetUserPolicyRequest&);
  GetGroupPolicyResponse get_group_policy(const Context&, const GetGroupPolicyRequest&);
  GetRolePolicyResponse get_role_policy(const Context&, const GetRolePolicyRequest&);
  DeleteUserPolicyResponse delete_user_policy(const Context&, const DeleteUserPolicyRequest&);
  DeleteGroupPolicyResponse delete_group_policy(const Context&, const DeleteGroupPolicyRequest&);
  DeleteRolePolicyResponse delete_role_policy(const Context&, const DeleteRolePolicyRequest&);
  ListUserPoliciesResponse list_user_policies(const Context&, const ListUserPoliciesRequest&);
  ListGroupPoliciesResponse list_group_policies(const Context&, const ListGroupPoliciesRequest&);
  ListRolePoliciesResponse list_role_policies(const Context&, const ListRolePoliciesRequest&);

  // access_keys.cpp
  CreateAccessKeyResponse create_access_key(const Context&, const CreateAccessKeyRequest&);
  UpdateAccessKeyResponse update_access_key(const Context&, const UpdateAccessKeyRequest&);
  DeleteAccessKeyResponse delete_access_key(const Context&, const DeleteAccessKeyRequest&);
  ListAccessKeysResponse list_access_keys(const Context&, const ListAccessKeysRequest&);
  GetAccessKeyLastUsedResponse get_access_key_last_used(const Context&,
                                                        const GetAccessKeyLastUsedRequest&);

  // entity_tags.cpp
  TagUserResponse tag_user(const Context&, const TagUserRequest&);
  TagRoleResponse tag_role(const Context&, const TagRoleRequest&);
  TagPolicyResponse tag_policy(const Context&, const TagPolicyRequest&);
  TagInstanceProfileResponse tag_instance_profile(const Context&, const TagInstanceProfileRequest&);
  UntagUserResponse untag_user(const Context&, const UntagUserRequest&);
  UntagRoleResponse untag_role(const Context&, const UntagRoleRequest&);
  UntagPolicyResponse untag_policy(const Context&, const UntagPolicyRequest&);
  UntagInstanceProfileResponse untag_instance_profile(const Context&,
                                                      const UntagInstanceProfileRequest&);
  ListUserTagsResponse list_user_tags(const Context&, const ListUserTagsRequest&);
  ListRoleTagsResponse list_role_tags(const Context&, const ListRoleTagsRequest&);
  ListPolicyTagsResponse list_policy_tags(const Context&, const ListPolicyTagsRequest&);
  ListInstanceProfileTagsResponse list_instance_profile_tags(const Context&,
                                                             const ListInstanceProfileTagsRequest&);

  // account.cpp
  CreateAccountAliasResponse create_account_alias(const Context&, const CreateAccountAliasRequest&);
  DeleteAccountAliasResponse delete_account_alias(const Context&, const DeleteAccountAliasRequest&);
  ListAccountAliasesResponse list_account_aliases(const Context&, const ListAccountAliasesRequest&);
  GetAccountSummaryResponse get_account_summary(const Context&, const GetAccountSummaryRequest&);
  SetSecurityTokenServicePreferencesResponse set_security_token_service_preferences(
      const Context&, const SetSecurityTokenServicePreferencesRequest&);

  EnableOutboundWebIdentityFederationResponse enable_outbound_web_identity_federation(
      const Context&, const EnableOutboundWebIdentityFederationRequest&);
  DisableOutboundWebIdentityFederationResponse disable_outbound_web_identity_federation(
      const Context&, const DisableOutboundWebIdentityFederationRequest&);
  GetOutboundWebIdentityFederationInfoResponse get_outbound_web_identity_federation_info(
      const Context&, const GetOutboundWebIdentityFederationInfoRequest&);

  // authorization_details.cpp
  GetAccountAuthorizationDetailsResponse get_account_authorization_details(
      const Context&, const GetAccountAuthorizationDetailsRequest&);

  // granting_policies.cpp
  ListPoliciesGrantingServiceAccessResponse list_policies_granting_service_access(
      const Context&, const ListPoliciesGrantingServiceAccessRequest&);

  // simulations.cpp
  runtime::Task<SimulatePrincipalPolicyResponse> simulate_principal_policy(
      const Context&, const SimulatePrincipalPolicyRequest&);
  runtime::Task<SimulateCustomPolicyResponse> simulate_custom_policy(
      const Context&, const SimulateCustomPolicyRequest&);
  runtime::Task<GetContextKeysForCustomPolicyResponse> get_context_keys_for_custom_policy(
      const Context&, const GetContextKeysForCustomPolicyRequest&);
  runtime::Task<GetContextKeysForPrincipalPolicyResponse> get_context_keys_for_principal_policy(
      const Context&, const GetContextKeysForPrincipalPolicyRequest&);

 private:
  Identities identities_;
  std::shared_ptr<KeyRing> keys_;

  /// Whose key a request without a user's name is about.
  struct KeyOwner {
    std::string name;  // empty for the root user
    std::string id;
    std::string arn;
  };
  /// Throws NoSuchEntity, and ValidationError for callers that are no users.
  KeyOwner require_key_owner(const Context& context,
                             const std::optional<std::string>& user_name) const;
  /// Throws NoSuchEntity where it is not that owner's.
  AccessKeyRecord require_key(const Context& context, const KeyOwner& owner,
                              const std::string& id) const;
  /// The name that a request without one means: the caller's. Empty for the root user.
  std::string name_of_caller(const Context& context) const;

  /// Throws AccessDenied for AWS's policies.
  void require_writable_policy(const Context& context, std::string_view operation,
                               const std::string& arn) const;

  // attachments.cpp
  /// Of a customer or of AWS, as something that a user, group or customer's role can have.
  PolicyReference require_attachable_policy(const std::string& account,
                                            const std::string& arn) const;
  void attach(const std::string& account, const Catalog::HolderName& holder,
              const std::string& arn);
  void detach(const std::string& account, const Catalog::HolderName& holder,
              const std::string& arn);
  std::vector<AttachedPolicy> attached_to(const std::string& account, const std::string& id,
                                          const std::string& path_prefix) const;
  /// What is known of those whom the holder's policies speak for is read anew.
  void forget_holder(const std::string& account, const Catalog::HolderName& holder);
  // boundaries.cpp
  /// Its ARN. Throws as require_attachable_policy does, in other words.
  std::string require_boundary(const std::string& account, const std::string& arn) const;
  void change_boundary(const std::string& account, const Catalog::HolderName& holder,
                       const std::string& before, const std::string& after);

  // inline_policies.cpp
  void put_inline(const std::string& account, const Catalog::HolderName& holder,
                  const std::string& name, const std::string& text);
  /// Throws NoSuchEntity.
  std::string require_inline(const std::string& account, const Catalog::HolderName& holder,
                             const std::string& name) const;
  void erase_inline(const std::string& account, const Catalog::HolderName& holder,
                    const std::string& name);
  // granting_policies.cpp
  /// All that speaks for the user, group or role of that ARN. Throws InvalidInput, NoSuchEntity.
  std::vector<identity::AttachedPolicy> policies_of(const std::string& account,
                                                    const std::string& arn) const;
  std::map<std::string, std::string, std::less<>> granted_services(
      const std::string& account, const std::string& arn) const override;

  // authorization.cpp
  void complete_path(std::string& arn, std::string_view account) const;
  std::optional<std::string> changed_arn(const Context& context,
                                         const protocol::Operation& operation,
                                         const void* request) const;
  std::optional<Tags> tags_of(std::string_view arn) const;
  std::optional<std::string> boundary_of(const services::Inquiry& inquiry) const;
  std::string service_of_credential(const Context& context, std::string_view user_arn,
                                    const std::string& id) const;

  // authorization_details.cpp
  void list_details(DetailsPage& page, char list,
                    GetAccountAuthorizationDetailsResponse& response) const;

  void load_keys();
  /// Stores a key, and shows it to the threads that check signatures once that is committed.
  void put_key(const std::string& account, const std::string& id, const AccessKeyRecord& key);
  void erase_key(const std::string& account, const std::string& id, const AccessKeyRecord& key);

  /// Throws DeleteConflict while the user has credentials of any kind (user_credentials.cpp).
  void require_no_credentials(std::string_view account, const UserRecord& user) const;
  void require_no_other_credentials(std::string_view account, const UserRecord& user) const;
  /// Takes a user's new name and path along to what is kept by them.
  void move_user(std::string_view account, const UserRecord& before, const UserRecord& after);
  void move_group(std::string_view account, const GroupRecord& before, const GroupRecord& after);

  /// Throws NoSuchEntity, and UnmodifiableEntity for a service-linked role.
  RoleRecord require_own_role(std::string_view account, std::string_view name) const;
  void set_trust(const Context& context, RoleRecord& role, const std::string& text);
  void remove_role(const std::string& account, const RoleRecord& role);

  /// A user, group or role of the caller's account, with its policies. Throws InvalidInput and
  /// NoSuchEntity.
  using SimulatedEntity = std::shared_ptr<const identity::Identity>;
  SimulatedEntity require_simulated(const Context& context, const std::string& arn) const;
};

}  // namespace matinee::iam
