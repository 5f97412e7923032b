// Which members of a structure a reader has come across.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace matinee::protocol {

/// By the place of the member in the structure's table.
class Seen {
 public:
  /// Whether it has been added before.
  bool add(std::size_t index) {
    const std::uint64_t bit = std::uint64_t{1} << (index & 63);
    std::uint64_t& word = words_[(index >> 6) & (words_.size() - 1)];
    const bool before = word & bit;
    word |= bit;
    return before;
  }
  bool contains(std::size_t index) const {
    return words_[(index >> 6) & (words_.size() - 1)] >> (index & 63) & 1;
  }

 private:
  std::array<std::uint64_t, 4> words_{};  // no model has a structure of more than 256 members
};

}  // namespace matinee::protocol
