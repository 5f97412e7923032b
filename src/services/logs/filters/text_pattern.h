// Filter patterns of plain text: words and phrases that an event holds, does not hold, or of which
// it holds any.
#pragma once

#include <memory>
#include <vector>

#include "services/logs/filters/pattern_kind.h"
#include "services/logs/filters/regex.h"

namespace matinee::logs::filters {

class TextPattern final : public PatternKind {
 public:
  /// Throws PatternFault.
  explicit TextPattern(std::string_view pattern);

  bool matches(std::string_view message) const override;
  Extracted extract(std::string_view) const override { return {}; }
  std::optional<std::string> find(std::string_view, std::string_view) const override {
    return std::nullopt;
  }
  int regex_count() const override { return regex_count_; }

 private:
  struct Term {
    std::string text;
    std::shared_ptr<const Regex> regex;

    bool is_in(std::string_view message) const;
  };

  std::vector<Term> required_;
  std::vector<Term> excluded_;
  std::vector<Term> optional_;
  int regex_count_ = 0;

  Term take_term(std::string_view& rest);
};

}  // namespace matinee::logs::filters
