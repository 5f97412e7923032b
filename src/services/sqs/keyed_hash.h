// A keyed 96-bit hash that stands in memory for message groups and deduplication ids, which are up
// to 128 characters long. The key is secret and of one queue, so nobody can make two ids collide;
// by chance, two of a billion collide with a probability of 1e-11.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace matinee::sqs {

using HashKey = std::array<std::uint64_t, 2>;

struct Hash96 {
  std::array<std::uint32_t, 3> words{};

  bool operator==(const Hash96&) const = default;
  /// All zero stands for "no hash"; `keyed_hash` never returns it.
  bool none() const { return (words[0] | words[1] | words[2]) == 0; }
};

/// SipHash-2-4 with its 128-bit output cut to 96.
Hash96 keyed_hash(const HashKey& key, std::string_view text);

}  // namespace matinee::sqs
