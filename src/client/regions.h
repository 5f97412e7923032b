// The regions that AWS has, for catching typing errors: a wrong one would be a second, empty cloud.
#pragma once

#include <span>
#include <string_view>

namespace matinee::client {

/// In alphabetical order, those of all partitions.
std::span<const std::string_view> known_regions();

bool is_known_region(std::string_view name);

}  // namespace matinee::client
