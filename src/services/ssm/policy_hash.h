// The hash by which callers say which version of a resource policy they have seen.
#pragma once

#include <string>
#include <string_view>

namespace matinee::ssm {

/// SHA-256, in hexadecimal digits.
std::string policy_hash(std::string_view text);

}  // namespace matinee::ssm
