// The words of a PartiQL statement.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"

namespace matinee::dynamodb::partiql {

enum class TokenKind : std::uint8_t {
  end,
  word,       // a keyword, or a name without quotes
  name,       // in double quotes
  text,       // in single quotes
  number,     // digits, with a point and an exponent where there are some
  parameter,  // ?
  symbol      // ( ) [ ] { } << >> , . : * = <> != < <= > >= + -
};

struct Token {
  TokenKind kind = TokenKind::end;
  /// Of a name or text what is between its quotes, where two quotes stand for one.
  std::string text;
};

/// "Statement wasn't well formed, can't be processed: WHY".
protocol::ServiceError malformed(std::string_view why);

/// Ends with a token of kind `end`. Throws a ValidationException for a character that no statement
/// contains, and for quotes that are not closed.
std::vector<Token> read_tokens(std::string_view statement);

/// A cursor over the tokens of a statement.
class TokenReader {
 public:
  /// Levels of parentheses and NOT, so that no statement makes a parser recurse without bound.
  static constexpr int max_depth = 150;
  /// Operators and functions of one statement.
  static constexpr int max_operators = 300;

  explicit TokenReader(std::string_view statement) : tokens_(read_tokens(statement)) {}

  const Token& peek(std::size_t ahead = 0) const;
  Token take();
  bool at_symbol(std::string_view symbol) const { return is(peek(), TokenKind::symbol, symbol); }
  /// Whether the next token, or one after it, is this keyword, in upper or lower case.
  bool at_word(std::string_view word, std::size_t ahead = 0) const;
  /// Takes the next token if it is this one.
  bool take_symbol(std::string_view symbol);
  bool take_word(std::string_view word);
  /// Takes the next token, which must be this one. Throws a ValidationException.
  void require_symbol(std::string_view symbol);
  void require_word(std::string_view word);

  /// Throws a ValidationException about the next token, which cannot stand where it does.
  [[noreturn]] void fail() const;
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
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int depth_ = 0;
  int operators_ = 0;

  static bool is(const Token& token, TokenKind kind, std::string_view text) {
    return token.kind == kind && token.text == text;
  }
};

/// Whether a word is one that PartiQL reserves and this dialect uses: no name without quotes.
bool is_keyword(std::string_view word);

}  // namespace matinee::dynamodb::partiql
