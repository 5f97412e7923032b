// Looking for one string in many: what `contains` does with strings and binaries.
#pragma once

#include <cstddef>
#include <string_view>

namespace matinee::dynamodb::expressions {

/// Prepared once for a term. The time of a search grows with the length of the text, whatever both
/// are made of: the two-way algorithm of Crochemore and Perrin, behind a filter that looks for two
/// of the term's rarer bytes at once.
class TextSearch {
 public:
  /// The term must outlive the search.
  explicit TextSearch(std::string_view term);

  bool is_in(std::string_view text) const {
    std::size_t steps = 0;
    return is_in(text, steps);
  }
  /// Adds to `steps` how many bytes were looked at: never more than a few for each of the text.
  bool is_in(std::string_view text, std::size_t& steps) const;

 private:
  std::string_view term_;
  // The term is compared from here to its end first, and only then before it: where that fails, the
  // first `period_` places that follow are none.
  std::size_t split_ = 0;
  std::size_t period_ = 1;
  bool is_periodic_ = false;  // what matched before a shift by the period matches after it
  // Places of two bytes of the term that texts have less often than others.
  std::size_t rare_ = 0;
  std::size_t other_ = 0;

  std::size_t next_candidate(std::string_view text, std::size_t place, std::size_t last) const;
};

}  // namespace matinee::dynamodb::expressions
