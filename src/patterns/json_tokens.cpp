#include "patterns/json_tokens.h"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/utf8.h"

namespace matinee::patterns {
namespace {

constexpr std::string_view kValues =
    "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
/// What Jackson allows, and what recursion over the tokens can bear.
constexpr std::size_t kDeepest = 1000;
/// Of a longer text only so much is shown.
constexpr std::size_t kMostShown = 500;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_part_of_word(char c) {
  return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '$' ||
         (c & 0x80) != 0;
}

/// Characters as Java counts them: those beyond the first 65,536 are two.
std::size_t java_length(std::string_view text) {
  std::size_t length = 0;
  for (const char c : text)
    length += (c & 0xc0) == 0x80 ? 0 : static_cast<unsigned char>(c) >= 0xf0 ? 2 : 1;
  return length;
}

/// The front of `text` that has `length` of them.
std::string_view java_front(std::string_view text, std::size_t length) {
  std::string_view rest = text;
  while (!rest.empty()) {
    std::string_view after = rest;
    length -= std::min<std::size_t>(length, protocol::next_character(after) > 0xffff ? 2 : 1);
    rest = after;
    if (length == 0) break;
  }
  return text.substr(0, text.size() - rest.size());
}

/// Control characters other than the ends of lines are not shown as such.
std::string without_controls(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if ((c >= 0 && c < 0x20 && c != '\n' && c != '\r') || c == 0x7f)
      result += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
    else
      result += c;
  }
  return result;
}

}  // namespace

std::string JsonTokens::source(std::size_t at) const {
  const std::string_view before = json_.substr(0, at);
  const auto line = std::ranges::count(before, '\n') + 1;
  const std::size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
  const std::size_t column = java_length(before.substr(line_begin)) + 1;
  if (form_ == PlaceForm::without_text)
    return fmt::format(
        "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); "
        "line: {}, column: {}]",
        line, column);
  std::string shown = fmt::format("\"{}\"", without_controls(java_front(json_, kMostShown)));
  if (const std::size_t length = java_length(json_); length > kMostShown)
    shown += fmt::format("[truncated {} chars]", length - kMostShown);
  return fmt::format("[Source: (String){}; line: {}, column: {}]", shown, line, column);
}

void JsonTokens::fail_at(const std::string& message, std::size_t at) const {
  throw Fault(message + place(at));
}

char32_t JsonTokens::character() const {
  std::string_view rest = json_.substr(at_);
  return rest.empty() ? U'\0' : protocol::next_character(rest);
}

std::string JsonTokens::described_character() const {
  const char32_t c = character();
  if (c < 0x20) return fmt::format("(CTRL-CHAR, code {})", static_cast<unsigned>(c));
  std::string text;
  protocol::append_character(text, c);
  if (c > 0xff) return fmt::format("'{0}' (code {1} / 0x{1:x})", text, static_cast<unsigned>(c));
  return fmt::format("'{}' (code {})", text, static_cast<unsigned>(c));
}

/// The error points at the character, though it has been read.
void JsonTokens::fail_on_character(std::string_view what) {
  const std::string message =
      fmt::format("Unexpected character ({}){}", described_character(), what);
  fail_at(message, at_++);
}

void JsonTokens::fail_on_word(std::size_t begin) {
  while (at_ < json_.size() && is_part_of_word(json_[at_])) ++at_;
  fail(fmt::format("Unrecognized token '{}': was expecting {}", json_.substr(begin, at_ - begin),
                   kValues));
}

bool JsonTokens::skip_space() {
  for (; at_ < json_.size(); ++at_) {
    const auto c = static_cast<unsigned char>(json_[at_]);
    if (c == '/')
      fail_on_character(
          ": maybe a (non-standard) comment? (not recognized as one since Feature "
          "'ALLOW_COMMENTS' not enabled for parser)");
    if (c > 0x20) return true;
    if (c != ' ' && c != '\n' && c != '\r' && c != '\t')
      fail(
          fmt::format("Illegal character ((CTRL-CHAR, code {})): only regular white space "
                      "(\\r, \\n, \\t) is allowed between tokens",
                      static_cast<unsigned>(c)));
  }
  return false;
}

JsonTokens::Token JsonTokens::next() {
  if (is_prefetched_) {
    is_prefetched_ = false;
    return token_ = prefetched_;
  }
  if (is_unread_) read_text(false);
  const bool is_outside = levels_.empty();
  if (!skip_space()) {
    if (is_outside) return token_ = Token::end;
    const Level& level = levels_.back();
    fail(fmt::format("Unexpected end-of-input: expected close marker for {} (start marker at {})",
                     level.is_object ? "Object" : "Array", source(level.begin)));
  }
  if (json_[at_] == ']' || json_[at_] == '}') return token_ = close(json_[at_]);
  if (!is_outside) skip_comma();
  if (is_outside || !levels_.back().is_object) return token_ = read_value();
  return token_ = read_name();
}

void JsonTokens::skip_comma() {
  if (!levels_.back().has_items) {
    levels_.back().has_items = true;
    return;
  }
  const std::string_view kind = levels_.back().is_object ? "Object" : "Array";
  if (json_[at_] != ',')
    fail_on_character(fmt::format(": was expecting comma to separate {} entries", kind));
  ++at_;
  if (!skip_space()) fail(fmt::format("Unexpected end-of-input within/between {} entries", kind));
}

JsonTokens::Token JsonTokens::close(char c) {
  const bool is_object = c == '}';
  if (levels_.empty()) {
    fail(fmt::format("Unexpected close marker '{}': no open {} to close", c,
                     is_object ? "Object" : "Array"));
  }
  if (levels_.back().is_object != is_object) {
    const std::string message = fmt::format(
        "Unexpected close marker '{}': expected '{}' (for {} starting at {})", c,
        is_object ? ']' : '}', is_object ? "Array" : "Object", source(levels_.back().begin));
    fail_at(message, at_++);
  }
  levels_.pop_back();
  ++at_;
  text_ = c;
  return is_object ? Token::end_object : Token::end_array;
}

JsonTokens::Token JsonTokens::read_name() {
  if (json_[at_] != '"') fail_on_character(": was expecting double-quote to start field name");
  ++at_;
  read_text(true);
  name_ = text_;
  const auto require = [&] {
    if (!skip_space()) fail("Unexpected end-of-input within/between Object entries");
  };
  require();
  if (json_[at_] != ':')
    fail_on_character(": was expecting a colon to separate field name and value");
  ++at_;
  require();
  prefetched_ = read_value();
  is_prefetched_ = true;
  return Token::name;
}

JsonTokens::Token JsonTokens::read_value() {
  const char c = json_[at_];
  switch (c) {
    case '"':
      ++at_;
      is_unread_ = true;
      return Token::text;
    case '{':
    case '[':
      levels_.push_back({.is_object = c == '{', .has_items = false, .begin = at_++});
      if (levels_.size() > kDeepest)
        fail(
            fmt::format("Document nesting depth ({}) exceeds the maximum allowed ({}, from "
                        "`StreamReadConstraints.getMaxNestingDepth()`)",
                        levels_.size(), kDeepest));
      text_ = c;
      return c == '{' ? Token::begin_object : Token::begin_array;
    case 't':
      return read_word("true", Token::boolean_true);
    case 'f':
      return read_word("false", Token::boolean_false);
    case 'n':
      return read_word("null", Token::null);
    default:
      if (c == '-' || is_digit(c)) return read_number();
      if (is_part_of_word(c)) fail_on_word(at_);
      if (c == '}') fail_on_character(": expected a value");
      if (c == '+') {
        ++at_;
        fail(
            "Unexpected character ('+' (code 43)) in numeric value: JSON spec does not allow "
            "numbers to have plus signs: enable "
            "`JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS` to allow");
      }
      fail_on_character(fmt::format(": expected a valid value {}", kValues));
  }
}

JsonTokens::Token JsonTokens::read_word(std::string_view word, Token token) {
  const std::size_t begin = at_;
  const std::string_view rest = json_.substr(at_);
  if (!rest.starts_with(word) || (rest.size() > word.size() && is_part_of_word(rest[word.size()])))
    fail_on_word(begin);
  at_ += word.size();
  text_ = word;
  return token;
}

/// What has to follow the sign, point or exponent at `mark`, of which the error tells.
void JsonTokens::read_digits(std::size_t mark, const char* at_end, const char* missing) {
  if (at_ == json_.size()) fail(fmt::format("Unexpected end-of-input{}", at_end));
  if (!is_digit(json_[at_])) {
    const std::string message = fmt::format("Unexpected character ({}) in numeric value: {}",
                                            described_character(), missing);
    at_ = mark + 1;
    fail_at(message, mark);
  }
  while (at_ < json_.size() && is_digit(json_[at_])) ++at_;
}

JsonTokens::Token JsonTokens::read_number() {
  const std::size_t begin = at_;
  const auto is = [&](char c) { return at_ < json_.size() && json_[at_] == c; };
  if (is('-')) ++at_;
  const bool is_zero = is('0');
  if (is_zero) {
    ++at_;
    if (at_ < json_.size() && is_digit(json_[at_]))
      fail("Invalid numeric value: Leading zeroes not allowed");
  } else {
    read_digits(at_, "No digit following sign",
                "expected digit (0-9) to follow minus sign, for valid numeric value");
  }
  // Of what is wrong behind whole numbers Jackson tells at their end, but behind zero at its place.
  const std::size_t end = at_;
  const auto mark = [&] { return is_zero ? at_ : end; };
  if (is('.')) {
    // At the end of the text it is the point itself that is unexpected.
    if (++at_ == json_.size()) --at_;
    read_digits(mark(), "", "Decimal point not followed by a digit");
  }
  if (is('e') || is('E')) {
    ++at_;
    if (is('+') || is('-')) ++at_;
    read_digits(mark(), "expected a digit for number exponent",
                "Exponent indicator not followed by a digit");
  }
  text_ = json_.substr(begin, at_ - begin);
  if (levels_.empty() && at_ < json_.size() && static_cast<unsigned char>(json_[at_]) > ' ')
    fail_on_character(": Expected space separating root-level values");
  return Token::number;
}

std::string JsonTokens::text() {
  if (token_ == Token::name) return name_;
  if (is_unread_ && !is_prefetched_) read_text(false);
  return text_;
}

void JsonTokens::read_text(bool is_name) {
  is_unread_ = false;
  text_.clear();
  for (; at_ < json_.size(); ++at_) {
    const auto c = static_cast<unsigned char>(json_[at_]);
    if (c == '"') {
      ++at_;
      return;
    }
    if (c < 0x20)
      fail(
          fmt::format("Illegal unquoted character ((CTRL-CHAR, code {})): has to be escaped using "
                      "backslash to be included in {}",
                      static_cast<unsigned>(c), is_name ? "name" : "string value"));
    if (c == '\\')
      read_escape();
    else
      text_ += json_[at_];
  }
  fail(is_name ? "Unexpected end-of-input in field name"
               : "Unexpected end-of-input: was expecting closing quote for a string value");
}

unsigned JsonTokens::read_hex() {
  unsigned unit = 0;
  for (int i = 0; i < 4; ++i) {
    if (++at_ == json_.size()) fail("Unexpected end-of-input in character escape sequence");
    const char c = json_[at_];
    if (is_digit(c))
      unit = unit * 16 + static_cast<unsigned>(c - '0');
    else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
      unit = unit * 16 + static_cast<unsigned>((c | 0x20) - 'a' + 10);
    else
      fail_on_character(": expected a hex-digit for character escape sequence");
  }
  return unit;
}

void JsonTokens::read_escape() {
  constexpr std::string_view kNames = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  if (++at_ == json_.size()) fail("Unexpected end-of-input in character escape sequence");
  const char c = json_[at_];
  if (const std::size_t place = kNames.find(c); place != std::string_view::npos) {
    text_ += kMeanings[place];
    return;
  }
  if (c != 'u') {
    const std::string message =
        fmt::format("Unrecognized character escape {}", described_character());
    fail_at(message, at_++);
  }
  char32_t letter = read_hex();
  if (letter >= 0xd800 && letter < 0xdc00 && json_.substr(at_ + 1).starts_with("\\u")) {
    const std::size_t back = at_;
    at_ += 2;
    const unsigned low = read_hex();
    if (low >= 0xdc00 && low < 0xe000)
      letter = 0x10000 + ((letter - 0xd800) << 10) + (low - 0xdc00);
    else
      at_ = back;
  }
  // Half a pair is no character; Java writes a question mark for it.
  protocol::append_character(text_, letter >= 0xd800 && letter < 0xe000 ? U'?' : letter);
}

}  // namespace matinee::patterns
