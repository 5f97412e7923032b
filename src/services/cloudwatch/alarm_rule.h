// The rule of a composite alarm: `ALARM(a) AND NOT (OK("b") OR INSUFFICIENT_DATA(arn:...))`.
//
// NOT binds more than AND, and that more than OR. TRUE and FALSE may be written in any case. Names
// and ARNs may stand in double quotes, which they need where they contain a parenthesis.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace matinee::cloudwatch {

/// A text that is no rule, in AWS's words.
struct RuleFault {
  std::string message;
};

class AlarmRule {
 public:
  /// AWS's limits.
  static constexpr std::size_t most_alarms = 100;
  /// Alarms, TRUE and FALSE, and pairs of parentheses.
  static constexpr std::size_t most_elements = 500;

  /// Throws RuleFault.
  static AlarmRule parse(std::string_view text);

  /// The names or ARNs of alarms as the rule has them, each once, in its order.
  const std::vector<std::string>& alarms() const { return alarms_; }

  /// `state_of` is given elements of alarms(): "ALARM", "OK", "INSUFFICIENT_DATA".
  bool evaluate(const std::function<std::string(const std::string&)>& state_of) const;

 private:
  friend class RuleParser;

  enum class Kind : std::uint8_t { literal, alarm, negate, both, either };
  /// The rule as a calculator would be told it: operands first.
  struct Step {
    Kind kind = Kind::literal;
    bool value = false;     // of a literal
    std::size_t alarm = 0;  // in alarms_
    std::string_view state;
  };

  std::vector<std::string> alarms_;
  std::vector<Step> steps_;
};

}  // namespace matinee::cloudwatch
