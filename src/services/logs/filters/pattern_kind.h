// What the three kinds of filter patterns have in common.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace matinee::logs::filters {

/// "$.eventType" or "$ip", and its value in an event.
using Extracted = std::map<std::string, std::string>;

class PatternKind {
 public:
  virtual ~PatternKind() = default;

  virtual bool matches(std::string_view message) const = 0;
  /// What the pattern names in an event that it matches.
  virtual Extracted extract(std::string_view message) const = 0;
  /// What `selector` ("$.size", "$bytes") is in an event that the pattern matches.
  virtual std::optional<std::string> find(std::string_view selector,
                                          std::string_view message) const = 0;
  virtual int regex_count() const = 0;
};

}  // namespace matinee::logs::filters
