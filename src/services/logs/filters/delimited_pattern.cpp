#include "services/logs/filters/delimited_pattern.h"

#include <algorithm>

#include "services/logs/filters/fault.h"

namespace matinee::logs::filters {

namespace {

void skip_spaces(std::string_view& text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  text.remove_prefix(first == std::string_view::npos ? text.size() : first);
}

bool take(std::string_view& text, std::string_view sign) {
  skip_spaces(text);
  if (!text.starts_with(sign)) return false;
  text.remove_prefix(sign.size());
  return true;
}

std::string_view take_name(std::string_view& text) {
  skip_spaces(text);
  std::size_t end = 0;
  const auto is_part = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("_-$.:@/").contains(c);
  };
  while (end < text.size() && is_part(text[end])) ++end;
  const std::string_view name = text.substr(0, end);
  text.remove_prefix(end);
  return name;
}

}  // namespace

DelimitedPattern::DelimitedPattern(std::string_view pattern) {
  std::string_view text = trimmed(pattern);
  if (!text.ends_with(']'))
    throw PatternFault("If a filter pattern starts with '[' it must end with ']'");
  text = text.substr(1, text.size() - 2);
  if (trimmed(text).empty()) {
    fields_.push_back({.name = {}, .is_ellipsis = true, .alternatives = {}});
    return;
  }
  do {
    fields_.push_back(take_field(text));
  } while (take(text, ","));
  skip_spaces(text);
  if (!text.empty()) refuse_pattern();
}

DelimitedPattern::Field DelimitedPattern::take_field(std::string_view& text) {
  Field field;
  if (take(text, "...")) {
    field.is_ellipsis = true;
    return field;
  }
  std::string_view ahead = text;
  const std::string_view name = take_name(ahead);
  skip_spaces(ahead);
  if (ahead.empty() || ahead.front() == ',') {
    field.name = name;
    text = ahead;
    return field;
  }
  do {
    std::vector<Comparison> all;
    do {
      all.push_back(take_comparison(text, field));
    } while (take(text, "&&"));
    field.alternatives.push_back(std::move(all));
  } while (take(text, "||"));
  return field;
}

/// All comparisons of a field are about that field.
DelimitedPattern::Comparison DelimitedPattern::take_comparison(std::string_view& text,
                                                               Field& field) {
  const std::string_view name = take_name(text);
  if (!field.name.empty() && name != field.name) refuse_pattern();
  if (name.empty()) refuse_pattern();
  field.name = name;
  skip_spaces(text);
  const std::optional<Comparator> comparator = take_comparator(text);
  if (!comparator) refuse_pattern();
  skip_spaces(text);
  Comparison comparison{.comparator = *comparator, .value = Value::take(text, ",")};
  regex_count_ += comparison.value.is_regex() ? 1 : 0;
  const bool is_equality = *comparator == Comparator::equal || *comparator == Comparator::not_equal;
  if (!is_equality && !comparison.value.number()) refuse_pattern();
  return comparison;
}

bool DelimitedPattern::Field::fits(std::string_view text) const {
  if (alternatives.empty()) return true;
  return std::ranges::any_of(alternatives, [text](const std::vector<Comparison>& all) {
    return std::ranges::all_of(all, [text](const Comparison& comparison) {
      return comparison.value.fits(comparison.comparator, text);
    });
  });
}

/// At spaces; what stands in quotation marks or brackets is one field, without these.
DelimitedPattern::Tokens DelimitedPattern::split(std::string_view message) {
  Tokens tokens;
  skip_spaces(message);
  while (!message.empty()) {
    const char close = message.front() == '"' ? '"' : message.front() == '[' ? ']' : ' ';
    const std::size_t start = close == ' ' ? 0 : 1;
    std::size_t end = close == ' ' ? message.find_first_of(" \t\r\n") : message.find(close, 1);
    if (end == std::string_view::npos && start == 1) {
      // It was never closed: the mark is a character like others.
      end = message.find_first_of(" \t\r\n");
      end = std::min(end, message.size());
      tokens.push_back(message.substr(0, end));
    } else {
      end = std::min(end, message.size());
      tokens.push_back(message.substr(start, end - start));
      end += start;
    }
    message.remove_prefix(std::min(end, message.size()));
    skip_spaces(message);
  }
  return tokens;
}

bool DelimitedPattern::fits_at(const Tokens& tokens, std::size_t token, std::size_t first,
                               std::size_t last) const {
  if (token + (last - first) > tokens.size()) return false;
  for (std::size_t i = first; i < last; ++i)
    if (!fields_[i].fits(tokens[token + (i - first)])) return false;
  return true;
}

/// Each run of fields between two ellipses is put where it first fits: that leaves most to the
/// rest. The last one stands at the end.
std::optional<std::vector<int>> DelimitedPattern::place(const Tokens& tokens) const {
  std::vector<int> placed(tokens.size(), -1);
  std::size_t token = 0;
  for (std::size_t first = 0; first <= fields_.size();) {
    std::size_t last = first;
    while (last < fields_.size() && !fields_[last].is_ellipsis) ++last;
    const std::size_t count = last - first;
    if (last == fields_.size()) {
      if (token + count > tokens.size()) return std::nullopt;
      if (first > 0) token = tokens.size() - count;
      if (token + count != tokens.size() || !fits_at(tokens, token, first, last))
        return std::nullopt;
    } else if (first == 0) {
      if (!fits_at(tokens, token, first, last)) return std::nullopt;
    } else {
      while (!fits_at(tokens, token, first, last))
        if (++token + count > tokens.size()) return std::nullopt;
    }
    for (std::size_t i = 0; i < count; ++i) placed[token + i] = static_cast<int>(first + i);
    token += count;
    first = last + 1;
  }
  return placed;
}

bool DelimitedPattern::matches(std::string_view message) const {
  return place(split(message)).has_value();
}

Extracted DelimitedPattern::extract(std::string_view message) const {
  const Tokens tokens = split(message);
  const std::optional<std::vector<int>> placed = place(tokens);
  Extracted extracted;
  if (!placed) return extracted;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const int field = (*placed)[i];
    const std::string* name = field < 0 ? nullptr : &fields_[static_cast<std::size_t>(field)].name;
    extracted["$" + (name && !name->empty() ? *name : std::to_string(i + 1))] = tokens[i];
  }
  return extracted;
}

std::optional<std::string> DelimitedPattern::find(std::string_view selector,
                                                  std::string_view message) const {
  Extracted extracted = extract(message);
  const auto found = extracted.find(std::string(selector));
  if (found == extracted.end()) return std::nullopt;
  return std::move(found->second);
}

}  // namespace matinee::logs::filters
