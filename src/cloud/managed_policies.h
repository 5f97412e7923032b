// The policies that AWS has made, for those who only know their names.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace matinee::cloud {

/// The ARN of "AmazonSQSFullAccess"; nothing where there is no such policy.
std::optional<std::string> managed_policy_arn(std::string_view name);

}  // namespace matinee::cloud
