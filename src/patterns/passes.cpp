// Single tests on single values.
#include <algorithm>

#include "patterns/letter_case.h"
#include "patterns/rule.h"

namespace matinee::patterns {
namespace {

bool passes_text(const Test& test, std::string_view text) {
  const std::string& wanted = test.texts.front();
  switch (test.kind) {
    case TestKind::text:
      return text == wanted;
    case TestKind::prefix:
      return text.starts_with(wanted);
    case TestKind::suffix:
      return text.ends_with(wanted);
    case TestKind::prefix_ignoring_case:
      return begins_ignoring_case(text, wanted);
    case TestKind::suffix_ignoring_case:
      return ends_ignoring_case(text, wanted);
    case TestKind::equals_ignoring_case:
      return equals_ignoring_case(text, wanted);
    case TestKind::wildcard:
      return matches_wildcard(wanted, text);
    case TestKind::address: {
      const std::optional<std::string> address = parse_address(text);
      return address && is_in_block(*address, wanted, test.bits);
    }
    default:
      return false;
  }
}

bool passes_number(const Test& test, std::string_view number) {
  const std::optional<double> value = comparable(number);
  if (!value) return false;
  if (test.kind == TestKind::number) return *value == test.low;
  return (test.low_is_open ? *value > test.low : *value >= test.low) &&
         (test.high_is_open ? *value < test.high : *value <= test.high);
}

/// Whether the value is one of those that anything-but excludes. Values of another type never are.
bool is_excluded(const Test& test, const Event::Value& value) {
  if (test.kind == TestKind::anything_but_numbers) {
    if (value.kind != ValueKind::number) return false;
    const std::optional<double> number = comparable(value.text);
    return number && std::ranges::find(test.numbers, *number) != test.numbers.end();
  }
  if (value.kind != ValueKind::text) return false;
  return std::ranges::any_of(test.texts, [&](const std::string& text) {
    switch (test.kind) {
      case TestKind::anything_but_prefixes:
        return value.text.starts_with(text);
      case TestKind::anything_but_suffixes:
        return value.text.ends_with(text);
      case TestKind::anything_but_ignoring_case:
        return equals_ignoring_case(value.text, text);
      case TestKind::anything_but_wildcards:
        return matches_wildcard(text, value.text);
      default:
        return value.text == text;
    }
  });
}

}  // namespace

bool passes(const Test& test, const Event::Value& value) {
  switch (test.kind) {
    case TestKind::exists:
      return true;
    case TestKind::absent:
      return false;
    case TestKind::literal:
      return value.kind != ValueKind::text && value.text == test.texts.front();
    case TestKind::number:
    case TestKind::range:
      return value.kind == ValueKind::number && passes_number(test, value.text);
    case TestKind::anything_but_texts:
    case TestKind::anything_but_numbers:
    case TestKind::anything_but_prefixes:
    case TestKind::anything_but_suffixes:
    case TestKind::anything_but_ignoring_case:
    case TestKind::anything_but_wildcards:
      return !is_excluded(test, value);
    default:
      return value.kind == ValueKind::text && passes_text(test, value.text);
  }
}

bool passes(const Clause& clause, const Event::Value& value) {
  return std::ranges::any_of(clause.tests, [&](const Test& test) { return passes(test, value); });
}

bool matches_wildcard(std::string_view wildcard, std::string_view text) {
  std::size_t star = wildcard.find(kAnyText);
  if (star == std::string_view::npos) return wildcard == text;
  if (!text.starts_with(wildcard.substr(0, star))) return false;
  text.remove_prefix(star);
  wildcard.remove_prefix(star + 1);
  // The leftmost place for each middle part leaves the most for those that follow.
  while ((star = wildcard.find(kAnyText)) != std::string_view::npos) {
    const std::size_t place = text.find(wildcard.substr(0, star));
    if (place == std::string_view::npos) return false;
    text.remove_prefix(place + star);
    wildcard.remove_prefix(star + 1);
  }
  return text.ends_with(wildcard);
}

}  // namespace matinee::patterns
