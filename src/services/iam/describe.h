// Records as clients see them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "iam/shapes.h"
#include "services/iam/catalog.h"
#include "services/iam/managed_policies.h"

namespace matinee::iam {

/// Lists leave out tags, boundaries and the like; only what is asked for by name shows all.
enum class Detail : std::uint8_t { listed, whole };

protocol::Timestamp timestamp_of(runtime::Time time);

User describe(std::string_view account, const UserRecord& user, Detail detail);
Group describe(std::string_view account, const GroupRecord& group);
/// Without description and tags, which only GetPolicy shows.
Policy describe(std::string_view account, const PolicyRecord& policy, const PolicyUsage& usage);
Policy describe(const ManagedPolicy& policy, const PolicyUsage& usage);

/// Roles show their trust policies with the principals' names of now, which the catalog knows.
Role describe(const Catalog& catalog, std::string_view account, const RoleRecord& role,
              Detail detail);
/// With the role in it.
InstanceProfile describe(const Catalog& catalog, std::string_view account,
                         const InstanceProfileRecord& profile, Detail detail);

/// The trust policy as it reads now: a principal that was renamed has its new ARN, and one that is
/// gone its id, which nobody else will ever have.
std::string current_trust(const Catalog& catalog, const RoleRecord& role);

AttachedPermissionsBoundary describe_boundary(const std::string& arn);
std::vector<Tag> describe_tags(const Tags& tags);
std::string describe_version(std::uint32_t number);

}  // namespace matinee::iam
