#include "cli/suggest.h"

#include <fmt/format.h>

#include <algorithm>

namespace matinee::cli {

namespace {

constexpr std::size_t longest_word = 40;

/// How many letters are to be added, left out, changed, or exchanged with their neighbour.
std::size_t distance(std::string_view one, std::string_view other) {
  std::vector<std::size_t> before;
  std::vector<std::size_t> above(other.size() + 1);
  for (std::size_t column = 0; column < above.size(); ++column) above[column] = column;
  for (std::size_t row = 1; row <= one.size(); ++row) {
    std::vector<std::size_t> current(other.size() + 1, row);
    for (std::size_t column = 1; column <= other.size(); ++column) {
      const bool same = one[row - 1] == other[column - 1];
      current[column] = std::min(
          {current[column - 1] + 1, above[column] + 1, above[column - 1] + (same ? 0 : 1)});
      const bool exchanged = row > 1 && column > 1 && one[row - 1] == other[column - 2] &&
                             one[row - 2] == other[column - 1];
      if (exchanged) current[column] = std::min(current[column], before[column - 2] + 1);
    }
    before = std::exchange(above, std::move(current));
  }
  return above.back();
}

}  // namespace

std::string closest(std::string_view word, std::span<const std::string> candidates) {
  if (word.size() > longest_word) return "";
  std::string best;
  // A third of the letters may be wrong: "dwon" is "down", and "fly" is no "up".
  std::size_t best_distance = std::max<std::size_t>(word.size() / 3, 1) + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t errors = distance(word, candidate);
    if (errors >= best_distance || errors >= candidate.size()) continue;
    best_distance = errors;
    best = candidate;
  }
  return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string> candidates) {
  const std::string meant = closest(word, candidates);
  return meant.empty() ? "" : fmt::format("; did you mean \"{}\"?", meant);
}

}  // namespace matinee::cli
