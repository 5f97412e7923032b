#include "patterns/letter_case.h"

#include <algorithm>
#include <iterator>
#include <span>

#include "patterns/letter_case_table.h"
#include "protocol/utf8.h"

namespace matinee::patterns {
namespace {

char small(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

char32_t other_form(std::span<const LetterRun> runs, char32_t letter) {
  const auto run = std::ranges::lower_bound(runs, letter, {}, &LetterRun::last);
  if (run == runs.end() || letter < run->first || (letter - run->first) % run->step != 0)
    return letter;
  return static_cast<char32_t>(static_cast<std::int32_t>(letter) + run->distance);
}

std::string utf8(char32_t letter) {
  std::string text;
  protocol::append_character(text, letter);
  return text;
}

bool same_ascii(std::string_view text, std::string_view wanted) {
  return std::ranges::equal(text, wanted, {}, small, small);
}

/// How much of the front of `text` the letters of `wanted` take, or npos.
std::size_t length_of_match(std::string_view text, std::string_view wanted) {
  const std::size_t size = text.size();
  while (!wanted.empty()) {
    const Forms forms = forms_of(protocol::next_character(wanted));
    if (text.starts_with(forms.small))
      text.remove_prefix(forms.small.size());
    else if (text.starts_with(forms.capital))
      text.remove_prefix(forms.capital.size());
    else
      return std::string_view::npos;
  }
  return size - text.size();
}

}  // namespace

std::string in_small_letters(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), small);
  return result;
}

bool is_ascii(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return (c & 0x80) != 0; });
}

Forms forms_of(char32_t letter) {
  if (letter < 0x80) {
    const auto c = static_cast<char>(letter);
    const bool is_small = c >= 'a' && c <= 'z';
    return {.small = {small(c)}, .capital = {is_small ? static_cast<char>(c - ('a' - 'A')) : c}};
  }
  Forms forms{.small = utf8(letter), .capital = utf8(letter)};
  if (letter > 0xffff) return forms;
  // The only small form of several letters.
  forms.small = letter == 0x130 ? "i\u0307" : utf8(other_form(kSmallLetters, letter));
  const auto* const several =
      std::ranges::lower_bound(kLongCapitals, letter, {}, &LongCapital::letter);
  if (several == std::end(kLongCapitals) || several->letter != letter) {
    forms.capital = utf8(other_form(kCapitals, letter));
    return forms;
  }
  forms.capital.clear();
  for (const char16_t unit : several->capital)
    if (unit != 0) protocol::append_character(forms.capital, unit);
  return forms;
}

bool equals_ignoring_case(std::string_view text, std::string_view wanted) {
  if (is_ascii(wanted)) return same_ascii(text, wanted);
  return length_of_match(text, wanted) == text.size();
}

bool begins_ignoring_case(std::string_view text, std::string_view wanted) {
  if (is_ascii(wanted)) return same_ascii(text.substr(0, wanted.size()), wanted);
  return length_of_match(text, wanted) != std::string_view::npos;
}

bool ends_ignoring_case(std::string_view text, std::string_view wanted) {
  if (is_ascii(wanted))
    return text.size() >= wanted.size() &&
           same_ascii(text.substr(text.size() - wanted.size()), wanted);
  for (std::size_t start = 0; start <= text.size(); ++start)
    if (length_of_match(text.substr(start), wanted) == text.size() - start) return true;
  return false;
}

}  // namespace matinee::patterns
