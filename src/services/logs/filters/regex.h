// The regular expressions of filter patterns: %…%.
//
// AWS allows letters, digits, the symbols : _ # = @ / ; , - and the operators ^ $ ? [] {} | \ * + .
// without subpatterns in parentheses. An expression is therefore a choice of sequences of sets of
// characters, each with a number of times. It is looked for anywhere in the text, by an automaton
// whose states are made when they are first met: in linear time, whatever the expression.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

namespace matinee::logs::filters {

class Regex {
 public:
  /// Without the percentage signs. Throws PatternFault.
  explicit Regex(std::string_view expression);

  /// Not from several threads at once, since states are remembered.
  bool is_in(std::string_view text) const;

 private:
  using Characters = std::bitset<256>;

  enum class Step : std::uint8_t { once, maybe, any_times, at_begin, at_end, match };
  struct Position {
    Step step;
    Characters characters;
  };
  using Positions = std::vector<std::uint32_t>;
  struct State {
    Positions positions;  // those that wait for a character, or for the end
    bool is_match = false;
    bool is_match_at_end = false;
    std::array<std::int32_t, 256> next;
  };
  class Parser;
  static constexpr std::int32_t unknown = -1;

  std::vector<Position> program_;  // alternatives, each ending with a `match`
  Positions starts_;

  mutable std::vector<State> states_;
  mutable std::map<Positions, std::int32_t> known_;
  mutable std::int32_t first_ = unknown;

  void forget_states() const;
  void add(std::uint32_t position, bool at_begin, std::vector<bool>& seen, Positions& out) const;
  bool ends_at(std::uint32_t position) const;
  std::int32_t state_of(Positions positions) const;
  std::int32_t first_state() const;
  std::int32_t follow(std::int32_t state, unsigned char c) const;
};

}  // namespace matinee::logs::filters
