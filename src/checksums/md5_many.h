// MD5 of several texts at once. One MD5 is a chain in which every step waits for the one before it,
// so a processor with vectors takes little longer for sixteen of them than for one: three times as
// long as a good MD5 of one text.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace matinee::checksums {

using Md5Digest = std::array<std::uint8_t, 16>;

/// Whether the processor has what `md5_many` needs.
bool can_md5_many();

/// How many texts go through at once.
inline constexpr std::size_t md5_lanes = 16;

/// The digest of each text, up to `md5_lanes` of them. It takes as long as the longest. Only where
/// `can_md5_many`.
void md5_many(std::span<const std::string_view> texts, std::span<Md5Digest> digests);

}  // namespace matinee::checksums
