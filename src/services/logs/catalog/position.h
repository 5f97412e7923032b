// Where an event stands among those of its group, and how clients are told: in ids and tokens of
// 56 digits.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "services/logs/catalog/records.h"

namespace matinee::logs {

/// Events are in order of their time, then in the order in which they came.
struct Position {
  Milliseconds time = 0;
  Sequence sequence = 0;    // of its block; below 2^48
  std::uint16_t index = 0;  // in its block

  auto operator<=>(const Position&) const = default;

  /// Before and after all others.
  static Position first() { return {.time = 0, .sequence = 0, .index = 0}; }
  static Position last() {
    return {
        .time = std::int64_t{1} << 42, .sequence = (std::uint64_t{1} << 48) - 1, .index = 65535};
  }
};

/// A position in a group, as a decimal number.
std::string to_digits(const Position& position, GroupNumber group);

struct ReadDigits {
  Position position;
  GroupNumber group = 0;
};
/// Nothing for what to_digits has not written.
std::optional<ReadDigits> from_digits(std::string_view digits);

}  // namespace matinee::logs
