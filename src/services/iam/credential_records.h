// What IAM keeps of the credentials of users, beside access keys, and of those who vouch for people
// from elsewhere.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "runtime/clock.h"
#include "services/iam/records.h"
#include "storage/record.h"

namespace matinee::iam {

/// A password that cannot be read back.
struct HashedPassword {
  std::string salt;
  std::string hash;

  static constexpr auto fields = std::tuple{storage::field<1>(&HashedPassword::salt),
                                            storage::field<2>(&HashedPassword::hash)};
};

struct LoginProfileRecord {
  runtime::Time created;
  runtime::Time changed;  // the password
  bool reset_required = false;
  HashedPassword password;
  std::vector<HashedPassword> earlier;  // the last first

  static constexpr auto fields = std::tuple{storage::field<1>(&LoginProfileRecord::created),
                                            storage::field<2>(&LoginProfileRecord::changed),
                                            storage::field<3>(&LoginProfileRecord::reset_required),
                                            storage::field<4>(&LoginProfileRecord::password),
                                            storage::field<5>(&LoginProfileRecord::earlier)};
};

/// What passwords of an account have to be like.
struct PasswordPolicyRecord {
  std::int32_t least_length = 6;
  bool symbols = false;
  bool numbers = false;
  bool upper_case = false;
  bool lower_case = false;
  bool users_may_change = false;
  std::optional<std::int32_t> most_days;
  std::optional<std::int32_t> not_among_last;
  std::optional<bool> hard_expiry;

  static constexpr auto fields =
      std::tuple{storage::field<1>(&PasswordPolicyRecord::least_length),
                 storage::field<2>(&PasswordPolicyRecord::symbols),
                 storage::field<3>(&PasswordPolicyRecord::numbers),
                 storage::field<4>(&PasswordPolicyRecord::upper_case),
                 storage::field<5>(&PasswordPolicyRecord::lower_case),
                 storage::field<6>(&PasswordPolicyRecord::users_may_change),
                 storage::field<7>(&PasswordPolicyRecord::most_days),
                 storage::field<8>(&PasswordPolicyRecord::not_among_last),
                 storage::field<9>(&PasswordPolicyRecord::hard_expiry)};
};

/// A virtual device that shows codes.
struct MfaDeviceRecord {
  std::string name;
  std::string path;
  std::string seed;  // bytes
  Tags tags;
  /// Whose it is: AIDA..., or the account's number for the root user. Empty while unassigned.
  std::string owner;
  std::optional<runtime::Time> enabled;
  std::int64_t last_step = 0;  // of the last code that was accepted

  static constexpr auto fields = std::tuple{
      storage::field<1>(&MfaDeviceRecord::name),     storage::field<2>(&MfaDeviceRecord::path),
      storage::field<3>(&MfaDeviceRecord::seed),     storage::field<4>(&MfaDeviceRecord::tags),
      storage::field<5>(&MfaDeviceRecord::owner),    storage::field<6>(&MfaDeviceRecord::enabled),
      storage::field<7>(&MfaDeviceRecord::last_step)};
};

struct SamlKeyRecord {
  std::string id;
  std::string key;  // PEM
  runtime::Time added;

  static constexpr auto fields =
      std::tuple{storage::field<1>(&SamlKeyRecord::id), storage::field<2>(&SamlKeyRecord::key),
                 storage::field<3>(&SamlKeyRecord::added)};
};

struct SamlProviderRecord {
  std::string name;
  std::string metadata;  // as given
  std::string entity_id;
  std::optional<runtime::Time> valid_until;
  runtime::Time created;
  Tags tags;
  std::string uuid;
  std::string encryption;  // "Required", "Allowed"; empty without
  std::vector<SamlKeyRecord> keys;

  static constexpr auto fields = std::tuple{storage::field<1>(&SamlProviderRecord::name),
                                            storage::field<2>(&SamlProviderRecord::metadata),
                                            storage::field<3>(&SamlProviderRecord::entity_id),
                                            storage::field<4>(&SamlProviderRecord::valid_until),
                                            storage::field<5>(&SamlProviderRecord::created),
                                            storage::field<6>(&SamlProviderRecord::tags),
                                            storage::field<7>(&SamlProviderRecord::uuid),
                                            storage::field<8>(&SamlProviderRecord::encryption),
                                            storage::field<9>(&SamlProviderRecord::keys)};
};

struct OpenIdProviderRecord {
  std::string url;  // without "https://"
  std::vector<std::string> client_ids;
  std::vector<std::string> thumbprints;
  runtime::Time created;
  Tags tags;

  static constexpr auto fields = std::tuple{storage::field<1>(&OpenIdProviderRecord::url),
                                            storage::field<2>(&OpenIdProviderRecord::client_ids),
                                            storage::field<3>(&OpenIdProviderRecord::thumbprints),
                                            storage::field<4>(&OpenIdProviderRecord::created),
                                            storage::field<5>(&OpenIdProviderRecord::tags)};
};

struct ServerCertificateRecord {
  std::string name;
  std::string path;
  std::string id;  // ASCA...
  std::string body;
  std::string chain;  // empty without
  std::string key;
  runtime::Time uploaded;
  runtime::Time expires;
  Tags tags;

  static constexpr auto fields = std::tuple{storage::field<1>(&ServerCertificateRecord::name),
                                            storage::field<2>(&ServerCertificateRecord::path),
                                            storage::field<3>(&ServerCertificateRecord::id),
                                            storage::field<4>(&ServerCertificateRecord::body),
                                            storage::field<5>(&ServerCertificateRecord::chain),
                                            storage::field<6>(&ServerCertificateRecord::key),
                                            storage::field<7>(&ServerCertificateRecord::uploaded),
                                            storage::field<8>(&ServerCertificateRecord::expires),
                                            storage::field<9>(&ServerCertificateRecord::tags)};
};

struct SigningCertificateRecord {
  std::string body;
  bool active = true;
  runtime::Time uploaded;

  static constexpr auto fields = std::tuple{storage::field<1>(&SigningCertificateRecord::body),
                                            storage::field<2>(&SigningCertificateRecord::active),
                                            storage::field<3>(&SigningCertificateRecord::uploaded)};
};

struct SshKeyRecord {
  std::string body;         // "ssh-rsa AAAA..."
  std::string fingerprint;  // "ab:cd:..."
  bool active = true;
  runtime::Time uploaded;

  static constexpr auto fields = std::tuple{
      storage::field<1>(&SshKeyRecord::body), storage::field<2>(&SshKeyRecord::fingerprint),
      storage::field<3>(&SshKeyRecord::active), storage::field<4>(&SshKeyRecord::uploaded)};
};

struct ServiceCredentialRecord {
  std::string service;  // "codecommit.amazonaws.com"
  std::string service_user;
  std::string password;
  bool active = true;
  runtime::Time created;
  std::optional<runtime::Time> expires;

  static constexpr auto fields =
      std::tuple{storage::field<1>(&ServiceCredentialRecord::service),
                 storage::field<2>(&ServiceCredentialRecord::service_user),
                 storage::field<3>(&ServiceCredentialRecord::password),
                 storage::field<4>(&ServiceCredentialRecord::active),
                 storage::field<5>(&ServiceCredentialRecord::created),
                 storage::field<6>(&ServiceCredentialRecord::expires)};
};

struct CredentialReportRecord {
  std::string text;  // CSV
  runtime::Time generated;

  static constexpr auto fields = std::tuple{storage::field<1>(&CredentialReportRecord::text),
                                            storage::field<2>(&CredentialReportRecord::generated)};
};

/// A question for what somebody has called last.
struct LastAccessedJobRecord {
  std::string arn;
  bool by_action = false;
  runtime::Time created;

  static constexpr auto fields = std::tuple{storage::field<1>(&LastAccessedJobRecord::arn),
                                            storage::field<2>(&LastAccessedJobRecord::by_action),
                                            storage::field<3>(&LastAccessedJobRecord::created)};
};

struct AccountPropertiesRecord {
  std::map<std::string, std::string> properties;

  static constexpr auto fields =
      std::tuple{storage::field<1>(&AccountPropertiesRecord::properties)};
};

}  // namespace matinee::iam
