// Patterns that events match: those of EventBridge rules and archives, filter policies of SNS
// subscriptions, and filters of event sources. Compiled once, tried on any number of events.
//
// Where AWS's documentation and its matcher (event-ruler, which is public) differ, this follows the
// matcher, since the answers of the services show that they run it. That is so for:
// - Numbers. The documentation says that EventBridge compares them as texts; the matcher finds
//   300, 300.0 and 3.0e2 equal, in lists of values and in every operator. It compares every number
//   that a double holds with all its digits, not only those up to five billion. Others equal only
//   the same text.
// - A text that is an internet address equals every other way to write that address.
// - A name that is given twice, or another nesting of the same path, replaces what was before.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "patterns/event.h"

namespace matinee::patterns {

struct Rule;

/// Which service reads the pattern: what it accepts, and how it says what is wrong.
enum class Dialect : std::uint8_t {
  event_bus,       // EventBridge: rules, archives, TestEventPattern
  sns_attributes,  // FilterPolicy of the scope MessageAttributes
  sns_body,        // FilterPolicy of the scope MessageBody
  event_source     // Lambda's event source mappings, and pipes
};

struct PatternError {
  /// In AWS's words. For event_bus the whole message of InvalidEventPatternException; for SNS what
  /// follows "Invalid parameter: " or, in Subscribe, "Invalid parameter: Attributes Reason: "; for
  /// event_source the whole message of InvalidParameterValueException.
  std::string message;
};

/// One thing that keeps an event from matching.
struct Failure {
  std::string path;
  std::string wanted;  // "running", or a text that begins with "auto-"
  std::string found;   // "stopped"; nothing
  std::string sentence;
};

struct Explanation {
  bool matches = false;
  /// Of a pattern with $or only those of the alternative that came nearest.
  std::vector<Failure> failures;
  /// How many alternatives $or makes: 1 without it.
  std::size_t alternatives = 1;
  /// All of it in sentences: 'The event does not match: detail.state is "stopped" and must be
  /// "running".'
  std::string text;
};

/// One thing that a pattern looks at.
struct Leaf {
  std::string path;
  std::string wanted;  // as in Failure
  std::string found;
  bool holds = false;
  /// Why not; empty where it holds.
  std::string sentence;
  /// The alternatives of $or that ask for it, from 1 on: {1} without $or.
  std::vector<std::size_t> alternatives;
};

class Pattern {
 public:
  /// `json` as the user gave it; SNS echoes it without blanks, as AWS does. A FilterPolicy of {}
  /// compiles, and matches everything: to AWS it is no policy.
  static std::expected<Pattern, PatternError> compile(Dialect dialect, std::string_view json);

  Pattern(Pattern&&) noexcept;
  Pattern& operator=(Pattern&&) noexcept;
  ~Pattern();

  bool matches(const Event& event) const;
  Explanation explain(const Event& event) const;
  /// All that the pattern looks at, in the order of their paths. Where a leaf would hold alone but
  /// not within the elements of arrays that the others need, one that `explain` tells does not.
  std::vector<Leaf> leaves(const Event& event) const;

  /// For PatternSet.
  const Rule& rule() const { return *rule_; }

 private:
  explicit Pattern(std::unique_ptr<const Rule> rule);
  std::unique_ptr<const Rule> rule_;
};

}  // namespace matinee::patterns
