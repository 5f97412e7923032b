#include "services/s3/headers/encoded_words.h"

#include <algorithm>

#include "protocol/base64.h"
#include "protocol/http.h"
#include "protocol/utf8.h"
#include "services/s3/transfer/checksums.h"

namespace matinee::s3 {

namespace {

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// What a header can have as it is. Control characters, which an encoded word can bring, cannot.
bool is_printing(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= ' ' && c < 0x7F) || c == '\t'; });
}

std::string from_latin1(std::string_view text) {
  std::string utf8;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      utf8 += c;
    } else {
      utf8 += static_cast<char>(0xC0 | byte >> 6);
      utf8 += static_cast<char>(0x80 | (byte & 0x3F));
    }
  }
  return utf8;
}

/// The Q encoding: "_" is a space, and "=C3" a byte.
std::optional<std::string> decode_q(std::string_view text) {
  std::string bytes;
  while (!text.empty()) {
    if (text.front() != '=') {
      bytes += text.front() == '_' ? ' ' : text.front();
      text.remove_prefix(1);
      continue;
    }
    const std::optional<std::string> byte = from_hex(text.substr(1, 2));
    if (!byte || byte->size() != 1) return std::nullopt;
    bytes += *byte;
    text.remove_prefix(3);
  }
  return bytes;
}

struct EncodedWord {
  std::string text;  // UTF-8
  std::size_t length = 0;
};

/// The encoded word "=?charset?encoding?text?=" with which `rest` begins.
std::optional<EncodedWord> read_word(std::string_view rest) {
  if (!rest.starts_with("=?")) return std::nullopt;
  const std::size_t charset_end = rest.find('?', 2);
  if (charset_end == std::string_view::npos) return std::nullopt;
  const std::size_t text_begin = charset_end + 3;
  if (text_begin > rest.size() || rest[text_begin - 1] != '?') return std::nullopt;
  const std::size_t text_end = rest.find("?=", text_begin);
  if (text_end == std::string_view::npos) return std::nullopt;
  const std::string_view text = rest.substr(text_begin, text_end - text_begin);
  if (text.find_first_of("? ") != std::string_view::npos) return std::nullopt;

  const char encoding = rest[charset_end + 1];
  std::optional<std::string> bytes;
  if (encoding == 'B' || encoding == 'b') bytes = protocol::base64_decode(text);
  if (encoding == 'Q' || encoding == 'q') bytes = decode_q(text);
  if (!bytes) return std::nullopt;
  const std::string_view charset = rest.substr(2, charset_end - 2);
  if (protocol::same_header(charset, "ISO-8859-1"))
    bytes = from_latin1(*bytes);
  else if (!protocol::same_header(charset, "UTF-8") && !protocol::same_header(charset, "US-ASCII"))
    return std::nullopt;
  if (!protocol::is_utf8(*bytes)) return std::nullopt;
  return EncodedWord{.text = std::move(*bytes), .length = text_end + 2};
}

}  // namespace

std::string decode_header_text(std::string_view value) {
  std::string decoded;
  std::string blanks;  // between two encoded words they are no text
  bool after_word = false;
  while (!value.empty()) {
    if (const auto word = read_word(value)) {
      if (!after_word) decoded += blanks;
      blanks.clear();
      decoded += word->text;
      value.remove_prefix(word->length);
      after_word = true;
      continue;
    }
    const bool blank = value.front() == ' ' || value.front() == '\t';
    if (!blank) {
      decoded += blanks;
      blanks.clear();
      after_word = false;
    }
    (blank ? blanks : decoded) += value.front();
    value.remove_prefix(1);
  }
  decoded += blanks;
  return protocol::is_utf8(decoded) ? decoded : from_latin1(decoded);
}

std::string encode_header_text(std::string_view utf8) {
  if (is_printing(utf8)) return std::string(utf8);
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string encoded = "=?UTF-8?Q?";
  for (const char c : utf8) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == ' ') {
      encoded += '_';
    } else if (byte > ' ' && byte < 0x7F && c != '=' && c != '?' && c != '_') {
      encoded += c;
    } else {
      encoded += '=';
      encoded += digits[byte >> 4];
      encoded += digits[byte & 15];
    }
  }
  return encoded + "?=";
}

std::optional<std::string> to_latin1(std::string_view utf8) {
  if (is_ascii(utf8)) return std::string(utf8);
  if (!protocol::is_utf8(utf8)) return std::nullopt;
  std::string latin1;
  for (std::size_t at = 0; at < utf8.size(); ++at) {
    const auto byte = static_cast<unsigned char>(utf8[at]);
    if (byte < 0x80) {
      latin1 += utf8[at];
      continue;
    }
    // Two bytes hold what ISO-8859-1 has beyond ASCII: the first is C2 or C3.
    if (byte > 0xC3) return std::nullopt;
    const auto second = static_cast<unsigned char>(utf8[++at]);
    latin1 += static_cast<char>((byte & 0x03) << 6 | (second & 0x3F));
  }
  return latin1;
}

}  // namespace matinee::s3
