#include "archives/tar.h"

#include <algorithm>

namespace matinee::archives {

namespace {

struct Place {
  std::size_t offset;
  std::size_t size;
};

constexpr Place name_place{0, 100};
constexpr Place size_place{124, 12};
constexpr Place sum_place{148, 8};
constexpr std::size_t kind_offset = 156;
constexpr Place prefix_place{345, 155};

/// Sizes of eight gibibytes and more do not fit into eleven octal digits: GNU's tar has them as a
/// number of 11 bytes behind one with its first bit set.
constexpr std::uint64_t first_binary_size = std::uint64_t{1} << 33;

void put(std::string& block, Place place, std::string_view text) {
  block.replace(place.offset, text.size(), text);
}

std::string_view field(std::string_view block, Place place) {
  const std::string_view bytes = block.substr(place.offset, place.size);
  return bytes.substr(0, bytes.find('\0'));
}

/// Of all bytes, where those of the sum itself count as blanks.
unsigned sum_of(std::string_view block) {
  unsigned sum = 0;
  for (std::size_t i = 0; i < block.size(); ++i) {
    const bool is_of_sum = i >= sum_place.offset && i < sum_place.offset + sum_place.size;
    sum += is_of_sum ? unsigned{' '} : static_cast<unsigned char>(block[i]);
  }
  return sum;
}

std::string octal(std::uint64_t number, std::size_t digits) {
  std::string text(digits, '0');
  for (auto digit = text.rbegin(); digit != text.rend(); ++digit, number /= 8)
    *digit = static_cast<char>('0' + number % 8);
  return text;
}

std::optional<std::uint64_t> read_octal(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  if (text.empty() || text.size() > 12) return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '7') return std::nullopt;
    number = number * 8 + static_cast<std::uint64_t>(c - '0');
  }
  return number;
}

std::optional<std::uint64_t> read_size(std::string_view block) {
  if (block[size_place.offset] != '\x80') return read_octal(field(block, size_place));
  std::uint64_t size = 0;
  for (std::size_t i = 1; i < size_place.size; ++i) {
    if (size >> 55 != 0) return std::nullopt;
    size = size << 8 | static_cast<unsigned char>(block[size_place.offset + i]);
  }
  return size;
}

}  // namespace

std::string tar_head(std::string_view name, std::uint64_t size) {
  std::string block(tar_block, '\0');
  put(block, name_place, name);
  put(block, {100, 8}, "0000600");  // mode, then whose it is
  put(block, {108, 8}, "0000000");
  put(block, {116, 8}, "0000000");
  if (size < first_binary_size) {
    put(block, size_place, octal(size, 11));
  } else {
    block[size_place.offset] = '\x80';
    for (std::size_t i = 0; i < 8; ++i)
      block[size_place.offset + size_place.size - 1 - i] = static_cast<char>(size >> (8 * i));
  }
  put(block, {136, 12}, "00000000000");  // the time, which is told elsewhere
  block[kind_offset] = '0';
  put(block, {257, 8}, std::string_view("ustar\00000", 8));
  put(block, sum_place, octal(sum_of(block), 6));
  block[sum_place.offset + 7] = ' ';
  return block;
}

std::string tar_end() {
  return std::string(2 * tar_block, '\0');
}

std::size_t tar_padding(std::uint64_t size) {
  return static_cast<std::size_t>((tar_block - size % tar_block) % tar_block);
}

bool is_tar_end(std::string_view block) {
  return std::ranges::all_of(block, [](char c) { return c == '\0'; });
}

std::optional<TarEntry> read_tar_head(std::string_view block) {
  if (block.size() != tar_block) return std::nullopt;
  const auto sum = read_octal(field(block, sum_place));
  const auto size = read_size(block);
  if (!sum || *sum != sum_of(block) || !size) return std::nullopt;
  TarEntry entry{.name = std::string(field(block, name_place)), .size = *size};
  if (block.substr(257).starts_with("ustar") && !field(block, prefix_place).empty())
    entry.name = std::string(field(block, prefix_place)) + "/" + entry.name;
  entry.is_file = block[kind_offset] == '0' || block[kind_offset] == '\0';
  return entry;
}

}  // namespace matinee::archives
