// Turns the JSON of a pattern into clauses of tests, and refuses what AWS refuses with its words.
#pragma once

#include <functional>

#include "patterns/json_tokens.h"
#include "patterns/pattern.h"
#include "patterns/rule.h"

namespace matinee::patterns {

class Compiler {
 public:
  Compiler(Dialect dialect, std::string_view json) : dialect_(dialect), tokens_(json) {}

  /// Throws Fault.
  void compile();
  /// What has been compiled, once.
  Rule take() { return std::move(rule_); }

  /// How many names lead to the values of the deepest key, without $or.
  std::size_t depth() const { return deepest_; }
  /// What SNS calls the complexity, summed over the alternatives.
  double combinations() const;
  /// Different paths.
  std::size_t keys() const;

 private:
  using Token = JsonTokens::Token;
  /// Of one clause, what the limits of SNS count.
  struct Size {
    std::size_t values;
    std::size_t depth;
  };
  enum class Place : std::uint8_t { anywhere, within_or };

  void read_object(const std::string& prefix, std::size_t depth, Place place);
  void read_or(const std::string& prefix, std::size_t depth);
  void read_values(std::string path, std::size_t depth);
  void add(Clause clause, Size size);
  void check_wildcards(const Clause& clause) const;

  void read_value(Token token, std::vector<Test>& tests);
  Test read_operator();
  Test read_numeric();
  Test read_comparison(const std::string& comparison);
  Test read_range(const std::string& low, bool low_is_open, Token second);
  Test read_exists();
  Test read_cidr();
  Test read_affix(std::string_view name, TestKind plain, TestKind ignoring_case);
  Test read_one_text(std::string_view name, TestKind kind);
  Test read_anything_but();
  Test read_anything_but_values(Token token);
  Test read_anything_but_texts(Token token, TestKind kind);
  void read_excluded_text(Token token, Test& test);
  void read_list(const std::function<void(Token)>& read);
  Test read_anything_but_prefix();
  std::string wildcard(const std::string& text) const;
  double checked_number(const std::string& text) const;
  double number_of(const std::string& text) const;
  void close(const char* complaint = "Only one key allowed in match expression");
  [[noreturn]] void fail(const std::string& message) const { tokens_.fail(message); }
  bool is_sns() const {
    return dialect_ == Dialect::sns_attributes || dialect_ == Dialect::sns_body;
  }
  bool knows(std::string_view name) const;

  Dialect dialect_;
  JsonTokens tokens_;
  Rule rule_;
  std::vector<Size> sizes_;  // of the clauses
  std::size_t deepest_ = 0;
};

/// Whether a wildcard has so many stars, or such repetition, that EventBridge refuses it.
bool is_too_complex(const std::string& wildcard);

}  // namespace matinee::patterns
