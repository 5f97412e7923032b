#include "services/cloudwatch/units.h"

#include <algorithm>
#include <array>

namespace matinee::cloudwatch {
namespace {

/// Their places are in the store: new ones come at the end.
constexpr std::array<std::string_view, 27> units = {"None",
                                                    "Seconds",
                                                    "Microseconds",
                                                    "Milliseconds",
                                                    "Bytes",
                                                    "Kilobytes",
                                                    "Megabytes",
                                                    "Gigabytes",
                                                    "Terabytes",
                                                    "Bits",
                                                    "Kilobits",
                                                    "Megabits",
                                                    "Gigabits",
                                                    "Terabits",
                                                    "Percent",
                                                    "Count",
                                                    "Bytes/Second",
                                                    "Kilobytes/Second",
                                                    "Megabytes/Second",
                                                    "Gigabytes/Second",
                                                    "Terabytes/Second",
                                                    "Bits/Second",
                                                    "Kilobits/Second",
                                                    "Megabits/Second",
                                                    "Gigabits/Second",
                                                    "Terabits/Second",
                                                    "Count/Second"};

}  // namespace

std::optional<std::uint8_t> find_unit(std::string_view name) {
  const auto found = std::ranges::find(units, name);
  if (found == units.end()) return std::nullopt;
  return static_cast<std::uint8_t>(found - units.begin());
}

std::string_view unit_name(std::uint8_t unit) {
  return unit < units.size() ? units[unit] : units[no_unit];
}

}  // namespace matinee::cloudwatch
