// Reading from an open file of which only the operating system's descriptor is at hand.
#pragma once

#include <span>

#include "runtime/disk.h"

namespace matinee::runtime {

/// Fills `target` from `offset`; returns how many bytes there were, fewer only at the end.
DiskResult<std::size_t> read_descriptor(int descriptor, std::uint64_t offset,
                                        std::span<char> target);

}  // namespace matinee::runtime
