// Which seeds a run plays.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <string>
#include <vector>

namespace matinee::simulation {

/// The one that MATINEE_SEED names, or as many as MATINEE_SEEDS says, or `usual`.
inline std::vector<std::uint64_t> chosen_seeds(std::uint64_t usual) {
  if (const char* seed = std::getenv("MATINEE_SEED")) return {std::stoull(seed)};
  const char* count = std::getenv("MATINEE_SEEDS");
  std::vector<std::uint64_t> seeds(count ? std::stoull(count) : usual);
  std::iota(seeds.begin(), seeds.end(), 1);
  return seeds;
}

}  // namespace matinee::simulation
