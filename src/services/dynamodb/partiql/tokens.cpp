#include "services/dynamodb/partiql/tokens.h"

#include <algorithm>
#include <array>

#include "services/dynamodb/expressions/tokens.h"
#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb::partiql {
namespace {

using expressions::equal_ignoring_case;

constexpr std::array<std::string_view, 29> keywords = {
    "SELECT", "FROM",    "WHERE",  "INSERT", "INTO",      "VALUE", "UPDATE", "SET",
    "REMOVE", "DELETE",  "AND",    "OR",     "NOT",       "IN",    "IS",     "BETWEEN",
    "NULL",   "MISSING", "TRUE",   "FALSE",  "RETURNING", "ORDER", "BY",     "ASC",
    "DESC",   "EXISTS",  "VALUES", "AS",     "LIMIT"};

constexpr std::array<std::string_view, 6> long_symbols = {"<<", ">>", "<>", "!=", "<=", ">="};
constexpr std::string_view symbols = "()[]{},.:*=<>+-";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}
bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::vector<Token> read() {
    std::vector<Token> tokens;
    while (true) {
      while (!text_.empty() && is_space(text_.front())) text_.remove_prefix(1);
      if (text_.empty()) break;
      tokens.push_back(read_token());
    }
    tokens.push_back({});
    return tokens;
  }

 private:
  std::string_view text_;

  std::string take(std::size_t length) {
    std::string taken(text_.substr(0, length));
    text_.remove_prefix(length);
    return taken;
  }

  Token read_token() {
    const char first = text_.front();
    if (first == '\'') return {TokenKind::text, take_quoted()};
    if (first == '"') return {TokenKind::name, take_quoted()};
    if (first == '?') return {TokenKind::parameter, take(1)};
    if (is_digit(first) || (first == '.' && text_.size() > 1 && is_digit(text_[1])))
      return {TokenKind::number, take_number()};
    if (is_name_start(first)) {
      const auto end =
          std::ranges::find_if_not(text_, [](char c) { return is_name_start(c) || is_digit(c); });
      return {TokenKind::word, take(static_cast<std::size_t>(end - text_.begin()))};
    }
    for (const std::string_view symbol : long_symbols)
      if (text_.starts_with(symbol)) return {TokenKind::symbol, take(2)};
    if (symbols.contains(first)) return {TokenKind::symbol, take(1)};
    throw malformed("Unexpected character");
  }

  std::string take_quoted() {
    const char quote = text_.front();
    std::string content;
    for (std::size_t at = 1; at < text_.size(); ++at) {
      if (text_[at] == quote) {
        if (at + 1 == text_.size() || text_[at + 1] != quote) {
          text_.remove_prefix(at + 1);
          return content;
        }
        ++at;
      }
      content += text_[at];
    }
    throw malformed("Unexpected end of statement");
  }

  std::size_t digits_from(std::size_t at) const {
    while (at < text_.size() && is_digit(text_[at])) ++at;
    return at;
  }
  std::string take_number() {
    std::size_t end = digits_from(0);
    if (end < text_.size() && text_[end] == '.') end = digits_from(end + 1);
    if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
      std::size_t exponent = end + 1;
      if (exponent < text_.size() && (text_[exponent] == '+' || text_[exponent] == '-')) ++exponent;
      if (digits_from(exponent) > exponent) end = digits_from(exponent);
    }
    return take(end);
  }
};

}  // namespace

protocol::ServiceError malformed(std::string_view why) {
  return validation_error("Statement wasn't well formed, can't be processed: " + std::string(why));
}

std::vector<Token> read_tokens(std::string_view statement) {
  return Lexer(statement).read();
}

bool is_keyword(std::string_view word) {
  return std::ranges::any_of(
      keywords, [word](std::string_view keyword) { return equal_ignoring_case(word, keyword); });
}

const Token& TokenReader::peek(std::size_t ahead) const {
  return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
}

Token TokenReader::take() {
  Token token = peek();
  if (at_ + 1 < tokens_.size()) ++at_;
  return token;
}

bool TokenReader::at_word(std::string_view word, std::size_t ahead) const {
  return peek(ahead).kind == TokenKind::word && equal_ignoring_case(peek(ahead).text, word);
}

bool TokenReader::take_symbol(std::string_view symbol) {
  if (!at_symbol(symbol)) return false;
  take();
  return true;
}

bool TokenReader::take_word(std::string_view word) {
  if (!at_word(word)) return false;
  take();
  return true;
}

void TokenReader::require_symbol(std::string_view symbol) {
  if (!take_symbol(symbol)) fail();
}

void TokenReader::require_word(std::string_view word) {
  if (!take_word(word)) fail();
}

void TokenReader::fail() const {
  const Token& token = peek();
  if (token.kind == TokenKind::end) throw malformed("Unexpected end of statement");
  if (token.kind == TokenKind::word && is_keyword(token.text))
    throw malformed("Unexpected keyword");
  throw malformed("Unexpected term");
}

void TokenReader::count_operator() {
  if (++operators_ <= max_operators) return;
  throw malformed("The statement has more than 300 operators and functions");
}

TokenReader::Level::Level(TokenReader& reader) : reader_(reader) {
  if (++reader_.depth_ <= max_depth) return;
  --reader_.depth_;
  throw malformed("The statement is nested too deeply");
}

}  // namespace matinee::dynamodb::partiql
