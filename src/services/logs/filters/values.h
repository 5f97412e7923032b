// The values that filter patterns compare with: numbers, text with wildcards, and expressions.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "services/logs/filters/regex.h"

namespace matinee::logs::filters {

/// `text` as a number, where it is one as a whole: "+5", "-1.5", "10e3".
std::optional<double> parse_number(std::string_view text);

/// Whether `text` is what `wildcards` says, in which each * stands for any characters.
bool fits_wildcards(std::string_view text, std::string_view wildcards);

std::string_view trimmed(std::string_view text);

enum class Comparator : std::uint8_t { equal, not_equal, less, less_or_equal, more, more_or_equal };

/// Takes a comparator off the front of `text`; nothing where there is none.
std::optional<Comparator> take_comparator(std::string_view& text);

/// The right side of a comparison.
class Value {
 public:
  /// Takes a value off the front of `text`: "quoted", %expression%, or all up to the first of
  /// `ends`, to "&&" or "||". Throws PatternFault.
  static Value take(std::string_view& text, std::string_view ends);

  bool is_regex() const { return regex_ != nullptr; }
  std::optional<double> number() const { return number_; }

  /// By text, with wildcards, or by the expression.
  bool fits_text(std::string_view text) const;
  /// As text, or as numbers where both are. For `less` and the like, numbers only.
  bool fits(Comparator comparator, std::string_view text) const;
  bool fits_number(Comparator comparator, double number) const;

 private:
  std::string text_;
  std::optional<double> number_;  // not of what is quoted
  bool has_wildcards_ = false;
  std::shared_ptr<const Regex> regex_;
};

}  // namespace matinee::logs::filters
