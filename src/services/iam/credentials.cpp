#include "services/iam/credentials.h"

namespace matinee::iam {

CredentialTables::CredentialTables(storage::Store& store)
    : login_profiles(store, storage::TableId{0x0430}),
      password_policies(store, storage::TableId{0x0431}),
      mfa_devices(store, storage::TableId{0x0432}),
      mfa_of_users(store, storage::TableId{0x0433}),
      saml_providers(store, storage::TableId{0x0434}),
      open_id_providers(store, storage::TableId{0x0435}),
      server_certificates(store, storage::TableId{0x0436}),
      signing_certificates(store, storage::TableId{0x0437}),
      ssh_keys(store, storage::TableId{0x0438}),
      service_credentials(store, storage::TableId{0x0439}),
      reports(store, storage::TableId{0x043A}),
      last_accessed_jobs(store, storage::TableId{0x043B}),
      properties(store, storage::TableId{0x043C}) {}

Credentials::Credentials(const protocol::ServiceModel& service_model, storage::Store& store,
                         runtime::Runtime& runtime)
    : ServiceBase(service_model),
      store_(store),
      runtime_(runtime),
      catalog_(store),
      credentials_(store) {}

void Credentials::reset(const services::ResetScope& scope) {
  const auto clear = [&](auto&... table) {
    (table.erase_range(scope.account ? table.prefix(*scope.account) : table.all()), ...);
  };
  CredentialTables& all = credentials_;
  clear(all.login_profiles, all.password_policies, all.mfa_devices, all.mfa_of_users,
        all.saml_providers, all.open_id_providers, all.server_certificates,
        all.signing_certificates, all.ssh_keys, all.service_credentials, all.reports,
        all.last_accessed_jobs, all.properties);
}

runtime::Time Credentials::now() const {
  return std::chrono::floor<std::chrono::seconds>(runtime_.clock.now());
}

Credentials::Holder Credentials::require_holder(const Context& context,
                                                const std::optional<std::string>& name) const {
  using services::PrincipalKind;
  if (!name && context.principal == PrincipalKind::root) return {{}, context.account};
  if (!name && context.principal != PrincipalKind::user)
    throw ValidationError("Must specify userName when calling with non-User credentials");
  const UserRecord user =
      catalog_.require_user(context.account, name ? *name : std::string(context.user_name()));
  return {user.name, user.id};
}

void Credentials::require_no_named_credentials(const std::string& account,
                                               const std::string& user_id) const {
  if (credentials_.login_profiles.contains({account, user_id}))
    throw DeleteConflictException("Cannot delete entity, must delete login profile first.");
  if (!credentials_.mfa_of_users.is_empty(credentials_.mfa_of_users.prefix(account, user_id)))
    throw DeleteConflictException("Cannot delete entity, must delete MFA device first.");
  if (!credentials_.signing_certificates.is_empty(
          credentials_.signing_certificates.prefix(account, user_id)))
    throw DeleteConflictException("Cannot delete entity, must delete signing certificates first.");
}

void Credentials::require_no_unnamed_credentials(const std::string& account,
                                                 const std::string& user_id) const {
  const bool none =
      credentials_.ssh_keys.is_empty(credentials_.ssh_keys.prefix(account, user_id)) &&
      credentials_.service_credentials.is_empty(
          credentials_.service_credentials.prefix(account, user_id));
  if (!none)
    throw DeleteConflictException("Cannot delete entity, must remove referenced objects first.");
}

}  // namespace matinee::iam
