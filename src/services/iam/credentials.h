// The part of IAM that is about proving who somebody is, beside access keys: passwords, devices for
// a second factor, certificates, SSH keys, credentials of single services, the providers of
// identities from elsewhere, and the reports about all of these.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "iam/errors.h"
#include "iam/shapes.h"
#include "identity/activity.h"
#include "runtime/runtime.h"
#include "services/endpoint.h"
#include "services/iam/catalog.h"
#include "services/iam/credential_records.h"
#include "services/identity_providers.h"
#include "storage/store.h"

namespace matinee::iam {

using services::Context;

/// The tables, by the ids that are theirs for ever.
struct CredentialTables {
  explicit CredentialTables(storage::Store& store);

  /// (account, user id)
  storage::Table<ByName, LoginProfileRecord> login_profiles;
  storage::Table<std::string, PasswordPolicyRecord> password_policies;
  /// (account, serial number)
  storage::Table<ByName, MfaDeviceRecord> mfa_devices;
  /// (account, owner, serial number) -> when it was enabled
  storage::Table<ById, runtime::Time> mfa_of_users;
  /// (account, name)
  storage::Table<ByName, SamlProviderRecord> saml_providers;
  /// (account, URL without its scheme)
  storage::Table<ByName, OpenIdProviderRecord> open_id_providers;
  /// (account, folded name)
  storage::Table<ByName, ServerCertificateRecord> server_certificates;
  /// (account, user id, id of the certificate, key or credential)
  storage::Table<ById, SigningCertificateRecord> signing_certificates;
  storage::Table<ById, SshKeyRecord> ssh_keys;
  storage::Table<ById, ServiceCredentialRecord> service_credentials;
  storage::Table<std::string, CredentialReportRecord> reports;
  /// (account, job id)
  storage::Table<ByName, LastAccessedJobRecord> last_accessed_jobs;
  storage::Table<std::string, AccountPropertiesRecord> properties;
};

class Credentials : public services::ServiceBase,
                    public services::IdentityProviders,
                    public services::SecondFactors {
 public:
  Credentials(const protocol::ServiceModel& service_model, storage::Store& store,
              runtime::Runtime& runtime);

  void reset(const services::ResetScope& scope) override;

  /// What last-accessed data are read from, and removed from with their user or role; without it
  /// nobody has accessed anything. Must outlive the service.
  void use_activity(identity::Activity& activity) { activity_ = &activity; }

  std::optional<services::OpenIdProvider> find_open_id_provider(
      std::string_view account, std::string_view issuer) const override;
  std::optional<services::SamlProvider> find_saml_provider(std::string_view arn) const override;
  Verdict check_code(std::string_view account, std::string_view user_name,
                     std::string_view serial_number, std::string_view code) override;

  // passwords.cpp
  CreateLoginProfileResponse create_login_profile(const Context&, const CreateLoginProfileRequest&);
  GetLoginProfileResponse get_login_profile(const Context&, const GetLoginProfileRequest&);
  UpdateLoginProfileResponse update_login_profile(const Context&, const UpdateLoginProfileRequest&);
  DeleteLoginProfileResponse delete_login_profile(const Context&, const DeleteLoginProfileRequest&);
  ChangePasswordResponse change_password(const Context&, const ChangePasswordRequest&);
  UpdateAccountPasswordPolicyResponse update_account_password_policy(
      const Context&, const UpdateAccountPasswordPolicyRequest&);
  GetAccountPasswordPolicyResponse get_account_password_policy(
      const Context&, const GetAccountPasswordPolicyRequest&);
  DeleteAccountPasswordPolicyResponse delete_account_password_policy(
      const Context&, const DeleteAccountPasswordPolicyRequest&);

  // mfa_devices.cpp
  CreateVirtualMFADeviceResponse create_virtual_mfa_device(const Context&,
                                                           const CreateVirtualMFADeviceRequest&);
  EnableMFADeviceResponse enable_mfa_device(const Context&, const EnableMFADeviceRequest&);
  ResyncMFADeviceResponse resync_mfa_device(const Context&, const ResyncMFADeviceRequest&);
  DeactivateMFADeviceResponse deactivate_mfa_device(const Context&,
                                                    const DeactivateMFADeviceRequest&);
  DeleteVirtualMFADeviceResponse delete_virtual_mfa_device(const Context&,
                                                           const DeleteVirtualMFADeviceRequest&);
  GetMFADeviceResponse get_mfa_device(const Context&, const GetMFADeviceRequest&);
  ListMFADevicesResponse list_mfa_devices(const Context&, const ListMFADevicesRequest&);
  ListVirtualMFADevicesResponse list_virtual_mfa_devices(const Context&,
                                                         const ListVirtualMFADevicesRequest&);
  TagMFADeviceResponse tag_mfa_device(const Context&, const TagMFADeviceRequest&);
  UntagMFADeviceResponse untag_mfa_device(const Context&, const UntagMFADeviceRequest&);
  ListMFADeviceTagsResponse list_mfa_device_tags(const Context&, const ListMFADeviceTagsRequest&);

  // saml_providers.cpp
  CreateSAMLProviderResponse create_saml_provider(const Context&, const CreateSAMLProviderRequest&);
  GetSAMLProviderResponse get_saml_provider(const Context&, const GetSAMLProviderRequest&);
  UpdateSAMLProviderResponse update_saml_provider(const Context&, const UpdateSAMLProviderRequest&);
  DeleteSAMLProviderResponse delete_saml_provider(const Context&, const DeleteSAMLProviderRequest&);
  ListSAMLProvidersResponse list_saml_providers(const Context&, const ListSAMLProvidersRequest&);
  TagSAMLProviderResponse tag_saml_provider(const Context&, const TagSAMLProviderRequest&);
  UntagSAMLProviderResponse untag_saml_provider(const Context&, const UntagSAMLProviderRequest&);
  ListSAMLProviderTagsResponse list_saml_provider_tags(const Context&,
                                                       const ListSAMLProviderTagsRequest&);

  // open_id_providers.cpp
  CreateOpenIDConnectProviderResponse create_open_id_connect_provider(
      const Context&, const CreateOpenIDConnectProviderRequest&);
  GetOpenIDConnectProviderResponse get_open_id_connect_provider(
      const Context&, const GetOpenIDConnectProviderRequest&);
  ListOpenIDConnectProvidersResponse list_open_id_connect_providers(
      const Context&, const ListOpenIDConnectProvidersRequest&);
  AddClientIDToOpenIDConnectProviderResponse add_client_id_to_open_id_connect_provider(
      const Context&, const AddClientIDToOpenIDConnectProviderRequest&);
  RemoveClientIDFromOpenIDConnectProviderResponse remove_client_id_from_open_id_connect_provider(
      const Context&, const RemoveClientIDFromOpenIDConnectProviderRequest&);
  UpdateOpenIDConnectProviderThumbprintResponse update_open_id_connect_provider_thumbprint(
      const Context&, const UpdateOpenIDConnectProviderThumbprintRequest&);
  DeleteOpenIDConnectProviderResponse delete_open_id_connect_provider(
      const Context&, const DeleteOpenIDConnectProviderRequest&);
  TagOpenIDConnectProviderResponse tag_open_id_connect_provider(
      const Context&, const TagOpenIDConnectProviderRequest&);
  UntagOpenIDConnectProviderResponse untag_open_id_connect_provider(
      const Context&, const UntagOpenIDConnectProviderRequest&);
  ListOpenIDConnectProviderTagsResponse list_open_id_connect_provider_tags(
      const Context&, const ListOpenIDConnectProviderTagsRequest&);

  // server_certificates.cpp
  UploadServerCertificateResponse upload_server_certificate(const Context&,
                                                            const UploadServerCertificateRequest&);
  GetServerCertificateResponse get_server_certificate(const Context&,
                                                      const GetServerCertificateRequest&);
  UpdateServerCertificateResponse update_server_certificate(const Context&,
                                                            const UpdateServerCertificateRequest&);
  DeleteServerCertificateResponse delete_server_certificate(const Context&,
                                                            const DeleteServerCertificateRequest&);
  ListServerCertificatesResponse list_server_certificates(const Context&,
                                                          const ListServerCertificatesRequest&);
  TagServerCertificateResponse tag_server_certificate(const Context&,
                                                      const TagServerCertificateRequest&);
  UntagServerCertificateResponse untag_server_certificate(const Context&,
                                                          const UntagServerCertificateRequest&);
  ListServerCertificateTagsResponse list_server_certificate_tags(
      const Context&, const ListServerCertificateTagsRequest&);

  // signing_certificates.cpp
  UploadSigningCertificateResponse upload_signing_certificate(
      const Context&, const UploadSigningCertificateRequest&);
  UpdateSigningCertificateResponse update_signing_certificate(
      const Context&, const UpdateSigningCertificateRequest&);
  DeleteSigningCertificateResponse delete_signing_certificate(
      const Context&, const DeleteSigningCertificateRequest&);
  ListSigningCertificatesResponse list_signing_certificates(const Context&,
                                                            const ListSigningCertificatesRequest&);

  // ssh_public_keys.cpp
  UploadSSHPublicKeyResponse upload_ssh_public_key(const Context&,
                                                   const UploadSSHPublicKeyRequest&);
  GetSSHPublicKeyResponse get_ssh_public_key(const Context&, const GetSSHPublicKeyRequest&);
  UpdateSSHPublicKeyResponse update_ssh_public_key(const Context&,
                                                   const UpdateSSHPublicKeyRequest&);
  DeleteSSHPublicKeyResponse delete_ssh_public_key(const Context&,
                                                   const DeleteSSHPublicKeyRequest&);
  ListSSHPublicKeysResponse list_ssh_public_keys(const Context&, const ListSSHPublicKeysRequest&);

  // service_credentials.cpp
  CreateServiceSpecificCredentialResponse create_service_specific_credential(
      const Context&, const CreateServiceSpecificCredentialRequest&);
  ListServiceSpecificCredentialsResponse list_service_specific_credentials(
      const Context&, const ListServiceSpecificCredentialsRequest&);
  UpdateServiceSpecificCredentialResponse update_service_specific_credential(
      const Context&, const UpdateServiceSpecificCredentialRequest&);
  ResetServiceSpecificCredentialResponse reset_service_specific_credential(
      const Context&, const ResetServiceSpecificCredentialRequest&);
  DeleteServiceSpecificCredentialResponse delete_service_specific_credential(
      const Context&, const DeleteServiceSpecificCredentialRequest&);

  // credential_report.cpp
  GenerateCredentialReportResponse generate_credential_report(
      const Context&, const GenerateCredentialReportRequest&);
  GetCredentialReportResponse get_credential_report(const Context&,
                                                    const GetCredentialReportRequest&);

  // last_accessed.cpp
  GenerateServiceLastAccessedDetailsResponse generate_service_last_accessed_details(
      const Context&, const GenerateServiceLastAccessedDetailsRequest&);
  GetServiceLastAccessedDetailsResponse get_service_last_accessed_details(
      const Context&, const GetServiceLastAccessedDetailsRequest&);
  GetServiceLastAccessedDetailsWithEntitiesResponse get_service_last_accessed_details_with_entities(
      const Context&, const GetServiceLastAccessedDetailsWithEntitiesRequest&);

  // account_properties.cpp
  GetAccountPropertiesResponse get_account_properties(const Context&,
                                                      const GetAccountPropertiesRequest&);
  PutAccountPropertiesResponse put_account_properties(const Context&,
                                                      const PutAccountPropertiesRequest&);

 protected:
  storage::Store& store_;
  runtime::Runtime& runtime_;
  Catalog catalog_;
  CredentialTables credentials_;

  /// This moment, in whole seconds, as clients are told it.
  runtime::Time now() const;

  /// Whose credentials a request is about that may leave out the user's name.
  struct Holder {
    std::string name;  // empty for the root user
    std::string id;    // AIDA..., or the account's number
  };
  /// Throws NoSuchEntity, and ValidationError for callers that are no users.
  Holder require_holder(const Context& context, const std::optional<std::string>& name) const;

  /// Throw DeleteConflict while the user has credentials of these kinds: those that AWS names, in
  /// the order in which it asks for them, and those that it does not.
  void require_no_named_credentials(const std::string& account, const std::string& user_id) const;
  void require_no_unnamed_credentials(const std::string& account, const std::string& user_id) const;

  /// What has been noted of calls with that key, or of that user or role.
  std::optional<identity::LastUse> last_use_of_key(const std::string& key) const {
    return activity_ ? activity_->last_use_of_key(key) : std::nullopt;
  }
  std::optional<identity::LastUse> last_use_of(const std::string& arn) const {
    return activity_ ? activity_->last_use_of(arn) : std::nullopt;
  }
  /// Of a user or role that is deleted: another of the same name has done nothing.
  void forget_uses_of(const std::string& arn) {
    if (activity_) activity_->forget(arn);
  }

  /// The services that policies of a user, role or group, or a policy, allow something of: the name
  /// of each by what policies call it. Empty for who is not there.
  virtual std::map<std::string, std::string, std::less<>> granted_services(
      const std::string& account, const std::string& arn) const = 0;

 private:
  identity::Activity* activity_ = nullptr;

  // passwords.cpp
  LoginProfileRecord require_login_profile(const std::string& account, const Holder& user) const;
  HashedPassword hash(const std::string& password);
  void require_good_password(const std::string& account, const std::string& password,
                             const LoginProfileRecord* profile) const;
  void set_password(const std::string& account, LoginProfileRecord& profile,
                    const std::string& password);

  MfaDeviceRecord require_device(const Context& context, const std::string& serial) const;
  VirtualMFADevice show_device(const std::string& account, const std::string& serial,
                               const MfaDeviceRecord& device) const;

  SamlProviderRecord require_saml_provider(const Context& context, const std::string& arn) const;
  OpenIdProviderRecord require_open_id_provider(const Context& context,
                                                const std::string& arn) const;
  ServerCertificateRecord require_server_certificate(const Context& context,
                                                     const std::string& name) const;
  SigningCertificateRecord require_signing_certificate(const Context& context, const Holder& user,
                                                       const std::string& id) const;
  SshKeyRecord require_ssh_key(const Context& context, const Holder& user,
                               const std::string& id) const;
  /// Of the user, or, without a name, whosever it is: then `user` is set.
  ServiceCredentialRecord require_service_credential(const Context& context,
                                                     const std::optional<std::string>& name,
                                                     const std::string& id, Holder& user) const;

  std::string write_report(const std::string& account) const;
  LastAccessedJobRecord require_job(const Context& context, const std::string& id) const;
  /// The users and roles whose calls a job is about.
  std::vector<std::string> callers_of(const std::string& account, const std::string& arn) const;
};

}  // namespace matinee::iam
