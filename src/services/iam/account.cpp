// The account as a whole: its alias, and how much of everything it has and may have.
#include <fmt/format.h>

#include "services/iam/limits.h"
#include "services/iam/paging.h"
#include "services/iam/service.h"

namespace matinee::iam {

namespace {

/// What the model's pattern says, which looks ahead: ours do not.
bool is_alias(std::string_view text) {
  return text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") ==
             std::string_view::npos &&
         !text.starts_with('-') && !text.ends_with('-') && !text.contains("--");
}

}  // namespace

/// An account has one alias, and an alias one account. A new one takes the place of the account's
/// old one.
CreateAccountAliasResponse Service::create_account_alias(const Context& context,
                                                         const CreateAccountAliasRequest& request) {
  const std::string& alias = request.account_alias;
  if (!is_alias(alias))
    throw ValidationError(fmt::format(
        "1 validation error detected: Value '{}' at 'accountAlias' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: "
        "^[a-z0-9]([a-z0-9]|-(?!-)){{1,61}}[a-z0-9]$",
        alias));
  const auto holder = catalog_.aliases.find(alias);
  if (holder == context.account) return {};
  if (holder)
    throw EntityAlreadyExistsException(fmt::format("The account alias {} already exists.", alias));
  AccountRecord account = catalog_.accounts.find(context.account).value_or(AccountRecord{});
  if (!account.alias.empty()) catalog_.aliases.erase(account.alias);
  account.alias = alias;
  catalog_.accounts.put(context.account, account);
  catalog_.aliases.put(alias, context.account);
  return {};
}

DeleteAccountAliasResponse Service::delete_account_alias(const Context& context,
                                                         const DeleteAccountAliasRequest& request) {
  std::optional<AccountRecord> account = catalog_.accounts.find(context.account);
  if (!account || account->alias != request.account_alias)
    throw NoSuchEntityException(
        fmt::format("The account alias {} cannot be found.", request.account_alias));
  catalog_.aliases.erase(account->alias);
  account->alias.clear();
  catalog_.accounts.put(context.account, *account);
  return {};
}

ListAccountAliasesResponse Service::list_account_aliases(const Context& context,
                                                         const ListAccountAliasesRequest& request) {
  ListAccountAliasesResponse response;
  const auto account = catalog_.accounts.find(context.account);
  if (account && !account->alias.empty()) response.account_aliases.push_back(account->alias);
  cut_page(response.account_aliases, request).tell(response);
  return response;
}

GetAccountSummaryResponse Service::get_account_summary(const Context& context,
                                                       const GetAccountSummaryRequest&) {
  const auto count = [&](Counter counter) {
    return static_cast<std::int32_t>(catalog_.count(context.account, counter));
  };
  const auto most = [](const Quota& quota) { return static_cast<std::int32_t>(quota.most); };
  const auto account = catalog_.accounts.find(context.account);
  const bool has_root_keys = !catalog_.keys_of_users.is_empty(
      catalog_.keys_of_users.prefix(context.account, context.account));
  constexpr std::int32_t versions_in_use_quota = 10'000;
  constexpr std::int32_t certificates_quota = 20;
  constexpr std::int32_t keys_quota = 2;
  return {.summary_map = {{
              {"AccessKeysPerUserQuota", most(keys_per_user)},
              {"AccountAccessKeysPresent", has_root_keys ? 1 : 0},
              {"AccountMFAEnabled", 0},
              {"AccountPasswordPresent", 1},
              {"AccountSigningCertificatesPresent", 0},
              {"AssumeRolePolicySizeQuota", most(trust_size)},
              {"AttachedPoliciesPerGroupQuota", most(policies_per_group)},
              {"AttachedPoliciesPerRoleQuota", most(policies_per_role)},
              {"AttachedPoliciesPerUserQuota", most(policies_per_user)},
              {"GlobalEndpointTokenVersion", account ? account->token_version : 1},
              {"GroupPolicySizeQuota", static_cast<std::int32_t>(inline_size_of_group)},
              {"Groups", count(Counter::groups)},
              {"GroupsPerUserQuota", most(groups_per_user)},
              {"GroupsQuota", most(groups_per_account)},
              {"InstanceProfiles", count(Counter::instance_profiles)},
              {"InstanceProfilesQuota", most(profiles_per_account)},
              {"MFADevices", count(Counter::mfa_devices)},
              {"MFADevicesInUse", count(Counter::mfa_devices_in_use)},
              {"Policies", count(Counter::policies)},
              {"PoliciesQuota", most(policies_per_account)},
              {"PolicySizeQuota", most(policy_size)},
              {"PolicyVersionsInUse", count(Counter::policy_versions)},
              {"PolicyVersionsInUseQuota", versions_in_use_quota},
              {"Providers", count(Counter::providers)},
              {"RolePolicySizeQuota", static_cast<std::int32_t>(inline_size_of_role)},
              {"Roles", count(Counter::roles)},
              {"RolesQuota", most(roles_per_account)},
              {"ServerCertificates", count(Counter::server_certificates)},
              {"ServerCertificatesQuota", certificates_quota},
              {"SigningCertificatesPerUserQuota", keys_quota},
              {"UserPolicySizeQuota", static_cast<std::int32_t>(inline_size_of_user)},
              {"Users", count(Counter::users)},
              {"UsersQuota", most(users_per_account)},
              {"VersionsPerPolicyQuota", static_cast<std::int32_t>(versions_per_policy)},
          }}};
}

SetSecurityTokenServicePreferencesResponse Service::set_security_token_service_preferences(
    const Context& context, const SetSecurityTokenServicePreferencesRequest& request) {
  AccountRecord account = catalog_.accounts.find(context.account).value_or(AccountRecord{});
  account.token_version = request.global_endpoint_token_version == "v2Token" ? 2 : 1;
  catalog_.accounts.put(context.account, account);
  return {};
}

/// The issuer stays the same when the feature is enabled again.
EnableOutboundWebIdentityFederationResponse Service::enable_outbound_web_identity_federation(
    const Context& context, const EnableOutboundWebIdentityFederationRequest&) {
  AccountRecord account = catalog_.accounts.find(context.account).value_or(AccountRecord{});
  if (account.issues_tokens)
    throw FeatureEnabledException(
        "Outbound web identity federation is already enabled for this account.");
  account.issues_tokens = true;
  if (account.issuer.empty())
    account.issuer = fmt::format("https://{}.tokens.sts.global.api.aws", runtime_.random.uuid());
  catalog_.accounts.put(context.account, account);
  return {.issuer_identifier = account.issuer};
}

DisableOutboundWebIdentityFederationResponse Service::disable_outbound_web_identity_federation(
    const Context& context, const DisableOutboundWebIdentityFederationRequest&) {
  AccountRecord account = catalog_.accounts.find(context.account).value_or(AccountRecord{});
  if (!account.issues_tokens)
    throw FeatureDisabledException(
        "Outbound web identity federation is already disabled for this account.");
  account.issues_tokens = false;
  catalog_.accounts.put(context.account, account);
  return {};
}

GetOutboundWebIdentityFederationInfoResponse Service::get_outbound_web_identity_federation_info(
    const Context& context, const GetOutboundWebIdentityFederationInfoRequest&) {
  const AccountRecord account = catalog_.accounts.find(context.account).value_or(AccountRecord{});
  if (!account.issues_tokens)
    throw FeatureDisabledException(
        "Outbound web identity federation is disabled for this account.");
  return {.issuer_identifier = account.issuer, .jwt_vending_enabled = true};
}

}  // namespace matinee::iam
