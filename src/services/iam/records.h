// What IAM keeps of each entity. Whatever belongs to an entity is found by its id (AIDA...,
// AROA..., AGPA..., ANPA...), so that a rename touches little; only the entities themselves, and
// lists that are read in the order of names, are kept by name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "runtime/clock.h"
#include "storage/record.h"

namespace matinee::iam {

/// Keys and values in the order in which they were given first.
using Tags = std::vector<std::pair<std::string, std::string>>;

/// What has a name of its own, unique in its account without regard to case.
enum class Kind : std::uint8_t { user = 1, group = 2, role = 3, policy = 4, instance_profile = 5 };

struct UserRecord {
  std::string name;  // as given
  std::string path;  // "/" or "/a/b/"
  std::string id;    // AIDA...
  runtime::Time created;
  Tags tags;
  std::string boundary;  // a policy's ARN, or empty
  std::optional<runtime::Time> password_last_used;

  static constexpr auto fields = std::tuple{storage::field<1>(&UserRecord::name),
                                            storage::field<2>(&UserRecord::path),
                                            storage::field<3>(&UserRecord::id),
                                            storage::field<4>(&UserRecord::created),
                                            storage::field<5>(&UserRecord::tags),
                                            storage::field<6>(&UserRecord::boundary),
                                            storage::field<7>(&UserRecord::password_last_used)};
};

struct GroupRecord {
  std::string name;
  std::string path;
  std::string id;  // AGPA...
  runtime::Time created;

  static constexpr auto fields =
      std::tuple{storage::field<1>(&GroupRecord::name), storage::field<2>(&GroupRecord::path),
                 storage::field<3>(&GroupRecord::id), storage::field<4>(&GroupRecord::created)};
};

/// A user or role that a trust policy named by its ARN when it was written.
struct TrustedPrincipal {
  std::string arn;
  std::string id;

  static constexpr auto fields = std::tuple{storage::field<1>(&TrustedPrincipal::arn),
                                            storage::field<2>(&TrustedPrincipal::id)};
};

struct RoleRecord {
  std::string name;
  std::string path;
  std::string id;  // AROA...
  runtime::Time created;
  Tags tags;
  std::string boundary;
  std::string trust;  // the trust policy as given
  std::vector<TrustedPrincipal> trusted;
  std::optional<std::string> description;
  std::optional<std::int32_t> max_session_seconds;  // 3,600 where nobody has said
  std::string service;  // "ecs.amazonaws.com" of a service-linked role; else empty
  std::optional<runtime::Time> last_used;
  std::string last_used_region;

  static constexpr auto fields = std::tuple{storage::field<1>(&RoleRecord::name),
                                            storage::field<2>(&RoleRecord::path),
                                            storage::field<3>(&RoleRecord::id),
                                            storage::field<4>(&RoleRecord::created),
                                            storage::field<5>(&RoleRecord::tags),
                                            storage::field<6>(&RoleRecord::boundary),
                                            storage::field<7>(&RoleRecord::trust),
                                            storage::field<8>(&RoleRecord::trusted),
                                            storage::field<9>(&RoleRecord::description),
                                            storage::field<10>(&RoleRecord::max_session_seconds),
                                            storage::field<11>(&RoleRecord::service),
                                            storage::field<12>(&RoleRecord::last_used),
                                            storage::field<13>(&RoleRecord::last_used_region)};
};

/// A managed policy of a customer.
struct PolicyRecord {
  std::string name;
  std::string path;
  std::string id;  // ANPA...
  runtime::Time created;
  Tags tags;
  runtime::Time updated;
  std::uint32_t default_version = 1;
  std::uint32_t latest_version = 1;  // numbers are not used again
  std::optional<std::string> description;

  static constexpr auto fields = std::tuple{storage::field<1>(&PolicyRecord::name),
                                            storage::field<2>(&PolicyRecord::path),
                                            storage::field<3>(&PolicyRecord::id),
                                            storage::field<4>(&PolicyRecord::created),
                                            storage::field<5>(&PolicyRecord::tags),
                                            storage::field<6>(&PolicyRecord::updated),
                                            storage::field<7>(&PolicyRecord::default_version),
                                            storage::field<8>(&PolicyRecord::latest_version),
                                            storage::field<9>(&PolicyRecord::description)};
};

struct PolicyVersionRecord {
  std::string text;  // as given
  runtime::Time created;

  static constexpr auto fields = std::tuple{storage::field<1>(&PolicyVersionRecord::text),
                                            storage::field<2>(&PolicyVersionRecord::created)};
};

struct InstanceProfileRecord {
  std::string name;
  std::string path;
  std::string id;  // AIPA...
  runtime::Time created;
  Tags tags;
  std::string role;  // the name of the one role in it; empty without

  static constexpr auto fields = std::tuple{storage::field<1>(&InstanceProfileRecord::name),
                                            storage::field<2>(&InstanceProfileRecord::path),
                                            storage::field<3>(&InstanceProfileRecord::id),
                                            storage::field<4>(&InstanceProfileRecord::created),
                                            storage::field<5>(&InstanceProfileRecord::tags),
                                            storage::field<6>(&InstanceProfileRecord::role)};
};

struct AccessKeyRecord {
  std::string secret;    // 40 characters
  std::string user_id;   // AIDA..., or the account's number for keys of its root user
  std::string user_arn;  // follows the user's renames
  runtime::Time created;
  bool active = true;
  std::optional<runtime::Time> last_used;
  std::string last_service;  // "s3"
  std::string last_region;

  static constexpr auto fields = std::tuple{storage::field<1>(&AccessKeyRecord::secret),
                                            storage::field<2>(&AccessKeyRecord::user_id),
                                            storage::field<3>(&AccessKeyRecord::user_arn),
                                            storage::field<4>(&AccessKeyRecord::created),
                                            storage::field<5>(&AccessKeyRecord::active),
                                            storage::field<6>(&AccessKeyRecord::last_used),
                                            storage::field<7>(&AccessKeyRecord::last_service),
                                            storage::field<8>(&AccessKeyRecord::last_region)};
};

/// Which entity an id belongs to.
struct EntityReference {
  Kind kind = Kind::user;
  std::string name;  // as given

  static constexpr auto fields = std::tuple{storage::field<1>(&EntityReference::kind),
                                            storage::field<2>(&EntityReference::name)};
};

/// How often a managed policy is used in an account.
struct PolicyUsage {
  std::uint32_t attachments = 0;
  std::uint32_t boundaries = 0;

  static constexpr auto fields = std::tuple{storage::field<1>(&PolicyUsage::attachments),
                                            storage::field<2>(&PolicyUsage::boundaries)};
};

struct AccountRecord {
  std::string alias;                     // empty without
  std::optional<runtime::Time> created;  // when IAM was asked for its root user first
  std::int32_t token_version = 1;        // of SetSecurityTokenServicePreferences
  std::string issuer;                    // of tokens for other clouds; kept once it was made
  bool issues_tokens = false;            // whether that is enabled

  static constexpr auto fields = std::tuple{
      storage::field<1>(&AccountRecord::alias), storage::field<2>(&AccountRecord::created),
      storage::field<3>(&AccountRecord::token_version), storage::field<4>(&AccountRecord::issuer),
      storage::field<5>(&AccountRecord::issues_tokens)};
};

/// The deletion of a service-linked role.
struct DeletionTaskRecord {
  runtime::Time ended;

  static constexpr auto fields = std::tuple{storage::field<1>(&DeletionTaskRecord::ended)};
};

}  // namespace matinee::iam
