// Roughly how much work an object is, before anybody has done it.
#pragma once

#include <cstddef>

#include "protocol/shape.h"

namespace matinee::protocol {

/// The bytes that a structure's text will have, more or less; streamed payloads count nothing.
/// Stops counting once it is above `limit`, so the cost is bounded by that.
std::size_t weight(const Structure& structure, const void* object, std::size_t limit);

/// What names, punctuation and the like add to each value.
inline constexpr std::size_t weight_of_a_value = 8;

}  // namespace matinee::protocol
