// Comparison of texts without regard to case, letter by letter: each letter of the wanted text
// stands for its capital and its small form, whatever letters those have, as in Java.
#pragma once

#include <string>
#include <string_view>

namespace matinee::patterns {

bool equals_ignoring_case(std::string_view text, std::string_view wanted);
bool begins_ignoring_case(std::string_view text, std::string_view wanted);
bool ends_ignoring_case(std::string_view text, std::string_view wanted);

/// The small letters of ASCII; everything else as it is.
std::string in_small_letters(std::string_view text);
bool is_ascii(std::string_view text);

/// The other letters that a character of a wanted text stands for, besides itself: in the order of
/// the two, the small form and the capital one. Either is the character where there is none.
struct Forms {
  std::string small;
  std::string capital;
};
Forms forms_of(char32_t letter);

}  // namespace matinee::patterns
