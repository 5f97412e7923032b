// The settings of an account's Parameter Store, by the names that AWS has for them.
#pragma once

#include <string>
#include <string_view>

#include "services/ssm/catalog.h"

namespace matinee::ssm {

inline constexpr std::string_view default_tier_setting =
    "/ssm/parameter-store/default-parameter-tier";
inline constexpr std::string_view throughput_setting =
    "/ssm/parameter-store/high-throughput-enabled";

/// What is set, or AWS's default.
std::string setting_value(const Catalog& catalog, const Place& place, std::string_view id);

}  // namespace matinee::ssm
