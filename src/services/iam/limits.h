// IAM's quotas, and the words in which going over one is refused.
#pragma once

#include <cstdint>
#include <string_view>

#include "services/iam/catalog.h"

namespace matinee::iam {

/// What AWS calls a quota, and its value unless AWS has raised it.
struct Quota {
  std::string_view name;
  std::uint64_t most;
};

inline constexpr Quota users_per_account{"UsersPerAccount", 5'000};
inline constexpr Quota groups_per_account{"GroupsPerAccount", 300};
inline constexpr Quota roles_per_account{"RolesPerAccount", 1'000};
inline constexpr Quota policies_per_account{"PoliciesPerAccount", 1'500};
inline constexpr Quota profiles_per_account{"InstanceProfilesPerAccount", 1'000};
inline constexpr Quota keys_per_user{"AccessKeysPerUser", 2};
inline constexpr Quota groups_per_user{"GroupsPerUser", 10};
inline constexpr Quota policies_per_user{"PoliciesPerUser", 10};
inline constexpr Quota policies_per_group{"PoliciesPerGroup", 10};
inline constexpr Quota policies_per_role{"PoliciesPerRole", 10};
inline constexpr Quota roles_per_profile{"InstanceSessionsPerInstanceProfile", 1};
inline constexpr Quota policy_size{"PolicySize", 6'144};
inline constexpr Quota trust_size{"ACLSizePerRole", 2'048};
inline constexpr std::uint64_t versions_per_policy = 5;
inline constexpr std::uint64_t tags_per_entity = 50;
/// Inline policies together.
inline constexpr std::uint64_t inline_size_of_user = 2'048;
inline constexpr std::uint64_t inline_size_of_group = 5'120;
inline constexpr std::uint64_t inline_size_of_role = 10'240;

/// Throws LimitExceeded where there would be more than the quota with one more than `used`.
void require_room_for_one(const Quota& quota, std::uint64_t used);
/// Throws LimitExceeded where `size` is more than the quota.
void require_within(const Quota& quota, std::uint64_t size);
/// Counts one more of the account's, or throws LimitExceeded.
void count_one(Catalog& catalog, std::string_view account, Counter counter, const Quota& quota);

}  // namespace matinee::iam
