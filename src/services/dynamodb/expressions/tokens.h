// The words of an expression: what the parsers read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace matinee::dynamodb::expressions {

enum class TokenKind : std::uint8_t {
  end,
  identifier,         // a letter, then letters, digits and underscores
  name_placeholder,   // #x
  value_placeholder,  // :x
  index,              // digits
  open,
  close,
  open_bracket,
  close_bracket,
  comma,
  dot,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  plus,
  minus,
  unknown  // a character that no expression contains
};

struct Token {
  TokenKind kind;
  std::string_view text;  // part of the expression
};

/// A cursor over the tokens of one expression. The text must outlive it.
class TokenReader {
 public:
  static constexpr std::size_t max_expression_bytes = 4096;
  /// Levels of parentheses and NOT, so that no input makes a parser recurse without bound.
  static constexpr int max_depth = 150;
  /// Operators and functions in one expression.
  static constexpr int max_operators = 300;

  /// `parameter` is what the request calls the expression: "UpdateExpression". Throws a
  /// ValidationException for an empty expression and for one of more than 4 KB.
  TokenReader(std::string_view text, std::string_view parameter);

  const Token& peek(std::size_t ahead = 0) const;
  Token take();
  /// Takes the next token if it is of this kind.
  bool take_if(TokenKind kind);
  /// Takes the next token if it is this word, in upper or lower case.
  bool take_word(std::string_view upper);
  bool is_word(std::string_view upper) const;
  /// Takes the next token, which must be of this kind.
  Token require(TokenKind kind);

  /// How many tokens have been taken.
  std::size_t position() const { return at_; }

  /// Throws "Invalid PARAMETER: Syntax error; token: "T", near: "N"" about the next token.
  [[noreturn]] void fail_at_next() const;
  /// Throws "Invalid PARAMETER: MESSAGE".
  [[noreturn]] void fail(const std::string& message) const;
  /// Counts one operator or function; throws where there are too many.
  void count_operator();

  /// Holds one level of nesting for as long as it lives.
  class Level {
   public:
    explicit Level(TokenReader& reader);
    ~Level() { --reader_.depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    TokenReader& reader_;
  };

 private:
  std::string_view text_;
  std::string_view parameter_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int depth_ = 0;
  int operators_ = 0;
};

/// Whether two texts are the same but for the case of ASCII letters.
bool equal_ignoring_case(std::string_view left, std::string_view right);

}  // namespace matinee::dynamodb::expressions
