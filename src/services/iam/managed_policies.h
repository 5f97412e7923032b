// The managed policies that AWS itself maintains: arn:aws:iam::aws:policy/.... They lie in the
// program, compressed, in the order of their ARNs, and are unpacked piece by piece when somebody
// asks for one; nothing of them stays in memory. From any thread.
//
// tools/pack_managed_policies.py makes the data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/clock.h"

namespace matinee::iam {

/// What is known without unpacking the policy's text.
struct ManagedPolicy {
  std::string arn;
  std::string name;
  std::string path;
  std::string id;  // ANPA...
  runtime::Time created;
  runtime::Time updated;
  std::uint32_t default_version = 1;
};

struct ManagedPolicyVersion {
  std::uint32_t number = 1;
  runtime::Time created;
  std::string text;  // where it was asked for
};

std::optional<ManagedPolicy> find_managed_policy(std::string_view arn);

/// The ARN of the policy of that name ("AmazonSQSFullAccess"), wherever it stands: names are
/// unique.
std::optional<std::string> find_managed_policy_arn(std::string_view name);

/// How many there are; they are told apart by their places in the order of ARNs.
std::size_t managed_policy_count();
/// The place of the first policy whose ARN is not less.
std::size_t managed_policy_place(std::string_view arn);
ManagedPolicy managed_policy_at(std::size_t place);

/// All that AWS has published of it, the newest first, without texts. Empty for unknown ones.
std::vector<ManagedPolicyVersion> managed_policy_versions(std::string_view arn);
/// With its text.
std::optional<ManagedPolicyVersion> find_managed_policy_version(std::string_view arn,
                                                                std::uint32_t number);

}  // namespace matinee::iam
