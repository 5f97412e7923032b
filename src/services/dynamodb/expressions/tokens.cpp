#include "services/dynamodb/expressions/tokens.h"

#include <fmt/format.h>

#include <algorithm>

#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb::expressions {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_part(char c) {
  return is_letter(c) || is_digit(c) || c == '_';
}
bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

char to_upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

template <class Predicate>
std::size_t span_of(std::string_view text, std::size_t from, Predicate predicate) {
  std::size_t end = from;
  while (end < text.size() && predicate(text[end])) ++end;
  return end - from;
}

TokenKind punctuation(char c) {
  switch (c) {
    case '(':
      return TokenKind::open;
    case ')':
      return TokenKind::close;
    case '[':
      return TokenKind::open_bracket;
    case ']':
      return TokenKind::close_bracket;
    case ',':
      return TokenKind::comma;
    case '.':
      return TokenKind::dot;
    case '=':
      return TokenKind::equal;
    case '<':
      return TokenKind::less;
    case '>':
      return TokenKind::greater;
    case '+':
      return TokenKind::plus;
    case '-':
      return TokenKind::minus;
    default:
      return TokenKind::unknown;
  }
}

// Of a character outside ASCII all its bytes, so that messages stay valid UTF-8.
std::size_t character_length(std::string_view text) {
  return 1 +
         span_of(text, 1, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; });
}

Token next_token(std::string_view text) {
  const auto token = [text](TokenKind kind, std::size_t length) {
    return Token{kind, text.substr(0, length)};
  };
  const char c = text[0];
  if (is_letter(c)) return token(TokenKind::identifier, span_of(text, 0, is_part));
  if (is_digit(c)) return token(TokenKind::index, span_of(text, 0, is_digit));
  if (c == '#' || c == ':') {
    const std::size_t length = span_of(text, 1, is_part);
    if (length == 0) return token(TokenKind::unknown, 1);
    const auto kind = c == '#' ? TokenKind::name_placeholder : TokenKind::value_placeholder;
    return token(kind, 1 + length);
  }
  if (text.starts_with("<>")) return token(TokenKind::not_equal, 2);
  if (text.starts_with("<=")) return token(TokenKind::less_equal, 2);
  if (text.starts_with(">=")) return token(TokenKind::greater_equal, 2);
  const TokenKind kind = punctuation(c);
  return token(kind, kind == TokenKind::unknown ? character_length(text) : 1);
}

}  // namespace

bool equal_ignoring_case(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, {}, to_upper, to_upper);
}

TokenReader::TokenReader(std::string_view text, std::string_view parameter)
    : text_(text), parameter_(parameter) {
  if (text.empty()) fail("The expression can not be empty;");
  if (text.size() > max_expression_bytes) {
    fail("Expression size has exceeded the maximum allowed size; expression size: " +
         std::to_string(text.size()));
  }
  tokens_.reserve(text.size() / 4 + 4);
  for (std::size_t at = 0; at < text.size();) {
    if (is_space(text[at])) {
      ++at;
      continue;
    }
    tokens_.push_back(next_token(text.substr(at)));
    at += tokens_.back().text.size();
  }
  tokens_.push_back({TokenKind::end, text.substr(text.size())});
}

const Token& TokenReader::peek(std::size_t ahead) const {
  return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
}

Token TokenReader::take() {
  const Token token = peek();
  if (at_ + 1 < tokens_.size()) ++at_;
  return token;
}

bool TokenReader::take_if(TokenKind kind) {
  if (peek().kind != kind) return false;
  take();
  return true;
}

bool TokenReader::is_word(std::string_view upper) const {
  return peek().kind == TokenKind::identifier && equal_ignoring_case(peek().text, upper);
}

bool TokenReader::take_word(std::string_view upper) {
  if (!is_word(upper)) return false;
  take();
  return true;
}

Token TokenReader::require(TokenKind kind) {
  if (peek().kind != kind) fail_at_next();
  return take();
}

void TokenReader::fail_at_next() const {
  // "Near" reaches from the token before to the token after, as it stands in the expression.
  const auto offset = [this](const Token& token) {
    return static_cast<std::size_t>(token.text.data() - text_.data());
  };
  const Token& token = peek();
  const Token& after = peek(1);
  const std::size_t from = offset(at_ > 0 ? tokens_[at_ - 1] : token);
  const std::size_t to = offset(after) + after.text.size();
  std::string_view near = text_.substr(from, to - from);
  if (after.kind == TokenKind::end)
    while (!near.empty() && is_space(near.back())) near.remove_suffix(1);
  fail(fmt::format("Syntax error; token: \"{}\", near: \"{}\"",
                   token.kind == TokenKind::end ? "<EOF>" : token.text, near));
}

void TokenReader::fail(const std::string& message) const {
  throw validation_error(fmt::format("Invalid {}: {}", parameter_, message));
}

void TokenReader::count_operator() {
  if (++operators_ > max_operators) {
    fail(fmt::format("The expression contains too many operators; maximum operators allowed: {}",
                     max_operators));
  }
}

TokenReader::Level::Level(TokenReader& reader) : reader_(reader) {
  if (++reader.depth_ <= max_depth) return;
  --reader.depth_;
  reader.fail(
      fmt::format("The expression is nested too deeply; maximum levels allowed: {}", max_depth));
}

}  // namespace matinee::dynamodb::expressions
