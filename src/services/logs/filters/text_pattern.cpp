#include "services/logs/filters/text_pattern.h"

#include <algorithm>
#include <cstring>

#include "services/logs/filters/fault.h"
#include "services/logs/filters/values.h"

namespace matinee::logs::filters {

namespace {

constexpr std::string_view spaces = " \t\r\n";

bool is_word(std::string_view term) {
  return std::ranges::all_of(term, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  });
}

}  // namespace

bool TextPattern::Term::is_in(std::string_view message) const {
  if (regex) return regex->is_in(message);
  return ::memmem(message.data(), message.size(), text.data(), text.size()) != nullptr;
}

TextPattern::Term TextPattern::take_term(std::string_view& rest) {
  if (rest.starts_with('"')) {
    const std::string_view before = rest;
    Term term;
    std::size_t end = 1;
    for (; end < rest.size() && rest[end] != '"'; ++end) {
      const bool escaped = rest[end] == '\\' && end + 1 < rest.size() &&
                           (rest[end + 1] == '"' || rest[end + 1] == '\\');
      if (escaped) ++end;
      term.text.push_back(rest[end]);
    }
    if (end >= rest.size()) refuse_pattern();
    rest.remove_prefix(end + 1);
    if (term.text.empty()) refuse_term(before.substr(0, end + 1));
    return term;
  }
  if (rest.starts_with('%')) {
    const std::size_t end = rest.find('%', 1);
    if (end == std::string_view::npos) refuse_term(rest.substr(0, rest.find_first_of(spaces)));
    ++regex_count_;
    const std::string_view expression = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
    return {.text = {}, .regex = std::make_shared<const Regex>(expression)};
  }
  const std::string_view word = rest.substr(0, rest.find_first_of(spaces));
  if (word.empty()) refuse_pattern();
  if (!is_word(word)) refuse_term(word);
  rest.remove_prefix(word.size());
  return {.text = std::string(word), .regex = nullptr};
}

TextPattern::TextPattern(std::string_view pattern) {
  std::string_view rest = trimmed(pattern);
  while (!rest.empty()) {
    std::vector<Term>* terms = &required_;
    if (rest.starts_with('-')) terms = &excluded_;
    if (rest.starts_with('?')) terms = &optional_;
    if (terms != &required_) rest.remove_prefix(1);
    terms->push_back(take_term(rest));
    if (!rest.empty() && !spaces.contains(rest.front())) refuse_pattern();
    rest = trimmed(rest);
  }
  // Documented: question marks that are combined with other terms are ignored.
  if (!required_.empty() || !excluded_.empty()) optional_.clear();
}

bool TextPattern::matches(std::string_view message) const {
  const auto is_in_message = [message](const Term& term) { return term.is_in(message); };
  if (!optional_.empty()) return std::ranges::any_of(optional_, is_in_message);
  return std::ranges::all_of(required_, is_in_message) &&
         std::ranges::none_of(excluded_, is_in_message);
}

}  // namespace matinee::logs::filters
