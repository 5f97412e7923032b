// How many bytes the bodies of requests may have.
#pragma once

#include <cstdint>

#include "protocol/error.h"
#include "protocol/operation.h"

namespace matinee::gateway {

/// Of bodies that are collected in memory, by service.
std::uint64_t most_in_memory(const protocol::ServiceModel& service);

/// S3's limit of one PUT, and room for the chunk signatures and trailers around the content.
inline constexpr std::uint64_t most_streamed = (5ULL << 30) + (16ULL << 20);

/// The error for a body beyond what `most_in_memory` says.
protocol::ServiceError too_large_for_memory(const protocol::Operation& operation,
                                            protocol::Protocol spoken);

}  // namespace matinee::gateway
