#include "services/cloudwatch/alarm_rule.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "policy/wildcard.h"

namespace matinee::cloudwatch {
namespace {

constexpr std::array<std::string_view, 3> states = {"ALARM", "OK", "INSUFFICIENT_DATA"};

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool is_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

}  // namespace

class RuleParser {
 public:
  explicit RuleParser(std::string_view text) : text_(text) {}

  AlarmRule parse() {
    parse_either();
    skip_space();
    if (at_ < text_.size()) refuse_here();
    return std::move(rule_);
  }

 private:
  using Kind = AlarmRule::Kind;

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t elements_ = 0;
  AlarmRule rule_;

  [[noreturn]] void refuse(std::string_view token, std::size_t at) const {
    throw RuleFault{
        fmt::format("Error in AlarmRule [Unsupported token '{}' at char {}]", token, at)};
  }

  /// Whatever stands at the place is not what has to be there.
  [[noreturn]] void refuse_here() {
    skip_space();
    if (at_ >= text_.size())
      throw RuleFault{fmt::format("Error in AlarmRule [Unexpected end at char {}]", at_)};
    const std::string_view word = peek_word();
    refuse(word.empty() ? text_.substr(at_, 1) : word, at_);
  }

  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }

  std::string_view peek_word() {
    skip_space();
    std::size_t end = at_;
    while (end < text_.size() && is_letter(text_[end])) ++end;
    return text_.substr(at_, end - at_);
  }

  bool take_word(std::string_view word) {
    if (peek_word() != word) return false;
    at_ += word.size();
    return true;
  }

  bool take(char c) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  void require(char c) {
    if (!take(c)) refuse_here();
  }

  /// Also what keeps parentheses from being nested too deeply.
  void count_element() {
    if (++elements_ > AlarmRule::most_elements)
      throw RuleFault{fmt::format("Error in AlarmRule [More than {} elements at char {}]",
                                  AlarmRule::most_elements, at_)};
  }

  void add(Kind kind) { rule_.steps_.push_back({.kind = kind, .value = false, .state = {}}); }

  void parse_either() {
    parse_both();
    while (take_word("OR")) {
      parse_both();
      add(Kind::either);
    }
  }

  void parse_both() {
    parse_one();
    while (take_word("AND")) {
      parse_one();
      add(Kind::both);
    }
  }

  void parse_one() {
    bool is_negated = false;
    while (take_word("NOT")) is_negated = !is_negated;
    if (take('(')) {
      count_element();
      parse_either();
      require(')');
    } else {
      parse_element();
    }
    if (is_negated) add(Kind::negate);
  }

  void parse_element() {
    const std::string_view word = peek_word();
    const bool is_true = policy::equals_ignoring_case(word, "TRUE");
    if (is_true || policy::equals_ignoring_case(word, "FALSE")) {
      count_element();
      at_ += word.size();
      rule_.steps_.push_back({.kind = Kind::literal, .value = is_true, .state = {}});
      return;
    }
    const auto state = std::ranges::find(states, word);
    if (state == states.end()) refuse_here();
    count_element();
    at_ += word.size();
    require('(');
    const std::size_t alarm = index_of(take_name());
    require(')');
    rule_.steps_.push_back({.kind = Kind::alarm, .alarm = alarm, .state = *state});
  }

  std::string take_name() {
    const bool is_quoted = take('"');
    const std::size_t end = text_.find(is_quoted ? '"' : ')', at_);
    if (end == std::string_view::npos) {
      at_ = text_.size();
      refuse_here();
    }
    std::string_view name = text_.substr(at_, end - at_);
    while (!is_quoted && !name.empty() && is_space(name.back())) name.remove_suffix(1);
    if (name.empty()) refuse(text_.substr(end, 1), end);
    at_ = end + (is_quoted ? 1 : 0);
    return std::string(name);
  }

  std::size_t index_of(std::string name) {
    std::vector<std::string>& alarms = rule_.alarms_;
    const auto found = std::ranges::find(alarms, name);
    if (found != alarms.end()) return static_cast<std::size_t>(found - alarms.begin());
    if (alarms.size() == AlarmRule::most_alarms)
      throw RuleFault{fmt::format("Error in AlarmRule [More than {} alarms at char {}]",
                                  AlarmRule::most_alarms, at_)};
    alarms.push_back(std::move(name));
    return alarms.size() - 1;
  }
};

AlarmRule AlarmRule::parse(std::string_view text) {
  return RuleParser(text).parse();
}

bool AlarmRule::evaluate(const std::function<std::string(const std::string&)>& state_of) const {
  std::vector<std::optional<std::string>> known(alarms_.size());
  std::vector<bool> stack;
  for (const Step& step : steps_) {
    if (step.kind == Kind::literal) {
      stack.push_back(step.value);
    } else if (step.kind == Kind::alarm) {
      std::optional<std::string>& state = known[step.alarm];
      if (!state) state = state_of(alarms_[step.alarm]);
      stack.push_back(*state == step.state);
    } else if (step.kind == Kind::negate) {
      stack.back() = !stack.back();
    } else {
      const bool right = stack.back();
      stack.pop_back();
      const bool left = stack.back();
      stack.back() = step.kind == Kind::both ? left && right : left || right;
    }
  }
  return stack.back();
}

}  // namespace matinee::cloudwatch
