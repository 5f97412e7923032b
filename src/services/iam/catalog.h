// All that IAM keeps, by account: tables, how entities are found in them, and how many there are.
// Every operation works on these, inside of its transaction.
//
// find_x gives nothing where there is no such entity, require_x throws NoSuchEntity in AWS's words.
// Names have no case in either.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "services/iam/names.h"
#include "services/iam/records.h"
#include "services/reset.h"
#include "storage/table.h"

namespace matinee::iam {

/// What is counted in an account. Numbers are stored: do not reuse them. From 32: of credentials.
enum class Counter : std::uint8_t {
  users = 1,
  groups = 2,
  roles = 3,
  policies = 4,
  policy_versions = 5,
  instance_profiles = 6,
  server_certificates = 32,
  providers = 33,
  mfa_devices = 34,
  mfa_devices_in_use = 35
};

/// How a managed policy is used by somebody.
enum class Usage : std::uint8_t { permissions = 1, boundary = 2 };

/// (account, name without case)
using ByName = std::tuple<std::string, std::string>;
/// (account, an id, and what is told apart under it)
using ById = std::tuple<std::string, std::string, std::string>;

/// The tables, by the ids that are theirs for ever: IAM has those from 0x0410; those from 0x0430
/// are credentials.h's.
struct Tables {
  explicit Tables(storage::Store& store);

  storage::Table<ByName, UserRecord> users;
  storage::Table<ByName, GroupRecord> groups;
  storage::Table<ByName, RoleRecord> roles;
  storage::Table<ByName, PolicyRecord> policies;
  storage::Table<ByName, InstanceProfileRecord> instance_profiles;
  /// (account, id) of users, groups, roles, policies and instance profiles.
  storage::Table<ByName, EntityReference> entities;
  /// (account, policy id, number)
  storage::Table<std::tuple<std::string, std::string, std::uint32_t>, PolicyVersionRecord>
      policy_versions;
  /// (account, id of the user, group or role, name of the policy) -> text
  storage::Table<ById, std::string> inline_policies;
  /// (account, id of the user, group or role, ARN of the policy) -> when
  storage::Table<ById, runtime::Time> attachments;
  /// (account, ARN of the policy, usage, kind of the holder, folded name of the holder) -> its id
  storage::Table<std::tuple<std::string, std::string, Usage, Kind, std::string>, std::string>
      holders;
  /// (account, ARN) of policies that are used
  storage::Table<ByName, PolicyUsage> usage;
  /// (account, user id, group id) -> when
  storage::Table<ById, runtime::Time> groups_of_users;
  /// (account, group id, folded name of the user) -> its id
  storage::Table<ById, std::string> users_of_groups;
  /// (account, role id, folded name of the instance profile) -> its id
  storage::Table<ById, std::string> profiles_of_roles;
  /// (account, access key)
  storage::Table<ByName, AccessKeyRecord> access_keys;
  /// (account, user id, access key) -> when it was made
  storage::Table<ById, runtime::Time> keys_of_users;
  storage::Table<std::tuple<std::string, Counter>, std::uint64_t> counters;
  storage::Table<std::string, AccountRecord> accounts;
  /// alias -> account
  storage::Table<std::string, std::string> aliases;
  /// (account, task id)
  storage::Table<ByName, DeletionTaskRecord> deletion_tasks;
};

/// A managed policy, whosever it is, as most operations need it.
struct PolicyReference {
  std::string arn;
  std::string name;
  std::string path;
  bool is_aws_managed = false;
};

class Catalog : public Tables {
 public:
  explicit Catalog(storage::Store& store) : Tables(store) {}

  std::optional<UserRecord> find_user(std::string_view account, std::string_view name) const;
  std::optional<GroupRecord> find_group(std::string_view account, std::string_view name) const;
  std::optional<RoleRecord> find_role(std::string_view account, std::string_view name) const;
  std::optional<InstanceProfileRecord> find_profile(std::string_view account,
                                                    std::string_view name) const;
  /// A customer's policy of that account, by its ARN.
  std::optional<PolicyRecord> find_policy(std::string_view account, std::string_view arn) const;

  UserRecord require_user(std::string_view account, std::string_view name) const;
  GroupRecord require_group(std::string_view account, std::string_view name) const;
  RoleRecord require_role(std::string_view account, std::string_view name) const;
  InstanceProfileRecord require_profile(std::string_view account, std::string_view name) const;
  /// Throws InvalidInput where that is no policy's ARN. Those of other accounts are not found.
  PolicyRecord require_policy(std::string_view account, const std::string& arn) const;
  /// Of a customer or of AWS. Likewise.
  PolicyReference require_any_policy(std::string_view account, const std::string& arn) const;

  /// The ARN that the user or role of that id has now; nothing where it is gone.
  std::optional<std::string> find_arn(std::string_view account, std::string_view id) const;

  /// Store an entity under its name, and its id.
  void put(std::string_view account, const UserRecord& user);
  void put(std::string_view account, const GroupRecord& group);
  void put(std::string_view account, const RoleRecord& role);
  void put(std::string_view account, const PolicyRecord& policy);
  void put(std::string_view account, const InstanceProfileRecord& profile);
  /// Remove the entity and nothing that belongs to it.
  void erase(std::string_view account, const UserRecord& user);
  void erase(std::string_view account, const GroupRecord& group);
  void erase(std::string_view account, const RoleRecord& role);
  void erase(std::string_view account, const PolicyRecord& policy);
  void erase(std::string_view account, const InstanceProfileRecord& profile);

  std::uint64_t count(std::string_view account, Counter counter) const;
  void add(std::string_view account, Counter counter, std::int64_t difference);

  PolicyUsage usage_of(std::string_view account, std::string_view arn) const;
  /// One more or less of those who use a policy, whom `holder` (kind, name, id) names.
  struct HolderName {
    Kind kind;
    std::string name;
    std::string id;
  };
  void add_usage(std::string_view account, std::string_view arn, Usage usage,
                 const HolderName& holder);
  void remove_usage(std::string_view account, std::string_view arn, Usage usage,
                    const HolderName& holder);

  /// Everything of the scope.
  void remove_all(const services::ResetScope& scope);

 private:
  void put_usage(std::string_view account, std::string_view arn, const PolicyUsage& usage);
};

}  // namespace matinee::iam
