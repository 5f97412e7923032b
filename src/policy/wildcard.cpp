#include "policy/wildcard.h"

#include <algorithm>

namespace matinee::policy {

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

/// One place of a pattern: how many of its bytes it takes, and whether it is a literal.
struct Step {
  std::size_t length = 1;
  bool literal = false;
  char byte = 0;
};

Step step_at(std::string_view pattern, std::size_t at) {
  if (pattern[at] == literal_mark && at + 1 < pattern.size())
    return {.length = 2, .literal = true, .byte = pattern[at + 1]};
  return {.byte = pattern[at]};
}

bool takes(const Step& step, char c, Case letters) {
  if (!step.literal && step.byte == '?') return true;
  return letters == Case::insensitive ? lower(step.byte) == lower(c) : step.byte == c;
}

}  // namespace

/// Where it goes wrong, the last star takes one byte more: that is enough to find a match if there
/// is one.
bool matches_wildcards(std::string_view pattern, std::string_view text, Case letters) {
  constexpr std::size_t none = std::string_view::npos;
  std::size_t at = 0;
  std::size_t read = 0;
  std::size_t after_star = none;
  std::size_t star_read = 0;
  while (read < text.size()) {
    if (at < pattern.size()) {
      const Step step = step_at(pattern, at);
      if (!step.literal && step.byte == '*') {
        after_star = ++at;
        star_read = read;
        continue;
      }
      if (takes(step, text[read], letters)) {
        at += step.length;
        ++read;
        continue;
      }
    }
    if (after_star == none) return false;
    at = after_star;
    read = ++star_read;
  }
  while (at < pattern.size() && pattern[at] == '*') ++at;
  return at == pattern.size();
}

void append_literal(std::string& pattern, std::string_view text) {
  for (const char c : text) {
    if (c == '*' || c == '?' || c == literal_mark) pattern += literal_mark;
    pattern += c;
  }
}

bool has_wildcards(std::string_view pattern) {
  for (std::size_t at = 0; at < pattern.size();) {
    const Step step = step_at(pattern, at);
    if (!step.literal && (step.byte == '*' || step.byte == '?')) return true;
    at += step.length;
  }
  return false;
}

bool equals_ignoring_case(std::string_view one, std::string_view other) {
  return std::ranges::equal(one, other, [](char a, char b) { return lower(a) == lower(b); });
}

std::string to_lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), lower);
  return result;
}

}  // namespace matinee::policy
