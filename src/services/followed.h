// The last so many numbers that somebody has marked, asked for very often and nearly always in
// vain.
#pragma once

#include <bit>
#include <cstdint>
#include <deque>
#include <unordered_set>
#include <vector>

namespace matinee::services {

/// Numbers should be spread over all bits: hashes, or what `spread` makes of others. Takes memory
/// as it is filled.
class Followed {
 public:
  explicit Followed(std::size_t most) : most_(most) {}

  static constexpr std::uint64_t spread(std::uint64_t value) {
    value ^= value >> 33;
    value *= 0xff51afd7ed558ccdULL;
    value ^= value >> 33;
    return value;
  }

  bool contains(std::uint64_t number) const {
    if (bits_.empty()) return false;
    const std::uint64_t bit = number & mask_;
    return (bits_[bit / 64] >> (bit % 64) & 1) != 0 && numbers_.contains(number);
  }
  /// The oldest goes where there are too many.
  void add(std::uint64_t number) {
    if (!numbers_.insert(number).second) return;
    order_.push_back(number);
    if (order_.size() > most_) {
      numbers_.erase(order_.front());
      order_.pop_front();
    }
    // Bits of numbers that have gone stay until the next time.
    if (bits_.empty() || ++added_since_ > order_.size() / 2 + 64) return set_bits();
    set_bit(number);
  }

 private:
  std::size_t most_;
  std::unordered_set<std::uint64_t> numbers_;
  std::deque<std::uint64_t> order_;  // the oldest first
  std::vector<std::uint64_t>
      bits_;  // eight or more for each number, set for those that may be here
  std::uint64_t mask_ = 0;
  std::size_t added_since_ = 0;

  void set_bit(std::uint64_t number) {
    const std::uint64_t bit = number & mask_;
    bits_[bit / 64] |= std::uint64_t{1} << (bit % 64);
  }
  void set_bits() {
    const std::size_t size = std::bit_ceil(16 * order_.size() + 1024);
    bits_.assign(size / 64, 0);
    mask_ = size - 1;
    added_since_ = 0;
    for (const std::uint64_t number : order_) set_bit(number);
  }
};

}  // namespace matinee::services
