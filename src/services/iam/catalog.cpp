#include "services/iam/catalog.h"

#include <fmt/format.h>

#include "iam/errors.h"
#include "runtime/assertion.h"
#include "services/iam/managed_policies.h"

namespace matinee::iam {

namespace {

using storage::TableId;

[[noreturn]] void not_found(std::string_view what, std::string_view name) {
  throw NoSuchEntityException(fmt::format("The {} with name {} cannot be found.", what, name));
}

ByName by_name(std::string_view account, std::string_view name) {
  return {std::string(account), fold(name)};
}

/// Throws where the text is not the ARN of a managed policy, whosever it would be.
EntityArn require_policy_arn(const std::string& arn) {
  const std::optional<EntityArn> parts = parse_entity_arn(arn);
  if (!parts || parts->type != "policy")
    throw InvalidInputException(fmt::format("ARN {} is not valid.", arn));
  return *parts;
}

}  // namespace

Tables::Tables(storage::Store& store)
    : users(store, TableId{0x0410}),
      groups(store, TableId{0x0411}),
      roles(store, TableId{0x0412}),
      policies(store, TableId{0x0413}),
      instance_profiles(store, TableId{0x0414}),
      entities(store, TableId{0x0415}),
      policy_versions(store, TableId{0x0416}),
      inline_policies(store, TableId{0x0417}),
      attachments(store, TableId{0x0418}),
      holders(store, TableId{0x0419}),
      usage(store, TableId{0x041A}),
      groups_of_users(store, TableId{0x041B}),
      users_of_groups(store, TableId{0x041C}),
      profiles_of_roles(store, TableId{0x041D}),
      access_keys(store, TableId{0x041E}),
      keys_of_users(store, TableId{0x041F}),
      counters(store, TableId{0x0420}),
      accounts(store, TableId{0x0421}),
      aliases(store, TableId{0x0422}),
      deletion_tasks(store, TableId{0x0423}) {}

std::optional<UserRecord> Catalog::find_user(std::string_view account,
                                             std::string_view name) const {
  return users.find(by_name(account, name));
}

std::optional<GroupRecord> Catalog::find_group(std::string_view account,
                                               std::string_view name) const {
  return groups.find(by_name(account, name));
}

std::optional<RoleRecord> Catalog::find_role(std::string_view account,
                                             std::string_view name) const {
  return roles.find(by_name(account, name));
}

std::optional<InstanceProfileRecord> Catalog::find_profile(std::string_view account,
                                                           std::string_view name) const {
  return instance_profiles.find(by_name(account, name));
}

std::optional<PolicyRecord> Catalog::find_policy(std::string_view account,
                                                 std::string_view arn) const {
  const std::optional<EntityArn> parts = parse_entity_arn(arn);
  if (!parts || parts->type != "policy" || parts->account != account) return std::nullopt;
  std::optional<PolicyRecord> policy = policies.find(by_name(account, parts->name));
  if (policy && (policy->name != parts->name || policy->path != parts->path)) return std::nullopt;
  return policy;
}

UserRecord Catalog::require_user(std::string_view account, std::string_view name) const {
  std::optional<UserRecord> user = find_user(account, name);
  if (!user) not_found("user", name);
  return *std::move(user);
}

GroupRecord Catalog::require_group(std::string_view account, std::string_view name) const {
  std::optional<GroupRecord> group = find_group(account, name);
  if (!group) not_found("group", name);
  return *std::move(group);
}

RoleRecord Catalog::require_role(std::string_view account, std::string_view name) const {
  std::optional<RoleRecord> role = find_role(account, name);
  if (!role) not_found("role", name);
  return *std::move(role);
}

InstanceProfileRecord Catalog::require_profile(std::string_view account,
                                               std::string_view name) const {
  std::optional<InstanceProfileRecord> profile = find_profile(account, name);
  if (!profile)
    throw NoSuchEntityException(fmt::format("Instance Profile {} cannot be found.", name));
  return *std::move(profile);
}

PolicyRecord Catalog::require_policy(std::string_view account, const std::string& arn) const {
  require_policy_arn(arn);
  std::optional<PolicyRecord> policy = find_policy(account, arn);
  if (!policy) throw NoSuchEntityException(fmt::format("Policy {} was not found.", arn));
  return *std::move(policy);
}

PolicyReference Catalog::require_any_policy(std::string_view account,
                                            const std::string& arn) const {
  const EntityArn parts = require_policy_arn(arn);
  const bool exists =
      parts.account == "aws" ? find_managed_policy(arn).has_value() : !!find_policy(account, arn);
  if (!exists) throw NoSuchEntityException(fmt::format("Policy {} was not found.", arn));
  return {arn, parts.name, parts.path, parts.account == "aws"};
}

std::optional<std::string> Catalog::find_arn(std::string_view account, std::string_view id) const {
  const auto entity = entities.find({std::string(account), std::string(id)});
  if (!entity) return std::nullopt;
  if (entity->kind == Kind::user) {
    if (const auto user = find_user(account, entity->name))
      return arn_of(account, Kind::user, *user);
  } else if (entity->kind == Kind::role) {
    if (const auto role = find_role(account, entity->name))
      return arn_of(account, Kind::role, *role);
  }
  return std::nullopt;
}

void Catalog::put(std::string_view account, const UserRecord& user) {
  users.put(by_name(account, user.name), user);
  entities.put({std::string(account), user.id}, {Kind::user, user.name});
}

void Catalog::put(std::string_view account, const GroupRecord& group) {
  groups.put(by_name(account, group.name), group);
  entities.put({std::string(account), group.id}, {Kind::group, group.name});
}

void Catalog::put(std::string_view account, const RoleRecord& role) {
  roles.put(by_name(account, role.name), role);
  entities.put({std::string(account), role.id}, {Kind::role, role.name});
}

void Catalog::put(std::string_view account, const PolicyRecord& policy) {
  policies.put(by_name(account, policy.name), policy);
  entities.put({std::string(account), policy.id}, {Kind::policy, policy.name});
}

void Catalog::put(std::string_view account, const InstanceProfileRecord& profile) {
  instance_profiles.put(by_name(account, profile.name), profile);
  entities.put({std::string(account), profile.id}, {Kind::instance_profile, profile.name});
}

void Catalog::erase(std::string_view account, const UserRecord& user) {
  users.erase(by_name(account, user.name));
  entities.erase({std::string(account), user.id});
}

void Catalog::erase(std::string_view account, const GroupRecord& group) {
  groups.erase(by_name(account, group.name));
  entities.erase({std::string(account), group.id});
}

void Catalog::erase(std::string_view account, const RoleRecord& role) {
  roles.erase(by_name(account, role.name));
  entities.erase({std::string(account), role.id});
}

void Catalog::erase(std::string_view account, const PolicyRecord& policy) {
  policies.erase(by_name(account, policy.name));
  entities.erase({std::string(account), policy.id});
}

void Catalog::erase(std::string_view account, const InstanceProfileRecord& profile) {
  instance_profiles.erase(by_name(account, profile.name));
  entities.erase({std::string(account), profile.id});
}

std::uint64_t Catalog::count(std::string_view account, Counter counter) const {
  return counters.find({std::string(account), counter}).value_or(0);
}

void Catalog::add(std::string_view account, Counter counter, std::int64_t difference) {
  const std::uint64_t now = count(account, counter) + static_cast<std::uint64_t>(difference);
  counters.put({std::string(account), counter}, now);
}

PolicyUsage Catalog::usage_of(std::string_view account, std::string_view arn) const {
  return usage.find({std::string(account), std::string(arn)}).value_or(PolicyUsage{});
}

void Catalog::put_usage(std::string_view account, std::string_view arn, const PolicyUsage& now) {
  const ByName key{std::string(account), std::string(arn)};
  if (now.attachments == 0 && now.boundaries == 0)
    usage.erase(key);
  else
    usage.put(key, now);
}

void Catalog::add_usage(std::string_view account, std::string_view arn, Usage kind,
                        const HolderName& holder) {
  holders.put({std::string(account), std::string(arn), kind, holder.kind, fold(holder.name)},
              holder.id);
  PolicyUsage now = usage_of(account, arn);
  ++(kind == Usage::permissions ? now.attachments : now.boundaries);
  put_usage(account, arn, now);
}

void Catalog::remove_usage(std::string_view account, std::string_view arn, Usage kind,
                           const HolderName& holder) {
  holders.erase({std::string(account), std::string(arn), kind, holder.kind, fold(holder.name)});
  PolicyUsage now = usage_of(account, arn);
  std::uint32_t& uses = kind == Usage::permissions ? now.attachments : now.boundaries;
  runtime::expect(uses > 0, "what was in use has been counted");
  --uses;
  put_usage(account, arn, now);
}

void Catalog::remove_all(const services::ResetScope& scope) {
  if (!scope.account) {
    aliases.erase_range(aliases.all());
  } else if (const auto account = accounts.find(*scope.account)) {
    if (!account->alias.empty()) aliases.erase(account->alias);
  }
  const auto clear = [&](auto&... table) {
    (table.erase_range(scope.account ? table.prefix(*scope.account) : table.all()), ...);
  };
  clear(users, groups, roles, policies, instance_profiles, entities, policy_versions,
        inline_policies, attachments, holders, usage, groups_of_users, users_of_groups,
        profiles_of_roles, access_keys, keys_of_users, counters, accounts, deletion_tasks);
}

}  // namespace matinee::iam
