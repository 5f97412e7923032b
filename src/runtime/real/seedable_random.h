// Random numbers of the operating system, or of a seed, so that each run is like the last.
#pragma once

#include <cstdint>
#include <optional>

#include "runtime/real/system_random.h"
#include "runtime/seedable.h"
#include "runtime/simulated/seeded_random.h"

namespace matinee::runtime {

class SeedableRandom final : public Random, public Seedable {
 public:
  void fill(std::span<std::uint8_t> bytes) override {
    seeded_ ? seeded_->fill(bytes) : system_.fill(bytes);
  }
  void use_seed(std::uint64_t seed) override { seeded_.emplace(seed); }

 private:
  SystemRandom system_;
  std::optional<SeededRandom> seeded_;
};

}  // namespace matinee::runtime
