#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>

#include "templates/evaluator.h"

namespace matinee::templates {

namespace {

// Addresses of both versions are numbers of 128 bits; those of version 4 have 32.
__extension__ using Number = unsigned __int128;

std::optional<unsigned> read_number(std::string_view text, int base, unsigned most) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc() || end != text.data() + text.size() || number > most)
    return std::nullopt;
  return number;
}

/// Pieces of `text` between separators.
std::vector<std::string_view> pieces_of(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  for (;;) {
    const std::size_t end = text.find(separator);
    pieces.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return pieces;
    text.remove_prefix(end + 1);
  }
}

std::optional<Number> read_version_4(std::string_view text) {
  const auto pieces = pieces_of(text, '.');
  if (pieces.size() != 4) return std::nullopt;
  Number address = 0;
  for (const std::string_view piece : pieces) {
    const auto byte = read_number(piece, 10, 255);
    if (!byte) return std::nullopt;
    address = address << 8 | *byte;
  }
  return address;
}

/// With one "::" at most.
std::optional<Number> read_version_6(std::string_view text) {
  constexpr std::size_t groups = 8;
  const std::size_t gap = text.find("::");
  std::vector<std::string_view> head;
  std::vector<std::string_view> tail;
  if (const auto before = text.substr(0, gap); !before.empty()) head = pieces_of(before, ':');
  if (gap != std::string_view::npos)
    if (const auto after = text.substr(gap + 2); !after.empty()) tail = pieces_of(after, ':');
  const std::size_t count = head.size() + tail.size();
  if (count > groups || (gap == std::string_view::npos) != (count == groups)) return std::nullopt;
  head.insert(head.end(), groups - count, "0");
  head.insert(head.end(), tail.begin(), tail.end());
  Number address = 0;
  for (const std::string_view piece : head) {
    const auto group = read_number(piece, 16, 0xFFFF);
    if (!group) return std::nullopt;
    address = address << 16 | *group;
  }
  return address;
}

std::string write_version_4(Number address) {
  const auto byte = [&](int shift) { return static_cast<unsigned>(address >> shift & 0xFF); };
  return fmt::format("{}.{}.{}.{}", byte(24), byte(16), byte(8), byte(0));
}

/// RFC 5952: the longest run of zeros is "::".
std::string write_version_6(Number address) {
  std::array<unsigned, 8> groups{};
  for (std::size_t i = 0; i < groups.size(); ++i)
    groups[i] = static_cast<unsigned>(address >> (112 - 16 * i) & 0xFFFF);
  std::size_t best = groups.size();
  std::size_t longest = 1;
  for (std::size_t start = 0; start < groups.size(); ++start) {
    std::size_t end = start;
    while (end < groups.size() && groups[end] == 0) ++end;
    if (end - start > longest) {
      best = start;
      longest = end - start;
    }
  }
  std::string text;
  for (std::size_t i = 0; i < groups.size();) {
    if (i == best) {
      text += "::";
      i += longest;
      continue;
    }
    if (!text.empty() && !text.ends_with(':')) text += ':';
    text += fmt::format("{:x}", groups[i++]);
  }
  return text;
}

}  // namespace

std::vector<std::string> cidr_blocks(const std::string& block, std::size_t count, unsigned bits) {
  const std::size_t slash = block.find('/');
  const std::string_view text = std::string_view(block).substr(0, slash);
  const bool is_version_6 = text.contains(':');
  const unsigned width = is_version_6 ? 128 : 32;
  const auto address = is_version_6 ? read_version_6(text) : read_version_4(text);
  const auto prefix = slash == std::string::npos
                          ? std::nullopt
                          : read_number(std::string_view(block).substr(slash + 1), 10, width);
  if (!address || !prefix)
    throw TemplateError(fmt::format("requires an IP block, and {} is none", block));
  const bool has_room =
      bits <= width - *prefix &&
      (width - *prefix - bits >= 9 || count <= std::size_t{1} << (width - *prefix - bits));
  if (!has_room)
    throw TemplateError(
        fmt::format("cannot make {} blocks of {} subnet bits in {}", count, bits, block));
  const Number mask = *prefix == 0 ? Number{0} : ~Number{0} << (width - *prefix);
  std::vector<std::string> blocks;
  for (std::size_t i = 0; i < count; ++i) {
    // A block of 128 bits is the only one, so that nothing is shifted out.
    const Number offset = i == 0 ? Number{0} : Number{i} << bits;
    const Number first = (*address & mask) + offset;
    blocks.push_back(fmt::format(
        "{}/{}", is_version_6 ? write_version_6(first) : write_version_4(first), width - bits));
  }
  return blocks;
}

}  // namespace matinee::templates
