#include "runtime/simulated/seeded_random.h"

#include <bit>

namespace matinee::runtime {

SeededRandom::SeededRandom(std::uint64_t seed) {
  for (std::uint64_t& word : state_) {
    seed += 0x9e3779b97f4a7c15;
    word = (seed ^ seed >> 30) * 0xbf58476d1ce4e5b9;
    word = (word ^ word >> 27) * 0x94d049bb133111eb;
    word ^= word >> 31;
  }
}

std::uint64_t SeededRandom::next_word() {
  std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

void SeededRandom::fill(std::span<std::uint8_t> bytes) {
  std::lock_guard guard(mutex_);
  for (std::size_t i = 0; i < bytes.size();) {
    std::uint64_t word = next_word();
    for (int k = 0; k < 8 && i < bytes.size(); ++k, word >>= 8) {
      bytes[i++] = static_cast<std::uint8_t>(word);
    }
  }
}

}  // namespace matinee::runtime
