// Filter patterns in brackets, for events whose fields stand between spaces:
// [ip, user, ..., status = 4*, bytes > 1000].
#pragma once

#include <vector>

#include "services/logs/filters/pattern_kind.h"
#include "services/logs/filters/values.h"

namespace matinee::logs::filters {

class DelimitedPattern final : public PatternKind {
 public:
  /// With its brackets. Throws PatternFault.
  explicit DelimitedPattern(std::string_view pattern);

  bool matches(std::string_view message) const override;
  Extracted extract(std::string_view message) const override;
  std::optional<std::string> find(std::string_view selector,
                                  std::string_view message) const override;
  int regex_count() const override { return regex_count_; }

 private:
  struct Comparison {
    Comparator comparator;
    Value value;
  };
  struct Field {
    std::string name;
    bool is_ellipsis = false;
    /// Any of these, each of which holds if all of its comparisons do; none means anything fits.
    std::vector<std::vector<Comparison>> alternatives;

    bool fits(std::string_view text) const;
  };
  using Tokens = std::vector<std::string_view>;

  std::vector<Field> fields_;
  int regex_count_ = 0;

  Field take_field(std::string_view& text);
  Comparison take_comparison(std::string_view& text, Field& field);
  static Tokens split(std::string_view message);
  bool fits_at(const Tokens& tokens, std::size_t token, std::size_t first, std::size_t last) const;
  /// The field that each token is; -1 for those that an ellipsis stands for. Nothing where the
  /// tokens do not fit.
  std::optional<std::vector<int>> place(const Tokens& tokens) const;
};

}  // namespace matinee::logs::filters
