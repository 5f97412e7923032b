#include "services/iam/describe.h"

#include <fmt/format.h>

#include "services/iam/documents.h"

namespace matinee::iam {

protocol::Timestamp timestamp_of(runtime::Time time) {
  return std::chrono::floor<std::chrono::seconds>(time);
}

std::vector<Tag> describe_tags(const Tags& tags) {
  std::vector<Tag> described;
  described.reserve(tags.size());
  for (const auto& [key, value] : tags) described.push_back({.key = key, .value = value});
  return described;
}

AttachedPermissionsBoundary describe_boundary(const std::string& arn) {
  return {.permissions_boundary_type = "Policy", .permissions_boundary_arn = arn};
}

std::string describe_version(std::uint32_t number) {
  return fmt::format("v{}", number);
}

User describe(std::string_view account, const UserRecord& user, Detail detail) {
  User described{.path = user.path,
                 .user_name = user.name,
                 .user_id = user.id,
                 .arn = arn_of(account, Kind::user, user),
                 .create_date = timestamp_of(user.created)};
  if (user.password_last_used)
    described.password_last_used = timestamp_of(*user.password_last_used);
  if (detail == Detail::listed) return described;
  if (!user.boundary.empty()) described.permissions_boundary = describe_boundary(user.boundary);
  if (!user.tags.empty()) described.tags = describe_tags(user.tags);
  return described;
}

Group describe(std::string_view account, const GroupRecord& group) {
  return {.path = group.path,
          .group_name = group.name,
          .group_id = group.id,
          .arn = arn_of(account, Kind::group, group),
          .create_date = timestamp_of(group.created)};
}

Policy describe(std::string_view account, const PolicyRecord& policy, const PolicyUsage& usage) {
  Policy described;
  described.policy_name = policy.name;
  described.policy_id = policy.id;
  described.arn = arn_of(account, Kind::policy, policy);
  described.path = policy.path;
  described.default_version_id = describe_version(policy.default_version);
  described.attachment_count = static_cast<std::int32_t>(usage.attachments);
  described.permissions_boundary_usage_count = static_cast<std::int32_t>(usage.boundaries);
  described.is_attachable = true;
  described.create_date = timestamp_of(policy.created);
  described.update_date = timestamp_of(policy.updated);
  return described;
}

Policy describe(const ManagedPolicy& policy, const PolicyUsage& usage) {
  const PolicyRecord record{.name = policy.name,
                            .path = policy.path,
                            .id = policy.id,
                            .created = policy.created,
                            .updated = policy.updated,
                            .default_version = policy.default_version};
  return describe("aws", record, usage);
}

std::string current_trust(const Catalog& catalog, const RoleRecord& role) {
  std::string text = role.trust;
  for (const TrustedPrincipal& principal : role.trusted) {
    const std::optional<EntityArn> named = parse_entity_arn(principal.arn);
    if (!named) continue;
    const std::string now = catalog.find_arn(named->account, principal.id).value_or(principal.id);
    if (now == principal.arn) continue;
    const std::string before = fmt::format("\"{}\"", principal.arn);
    const std::string after = fmt::format("\"{}\"", now);
    for (std::size_t at = text.find(before); at != std::string::npos;
         at = text.find(before, at + after.size()))
      text.replace(at, before.size(), after);
  }
  return text;
}

Role describe(const Catalog& catalog, std::string_view account, const RoleRecord& role,
              Detail detail) {
  Role described{.path = role.path,
                 .role_name = role.name,
                 .role_id = role.id,
                 .arn = arn_of(account, Kind::role, role),
                 .create_date = timestamp_of(role.created)};
  described.assume_role_policy_document = encode_document(current_trust(catalog, role));
  described.description = role.description;
  described.max_session_duration = role.max_session_seconds.value_or(3'600);
  if (detail == Detail::listed) return described;
  if (!role.boundary.empty()) described.permissions_boundary = describe_boundary(role.boundary);
  if (!role.tags.empty()) described.tags = describe_tags(role.tags);
  described.role_last_used.emplace();
  if (role.last_used) {
    described.role_last_used->last_used_date = timestamp_of(*role.last_used);
    described.role_last_used->region = role.last_used_region;
  }
  return described;
}

InstanceProfile describe(const Catalog& catalog, std::string_view account,
                         const InstanceProfileRecord& profile, Detail detail) {
  InstanceProfile described{.path = profile.path,
                            .instance_profile_name = profile.name,
                            .instance_profile_id = profile.id,
                            .arn = arn_of(account, Kind::instance_profile, profile),
                            .create_date = timestamp_of(profile.created)};
  if (!profile.role.empty()) {
    if (const auto role = catalog.find_role(account, profile.role)) {
      // Here AWS shows of a role what CreateRole answers.
      Role inside = describe(catalog, account, *role, Detail::listed);
      inside.max_session_duration.reset();
      inside.description.reset();
      described.roles.push_back(std::move(inside));
    }
  }
  if (detail == Detail::whole) described.tags = describe_tags(profile.tags);
  return described;
}

}  // namespace matinee::iam
