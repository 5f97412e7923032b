// Cuts are made of characters, because S3 takes only UTF-8 as a key to start after.
#include "jobs/publish/split.h"

#include <array>

namespace matinee::jobs::publish {

namespace {

using Text = std::u32string;

/// Of S3's keys.
constexpr std::size_t most_bytes = 1024;
constexpr char32_t behind_ascii = 0x7f;
constexpr char32_t behind_all = 0x110000;
/// Instead of the character at a place where the text has ended: below all others.
constexpr std::int64_t no_character = -1;

std::size_t bytes_of_character(char first) {
  const auto byte = static_cast<unsigned char>(first);
  if (byte < 0xc0) return 1;
  return byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

/// Bytes that are no UTF-8 come out as some other text; the cut is then checked and refused.
Text decode(std::string_view bytes) {
  Text text;
  while (!bytes.empty()) {
    const std::size_t size = std::min(bytes_of_character(bytes.front()), bytes.size());
    const auto first = static_cast<unsigned char>(bytes.front());
    char32_t character = size == 1 ? first : first & (0x7fU >> size);
    for (std::size_t i = 1; i < size; ++i)
      character = (character << 6U) | (static_cast<unsigned char>(bytes[i]) & 0x3fU);
    text += character;
    bytes.remove_prefix(size);
  }
  return text;
}

void append(char32_t character, std::string& out) {
  const auto tail = [&](unsigned shift) {
    out += static_cast<char>(0x80U | ((character >> shift) & 0x3fU));
  };
  if (character < 0x80) {
    out += static_cast<char>(character);
  } else if (character < 0x800) {
    out += static_cast<char>(0xc0U | (character >> 6U));
    tail(0);
  } else if (character < 0x10000) {
    out += static_cast<char>(0xe0U | (character >> 12U));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xf0U | (character >> 18U));
    tail(12);
    tail(6);
    tail(0);
  }
}

std::string encode(const Text& text) {
  std::string bytes;
  for (const char32_t character : text) append(character, bytes);
  return bytes;
}

bool is_surrogate(char32_t character) {
  return character >= 0xd800 && character < 0xe000;
}

/// The characters that names are mostly made of, in their order.
constexpr std::string_view usual =
    "-./0123456789=ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";

/// A character between the two, neither of them: of the usual ones that lie there the one in the
/// middle, else the one halfway.
std::optional<char32_t> find_between(std::int64_t low, std::int64_t high) {
  const auto begin = std::ranges::find_if(usual, [&](char c) { return c > low; });
  const auto end = std::find_if(begin, usual.end(), [&](char c) { return c >= high; });
  if (begin != end) return static_cast<char32_t>(*(begin + (end - begin) / 2));
  // Control characters are keys nobody has, and NUL is one that S3 refuses.
  const std::int64_t lowest = std::max<std::int64_t>(low + 1, high > 0x21 ? 0x20 : 1);
  if (lowest >= high) return std::nullopt;
  std::int64_t middle = lowest + (high - lowest) / 2;
  if (is_surrogate(static_cast<char32_t>(middle))) middle = low < 0xd7ff ? 0xd7ff : 0xe000;
  if (middle <= low || middle >= high) return std::nullopt;
  return static_cast<char32_t>(middle);
}

std::int64_t character_at(const Text& text, std::size_t place) {
  return place < text.size() ? static_cast<std::int64_t>(text[place]) : no_character;
}

/// The end of the alphabet that a character belongs to: ASCII, or everything.
std::int64_t end_of_alphabet(std::int64_t character) {
  return character < behind_ascii - 1 ? behind_ascii : behind_all;
}

std::size_t common_characters(const Text& one, const Text& other) {
  const auto [end, ignored] = std::ranges::mismatch(one, other);
  return static_cast<std::size_t>(end - one.begin());
}

/// `candidate` as bytes if it cuts the span.
std::optional<std::string> accept(const Span& span, const Text& candidate) {
  const auto is_none = [](char32_t c) { return is_surrogate(c) || c >= behind_all; };
  if (std::ranges::any_of(candidate, is_none)) return std::nullopt;
  std::string bytes = encode(candidate);
  if (bytes.size() > most_bytes || bytes <= span.after) return std::nullopt;
  if (!span.last.empty() && bytes >= span.last) return std::nullopt;
  return bytes;
}

/// `text` up to a place, then the character halfway from there to the end of its alphabet; at the
/// end of the alphabet one place on.
std::optional<std::string> find_above(const Span& span, const Text& text, std::size_t place) {
  for (; place <= text.size(); ++place) {
    const std::int64_t low = character_at(text, place);
    const auto between = find_between(low, end_of_alphabet(low));
    if (between) return accept(span, text.substr(0, place) + *between);
  }
  return std::nullopt;
}

/// The text that is next to `text` without its last character; nothing where there is none.
std::optional<Text> next_after(Text text) {
  while (!text.empty()) {
    char32_t next = text.back() + 1;
    if (is_surrogate(next)) next = 0xe000;
    text.pop_back();
    if (next < behind_all) return text + next;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> find_middle(const Span& span) {
  const Text low = decode(span.after);
  const Text high = decode(span.last);
  if (high.empty()) return find_above(span, low, 0);
  const std::size_t place = common_characters(low, high);
  const std::int64_t first = character_at(low, place);
  const std::int64_t second = character_at(high, place);
  if (const auto between = find_between(first, second))
    return accept(span, low.substr(0, place) + *between);
  // The two are neighbours here. What lies above the second one's first characters is cut off
  // first; when there is nothing, what is left lies all below it.
  if (high.size() > place + 1)
    if (auto cut = accept(span, high.substr(0, place + 1))) return cut;
  return find_above(span, low, place + 1);
}

std::optional<std::string> find_end_of_prefix(const Span& span, const std::string& prefix) {
  const Text low = decode(span.after);
  const std::size_t differs = common_characters(low, decode(span.last));
  const std::size_t shared = common_characters(low, decode(prefix));
  if (shared <= differs + 1) return std::nullopt;
  const auto next = next_after(low.substr(0, differs + (shared - differs + 1) / 2));
  return next ? accept(span, *next) : std::nullopt;
}

std::string end_of_prefix(const std::string& prefix) {
  const auto next = next_after(decode(prefix));
  return next ? encode(*next) : "";
}

std::size_t common_bytes(const std::string& one, const std::string& other) {
  std::size_t common =
      static_cast<std::size_t>(std::ranges::mismatch(one, other).in1 - one.begin());
  const auto continues = [&](const std::string& text) {
    return common < text.size() && (static_cast<unsigned char>(text[common]) & 0xc0U) == 0x80;
  };
  while (common > 0 && (continues(one) || continues(other))) --common;
  return common;
}

}  // namespace matinee::jobs::publish
