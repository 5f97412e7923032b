// Internet addresses in texts, read as the matcher of AWS does.
#include <algorithm>
#include <charconv>

#include "patterns/rule.h"

namespace matinee::patterns {
namespace {

constexpr std::size_t kGroups = 8;
constexpr std::size_t kLongestFour = 15;

/// Four decimal numbers up to 255; zeros may lead.
std::optional<std::string> parse_four(std::string_view text) {
  if (text.size() > kLongestFour) return std::nullopt;
  std::string bytes;
  while (bytes.size() < 4) {
    const std::size_t end = bytes.size() == 3 ? text.size() : text.find('.');
    if (end == std::string_view::npos || end == 0) return std::nullopt;
    unsigned number = 0;
    for (const char c : text.substr(0, end)) {
      if (c < '0' || c > '9') return std::nullopt;
      number = number * 10 + static_cast<unsigned>(c - '0');
    }
    if (number > 255) return std::nullopt;
    bytes += static_cast<char>(number);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return bytes;
}

/// Groups of hexadecimal digits between colons, appended as two bytes each.
bool read_groups(std::string_view text, std::string& bytes) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(':'), text.size());
    unsigned group = 0;
    const auto [read, error] = std::from_chars(text.data(), text.data() + end, group, 16);
    if (end == 0 || error != std::errc() || read != text.data() + end || group > 0xffff)
      return false;
    bytes += static_cast<char>(group >> 8);
    bytes += static_cast<char>(group & 0xff);
    if (bytes.size() > 2 * kGroups) return false;
    if (end == text.size()) return true;
    text.remove_prefix(end + 1);
    if (text.empty()) return false;
  }
  return true;
}

std::optional<std::string> parse_eight(std::string_view text) {
  std::string front;
  std::string back;
  const std::size_t gap = text.find("::");
  if (!read_groups(text.substr(0, gap), front)) return std::nullopt;
  if (gap == std::string_view::npos) {
    if (front.size() != 2 * kGroups) return std::nullopt;
  } else {
    if (!read_groups(text.substr(gap + 2), back)) return std::nullopt;
    if (front.size() + back.size() > 2 * (kGroups - 1)) return std::nullopt;
    front.append(2 * kGroups - front.size() - back.size(), '\0');
    front += back;
  }
  static constexpr std::string_view kFourInside("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
  if (front.starts_with(kFourInside)) return front.substr(kFourInside.size());
  return front;
}

}  // namespace

std::optional<std::string> parse_address(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdefABCDEF:.";
  if (text.empty() || text.find_first_not_of(kDigits) != std::string_view::npos)
    return std::nullopt;
  if (text.find(':') != std::string_view::npos) return parse_eight(text);
  return parse_four(text);
}

bool is_in_block(std::string_view address, std::string_view block, unsigned bits) {
  if (address.size() != block.size()) return false;
  const std::size_t whole = bits / 8;
  if (address.substr(0, whole) != block.substr(0, whole)) return false;
  const unsigned rest = bits % 8;
  return rest == 0 || ((address[whole] ^ block[whole]) & (0xff00 >> rest) & 0xff) == 0;
}

}  // namespace matinee::patterns
