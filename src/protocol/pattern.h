// The regular expressions of service models, matched in time proportional to the text: whatever a
// client sends, there is no backtracking and no recursion over it.
#pragma once

#include <bitset>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace matinee::protocol {

/// The syntax that models use: classes, groups, alternatives, counted repetition, anchors, \d \w
/// \s,
/// \xHH, \uHHHH and \p{…}. Properties count every character beyond ASCII in. A pattern with more
/// than that (lookahead, word boundaries) matches everything: a wrong refusal is worse than none.
class Pattern {
 public:
  explicit Pattern(std::string_view expression);

  /// The compiled form, kept by each thread.
  static const Pattern& of(std::string_view expression);

  /// Whether the whole of `text` matches.
  bool matches(std::string_view text) const;
  /// False for a pattern that matches everything because it is beyond the syntax.
  bool is_supported() const { return supported_; }
  /// In steps: a match takes this times the length of the text at most.
  std::size_t size() const { return program_.size(); }

  /// A set of characters.
  struct Set {
    std::bitset<128> ascii;
    std::vector<std::pair<char32_t, char32_t>> ranges;  // beyond ASCII, both ends included
    bool negated = false;

    void add(char32_t first, char32_t last);
    bool contains(char32_t character) const;
  };

  enum class Code : std::uint8_t { set, split, jump, begin, end, match };
  struct Instruction {
    Code code;
    std::uint32_t first = 0;   // the set; where to go on
    std::uint32_t second = 0;  // split: where else
  };

 private:
  class Compiler;
  class Threads;

  std::string expression_;
  std::vector<Set> sets_;
  std::vector<Instruction> program_;
  bool supported_ = true;
  bool only_set_ = false;  // [...]+ or [...]*, which most patterns are
  bool may_be_empty_ = false;

  void find_short_cut();
};

}  // namespace matinee::protocol
