// The policies that a parameter may have: when it expires, and when somebody is to be told.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/ssm/records.h"
#include "ssm/shapes.h"

namespace matinee::ssm {

/// Reads the Policies of a request: a JSON array, in which an empty object stands for no policy.
/// Throws the errors that AWS has for policies.
std::vector<PolicyRecord> parse_policies(std::string_view json);

/// When the policy is carried out; nothing where it depends on another one that is not there.
std::optional<runtime::Time> moment_of(const PolicyRecord& policy, const VersionDetails& details);

/// As answers show them. A policy is Finished once its moment has passed.
std::vector<ParameterInlinePolicy> describe_policies(const VersionDetails& details,
                                                     runtime::Time now);

}  // namespace matinee::ssm
