#include "services/logs/catalog/position.h"

#include <algorithm>
#include <array>

namespace matinee::logs {

namespace {

constexpr std::size_t digit_count = 56;
/// 192 bits, the highest first: time (48), sequence (48), index (16), group (64), check (16). So a
/// time of these years gives 56 digits, as those of AWS have.
using Words = std::array<std::uint32_t, 6>;

std::uint32_t check_of(const Position& position, GroupNumber group) {
  std::uint64_t mixed = group * 0x9E3779B97F4A7C15;
  mixed = (mixed ^ static_cast<std::uint64_t>(position.time)) * 0xBF58476D1CE4E5B9;
  mixed = (mixed ^ position.sequence) * 0x94D049BB133111EB;
  mixed = (mixed ^ position.index) * 0x9E3779B97F4A7C15;
  return static_cast<std::uint32_t>(mixed >> 48);
}

}  // namespace

std::string to_digits(const Position& position, GroupNumber group) {
  const auto time = static_cast<std::uint64_t>(position.time);
  Words words = {
      static_cast<std::uint32_t>(time >> 16),
      static_cast<std::uint32_t>(time << 16 | position.sequence >> 32),
      static_cast<std::uint32_t>(position.sequence),
      static_cast<std::uint32_t>(position.index) << 16 | static_cast<std::uint32_t>(group >> 48),
      static_cast<std::uint32_t>(group >> 16),
      static_cast<std::uint32_t>(group << 16) | check_of(position, group)};
  std::string digits(digit_count, '0');
  for (std::size_t i = digit_count; i-- > 0;) {
    std::uint64_t rest = 0;
    for (std::uint32_t& word : words) {
      const std::uint64_t value = rest << 32 | word;
      word = static_cast<std::uint32_t>(value / 10);
      rest = value % 10;
    }
    digits[i] = static_cast<char>('0' + rest);
  }
  return digits;
}

std::optional<ReadDigits> from_digits(std::string_view digits) {
  if (digits.size() != digit_count) return std::nullopt;
  Words words = {};
  for (const char digit : digits) {
    if (digit < '0' || digit > '9') return std::nullopt;
    std::uint64_t carry = static_cast<std::uint64_t>(digit - '0');
    for (std::size_t i = words.size(); i-- > 0;) {
      const std::uint64_t value = std::uint64_t{words[i]} * 10 + carry;
      words[i] = static_cast<std::uint32_t>(value);
      carry = value >> 32;
    }
    if (carry != 0) return std::nullopt;
  }
  ReadDigits read;
  read.position.time = static_cast<Milliseconds>(std::uint64_t{words[0]} << 16 | words[1] >> 16);
  read.position.sequence = std::uint64_t{words[1] & 0xFFFF} << 32 | words[2];
  read.position.index = static_cast<std::uint16_t>(words[3] >> 16);
  read.group =
      std::uint64_t{words[3] & 0xFFFF} << 48 | std::uint64_t{words[4]} << 16 | words[5] >> 16;
  if ((words[5] & 0xFFFF) != check_of(read.position, read.group)) return std::nullopt;
  return read;
}

}  // namespace matinee::logs
