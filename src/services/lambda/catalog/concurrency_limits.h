// How much of a function may run at once.
#pragma once

#include <cstdint>

namespace matinee::lambda {

/// Of an account in a region: AWS's default, and what reservations must leave of it.
inline constexpr std::int32_t most_concurrent = 1000;
inline constexpr std::int32_t least_unreserved = 100;

inline constexpr const char* not_of_latest =
    "Provisioned Concurrency Configs cannot be applied to unpublished function versions.";

}  // namespace matinee::lambda
