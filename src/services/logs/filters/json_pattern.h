// Filter patterns in braces, for events that are JSON: comparisons of what selectors lead to,
// joined by && and || and parentheses.
#pragma once

#include <memory>

#include "services/logs/filters/pattern_kind.h"

namespace matinee::logs::filters {

class JsonPattern final : public PatternKind {
 public:
  /// With its braces. Throws PatternFault.
  explicit JsonPattern(std::string_view pattern);
  ~JsonPattern() override;

  bool matches(std::string_view message) const override;
  Extracted extract(std::string_view message) const override;
  std::optional<std::string> find(std::string_view selector,
                                  std::string_view message) const override;
  int regex_count() const override { return regex_count_; }

 private:
  struct Condition;

  std::unique_ptr<Condition> root_;
  int regex_count_ = 0;
};

/// What stands in an event that is a JSON object, by the way to it: "user.id", "list.0". At most
/// 200 of them, as CloudWatch Logs discovers; lists and objects only by what is in them.
Extracted flatten(std::string_view message);

}  // namespace matinee::logs::filters
