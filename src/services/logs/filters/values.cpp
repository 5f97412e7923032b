#include "services/logs/filters/values.h"

#include <charconv>

#include "services/logs/filters/fault.h"

namespace matinee::logs::filters {

std::optional<double> parse_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || text.starts_with('+')) return std::nullopt;
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  // Neither "inf" nor "nan".
  if (digits.empty() || (digits[0] != '.' && (digits[0] < '0' || digits[0] > '9')))
    return std::nullopt;
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool fits_wildcards(std::string_view text, std::string_view wildcards) {
  // Each piece between two wildcards is taken where it comes first: that leaves most to the rest.
  const std::size_t first = wildcards.find('*');
  if (first == std::string_view::npos) return text == wildcards;
  if (!text.starts_with(wildcards.substr(0, first))) return false;
  text.remove_prefix(first);
  wildcards.remove_prefix(first + 1);
  while (true) {
    const std::size_t next = wildcards.find('*');
    if (next == std::string_view::npos) return text.ends_with(wildcards);
    const std::string_view piece = wildcards.substr(0, next);
    const std::size_t found = text.find(piece);
    if (found == std::string_view::npos) return false;
    text.remove_prefix(found + piece.size());
    wildcards.remove_prefix(next + 1);
  }
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view spaces = " \t\r\n";
  const std::size_t first = text.find_first_not_of(spaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(spaces) - first + 1);
}

std::optional<Comparator> take_comparator(std::string_view& text) {
  struct Spelling {
    std::string_view sign;
    Comparator comparator;
  };
  constexpr Spelling spellings[] = {
      {"!=", Comparator::not_equal},     {"<=", Comparator::less_or_equal},
      {">=", Comparator::more_or_equal}, {"=", Comparator::equal},
      {"<", Comparator::less},           {">", Comparator::more}};
  for (const auto& [sign, comparator] : spellings) {
    if (!text.starts_with(sign)) continue;
    text.remove_prefix(sign.size());
    return comparator;
  }
  return std::nullopt;
}

namespace {

/// What stands between quotation marks, with \" and \\ for what they mean.
std::string take_quoted(std::string_view& text) {
  std::string out;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return out;
    }
    const bool escaped =
        text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\');
    if (escaped) ++i;
    out.push_back(text[i]);
  }
  refuse_pattern();
}

std::string_view take_plain(std::string_view& text, std::string_view ends) {
  std::size_t end = 0;
  while (end < text.size() && !ends.contains(text[end]) && !text.substr(end).starts_with("&&") &&
         !text.substr(end).starts_with("||"))
    ++end;
  const std::string_view plain = trimmed(text.substr(0, end));
  text.remove_prefix(end);
  for (const char c : plain)
    if (c == ' ' || c == '\t' || c == '"' || c == '%') refuse_pattern();
  for (const char c : plain)
    if (static_cast<unsigned char>(c) >= 0x80) refuse_term("?");
  return plain;
}

}  // namespace

Value Value::take(std::string_view& text, std::string_view ends) {
  Value value;
  if (text.starts_with('"')) {
    value.text_ = take_quoted(text);
    value.has_wildcards_ = value.text_.contains('*');
    return value;
  }
  if (text.starts_with('%')) {
    const std::size_t end = text.find('%', 1);
    if (end == std::string_view::npos) refuse_pattern();
    value.regex_ = std::make_shared<const Regex>(text.substr(1, end - 1));
    text.remove_prefix(end + 1);
    return value;
  }
  value.text_ = take_plain(text, ends);
  if (value.text_.empty() || std::string_view("=<>!").contains(value.text_[0])) refuse_pattern();
  value.has_wildcards_ = value.text_.contains('*');
  value.number_ = parse_number(value.text_);
  return value;
}

bool Value::fits_text(std::string_view text) const {
  if (regex_) return regex_->is_in(text);
  return has_wildcards_ ? fits_wildcards(text, text_) : text == text_;
}

bool Value::fits(Comparator comparator, std::string_view text) const {
  if (number_)
    if (const std::optional<double> number = parse_number(text))
      return fits_number(comparator, *number);
  if (comparator == Comparator::equal) return fits_text(text);
  return comparator == Comparator::not_equal && !fits_text(text);
}

bool Value::fits_number(Comparator comparator, double number) const {
  if (!number_) return false;
  switch (comparator) {
    case Comparator::equal:
      return number == *number_;
    case Comparator::not_equal:
      return number != *number_;
    case Comparator::less:
      return number < *number_;
    case Comparator::less_or_equal:
      return number <= *number_;
    case Comparator::more:
      return number > *number_;
    case Comparator::more_or_equal:
      return number >= *number_;
  }
  return false;
}

}  // namespace matinee::logs::filters
