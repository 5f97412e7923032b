// Unicode text as bytes: whether it is well-formed, how many characters it has, and characters one
// by one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace matinee::protocol {

/// Whether `text` is well-formed UTF-8: no overlong forms, no surrogates.
bool is_utf8(std::string_view text);

/// Characters in well-formed UTF-8; for other bytes, those that do not continue a character.
inline std::size_t count_characters(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  return count;
}

/// At most so many bytes of the beginning; no character is cut in two.
inline std::string_view beginning(std::string_view text, std::size_t most_bytes) {
  if (text.size() <= most_bytes) return text;
  std::size_t end = most_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

/// Takes one character off the front of non-empty `text`. A malformed byte stands for itself.
char32_t next_character(std::string_view& text);

/// Appends one character, which must not be a surrogate nor above U+10FFFF.
void append_character(std::string& out, char32_t character);

}  // namespace matinee::protocol
