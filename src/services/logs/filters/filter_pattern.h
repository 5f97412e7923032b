// The language in which FilterLogEvents, metric filters, subscription filters and Live Tail say
// which events they mean: plain text, { JSON }, or [fields, between, spaces].
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "services/logs/filters/fault.h"
#include "services/logs/filters/pattern_kind.h"

namespace matinee::logs::filters {

class FilterPattern {
 public:
  /// Of no more than 1024 characters. Throws PatternFault.
  explicit FilterPattern(std::string_view pattern);

  /// "" and " ".
  bool matches_all() const { return kind_ == nullptr; }
  /// Of plain text nothing can be extracted.
  bool has_fields() const { return has_fields_; }
  int regex_count() const { return kind_ ? kind_->regex_count() : 0; }

  bool matches(std::string_view message) const { return !kind_ || kind_->matches(message); }
  /// What the pattern names, of an event that it matches.
  Extracted extract(std::string_view message) const {
    return kind_ ? kind_->extract(message) : Extracted{};
  }
  /// What "$.size" or "$bytes" is in an event that the pattern matches.
  std::optional<std::string> find(std::string_view selector, std::string_view message) const {
    return kind_ ? kind_->find(selector, message) : std::nullopt;
  }

 private:
  std::shared_ptr<const PatternKind> kind_;
  bool has_fields_ = false;
};

}  // namespace matinee::logs::filters
