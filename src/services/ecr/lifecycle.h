// Lifecycle policies of repositories: which images expire, and when.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace matinee::ecr {

/// What is wrong with the text of a lifecycle policy; nothing where it follows AWS's rules. There
/// are no images here to which it could be applied.
std::optional<std::string> fault_of_lifecycle(std::string_view text);

}  // namespace matinee::ecr
