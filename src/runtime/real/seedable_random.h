// Random numbers of the operating system, or of a seed, so that each run is like the last.
#pragma once

#include <cstdint>
#include <optional>
#include <thread>

#include "runtime/real/system_random.h"
#include "runtime/seedable.h"
#include "runtime/simulated/seeded_random.h"

namespace matinee::runtime {

/// With a seed the thread that has set it, the state thread, has numbers of its own: what it draws
/// does not depend on when the ids of requests are drawn, which I/O threads do.
class SeedableRandom final : public Random, public Seedable {
 public:
  void fill(std::span<std::uint8_t> bytes) override {
    if (!seeded_) return system_.fill(bytes);
    std::this_thread::get_id() == seeded_->owner ? seeded_->own.fill(bytes)
                                                 : seeded_->of_others.fill(bytes);
  }
  void use_seed(std::uint64_t seed) override { seeded_.emplace(seed); }

 private:
  struct Seeded {
    explicit Seeded(std::uint64_t seed) : own(seed), of_others(~seed) {}

    std::thread::id owner = std::this_thread::get_id();
    SeededRandom own;
    SeededRandom of_others;
  };

  SystemRandom system_;
  std::optional<Seeded> seeded_;
};

}  // namespace matinee::runtime
