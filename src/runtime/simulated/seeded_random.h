// Random numbers that are the same for the same seed.
#pragma once

#include <array>
#include <mutex>

#include "runtime/random.h"

namespace matinee::runtime {

/// The generator xoshiro256**, its state filled from the seed by splitmix64.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed);
  void fill(std::span<std::uint8_t> bytes) override;

 private:
  std::uint64_t next_word();

  std::mutex mutex_;
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace matinee::runtime
