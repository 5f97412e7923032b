#include "omdb/repair.h"

#include <optional>

#include "protocol/utf8.h"

namespace matinee::omdb {

namespace {

/// What Windows-1252 has in 0x80 to 0x9f; zero where it has nothing, and the byte stands for
/// itself.
constexpr std::array<char32_t, 32> upper_controls = {
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178};

std::optional<char> to_byte(char32_t character) {
  if (character >= 0x80 && character <= 0xff) return static_cast<char>(character);
  const auto* place = std::ranges::find(upper_controls, character);
  if (character == 0 || place == upper_controls.end()) return std::nullopt;
  return static_cast<char>(0x80 + (place - upper_controls.begin()));
}

/// The bytes that a run of characters was made of, where they are UTF-8; else the run.
std::string repair_run(std::string_view run) {
  std::string bytes;
  for (std::string_view rest = run; !rest.empty();) {
    const std::optional<char> byte = to_byte(protocol::next_character(rest));
    if (!byte) return std::string(run);
    bytes += *byte;
  }
  return protocol::is_utf8(bytes) ? bytes : std::string(run);
}

bool is_ascii(char c) {
  return static_cast<unsigned char>(c) < 0x80;
}

std::string repair_once(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t size = static_cast<std::size_t>(
        std::ranges::find_if(text, [&](char c) { return is_ascii(c) != is_ascii(text[0]); }) -
        text.begin());
    const std::string_view run = text.substr(0, size);
    result += is_ascii(run[0]) ? std::string(run) : repair_run(run);
    text.remove_prefix(size);
  }
  return result;
}

}  // namespace

std::string repair_text(std::string_view text) {
  std::string result(text);
  // Each round makes it shorter.
  for (std::string next = repair_once(result); next != result; next = repair_once(result))
    result = std::move(next);
  return result;
}

}  // namespace matinee::omdb
