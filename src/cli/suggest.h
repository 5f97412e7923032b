// What somebody may have meant who has mistyped a word.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace matinee::cli {

/// The candidate that is the fewest typing errors away from `word`, letters left out, added, wrong
/// or exchanged; empty where even that is another word.
std::string closest(std::string_view word, std::span<const std::string> candidates);

/// "; did you mean "X"?" or, where nothing is close, "".
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

}  // namespace matinee::cli
