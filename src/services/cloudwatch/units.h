// The units of metrics, which are stored as numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace matinee::cloudwatch {

constexpr std::uint8_t no_unit = 0;

/// Nothing where there is no such unit.
std::optional<std::uint8_t> find_unit(std::string_view name);
/// Of a number that find_unit gave.
std::string_view unit_name(std::uint8_t unit);

}  // namespace matinee::cloudwatch
