// Texts that were encoded twice: written in UTF-8, taken for Windows-1252 by somebody, and written
// in UTF-8 once more. "Amélie" became "AmÃ©lie" that way.
#pragma once

#include <string>
#include <string_view>

namespace matinee::omdb {

/// Takes the second encoding back wherever a run of characters beyond ASCII has had one, however
/// often; all else stays. `text` must be UTF-8. No sensible text has such runs: "Ã" is never
/// followed by "©", nor "â" by "€™".
std::string repair_text(std::string_view text);

}  // namespace matinee::omdb
