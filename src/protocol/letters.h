// What counts as a letter or a digit in any language.
#pragma once

namespace matinee::protocol {

/// Of Unicode's general categories L and Nd: no marks, signs or punctuation.
bool is_letter_or_digit(char32_t c);

}  // namespace matinee::protocol
