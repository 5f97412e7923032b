// Randomness that can be made the same in each run.
#pragma once

#include <cstdint>

#include "runtime/random.h"

namespace matinee::runtime {

/// What a Random may be besides.
class Seedable {
 public:
  virtual ~Seedable() = default;
  /// From now on all comes from the seed, and nothing is secret any more. Before other threads
  /// draw.
  virtual void use_seed(std::uint64_t seed) = 0;
};

/// Does nothing for randomness that cannot.
inline void use_seed(Random& random, std::uint64_t seed) {
  if (auto* seedable = dynamic_cast<Seedable*>(&random)) seedable->use_seed(seed);
}

}  // namespace matinee::runtime
