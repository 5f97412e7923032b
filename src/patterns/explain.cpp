// Says in sentences why an event does not match.
#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "patterns/matcher.h"
#include "patterns/pattern.h"
#include "protocol/utf8.h"

namespace matinee::patterns {
namespace {

/// Longer texts of events are cut: a sentence is to be read.
constexpr std::size_t kMostShown = 120;
constexpr std::size_t kMostValues = 5;

std::string quoted(std::string_view text) {
  if (text.size() <= kMostShown) return fmt::format("\"{}\"", text);
  return fmt::format("\"{}…\"", protocol::beginning(text, kMostShown));
}

std::string shown(const Event::Value& value) {
  return value.kind == ValueKind::text ? quoted(value.text) : std::string(value.text);
}

std::string wildcard_text(std::string_view wildcard) {
  std::string text;
  for (const char c : wildcard) {
    if (c == '*' || c == '\\') text += '\\';
    text += c == kAnyText ? '*' : c;
  }
  return text;
}

std::string address_text(const Test& test) {
  const std::string& bytes = test.texts.front();
  std::string text;
  if (bytes.size() == 4) {
    for (const char c : bytes)
      text += fmt::format("{}{}", text.empty() ? "" : ".", static_cast<unsigned char>(c));
  } else {
    for (std::size_t i = 0; i < bytes.size(); i += 2)
      text += fmt::format(
          "{}{:x}", i == 0 ? "" : ":",
          static_cast<unsigned char>(bytes[i]) << 8 | static_cast<unsigned char>(bytes[i + 1]));
  }
  return test.bits == 8 * bytes.size() ? text : fmt::format("{}/{}", text, test.bits);
}

/// "a", "b" or "c".
std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

std::string excluded(const Test& test) {
  std::vector<std::string> words;
  for (const double number : test.numbers) words.push_back(fmt::format("{}", number));
  for (const std::string& text : test.texts)
    words.push_back(
        quoted(test.kind == TestKind::anything_but_wildcards ? wildcard_text(text) : text));
  return joined(words);
}

std::string range(const Test& test) {
  std::vector<std::string> words;
  if (test.low > -std::numeric_limits<double>::infinity())
    words.push_back(fmt::format("{} {}", test.low_is_open ? "above" : "at least", test.low));
  if (test.high < std::numeric_limits<double>::infinity())
    words.push_back(fmt::format("{} {}", test.high_is_open ? "below" : "at most", test.high));
  return fmt::format("a number {}", fmt::join(words, " and "));
}

std::string wanted(const Test& test) {
  const std::string_view text = test.texts.empty() ? std::string_view() : test.texts.front();
  switch (test.kind) {
    case TestKind::text:
      return quoted(text);
    case TestKind::literal:
      return std::string(text);
    case TestKind::number:
      return fmt::format("the number {}", test.low);
    case TestKind::range:
      return range(test);
    case TestKind::address:
      return fmt::format("{} {}", test.bits == 8 * text.size() ? "the address" : "an address in",
                         address_text(test));
    case TestKind::prefix:
      return fmt::format("a text that begins with {}", quoted(text));
    case TestKind::suffix:
      return fmt::format("a text that ends with {}", quoted(text));
    case TestKind::prefix_ignoring_case:
      return fmt::format("a text that begins with {} in any case", quoted(text));
    case TestKind::suffix_ignoring_case:
      return fmt::format("a text that ends with {} in any case", quoted(text));
    case TestKind::equals_ignoring_case:
      return fmt::format("{} in any case", quoted(text));
    case TestKind::wildcard:
      return fmt::format("a text like {}", quoted(wildcard_text(text)));
    case TestKind::exists:
      return "any value";
    case TestKind::absent:
      return "absent";
    case TestKind::anything_but_texts:
    case TestKind::anything_but_numbers:
      return fmt::format("anything but {}", excluded(test));
    case TestKind::anything_but_prefixes:
      return fmt::format("anything that does not begin with {}", excluded(test));
    case TestKind::anything_but_suffixes:
      return fmt::format("anything that does not end with {}", excluded(test));
    case TestKind::anything_but_ignoring_case:
      return fmt::format("anything but {} in any case", excluded(test));
    case TestKind::anything_but_wildcards:
      return fmt::format("anything that is not like {}", excluded(test));
  }
  return "";
}

std::string wanted(const Clause& clause) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < clause.tests.size(); ++i) {
    // A number in a list is compared in two ways; one of them says enough.
    const bool is_number = clause.tests[i].kind == TestKind::number &&
                           i + 1 < clause.tests.size() &&
                           clause.tests[i + 1].kind == TestKind::literal;
    if (!is_number) words.push_back(wanted(clause.tests[i]));
  }
  return joined(words);
}

std::string found(const Event& event, const Event::Group* group) {
  if (group == nullptr) return "nothing";
  std::string text;
  std::size_t count = 0;
  for (std::uint32_t i = group->first; i != Event::kNone; i = event.value(i).next) {
    if (count++ < kMostValues) {
      if (!text.empty()) text += ", ";
      text += shown(event.value(i));
    }
  }
  return count > kMostValues ? fmt::format("{} and {} more", text, count - kMostValues) : text;
}

bool holds_alone(const Clause& clause, const Event& event, const Event::Group* group) {
  if (group == nullptr)
    return std::ranges::any_of(clause.tests,
                               [](const Test& test) { return test.kind == TestKind::absent; });
  for (std::uint32_t i = group->first; i != Event::kNone; i = event.value(i).next)
    if (passes(clause, event.value(i))) return true;
  return false;
}

Failure failure(const Clause& clause, const Event& event, const Event::Group* group) {
  Failure result{
      .path = clause.path, .wanted = wanted(clause), .found = found(event, group), .sentence = ""};
  result.sentence =
      group == nullptr
          ? fmt::format("{} is not in the event and must be {}", clause.path, result.wanted)
          : fmt::format("{} is {} and must be {}", clause.path, result.found, result.wanted);
  return result;
}

std::vector<Failure> failures_of(const Rule& rule, const Branch& branch, const Event& event) {
  std::vector<Failure> failures;
  for (const std::uint32_t i : branch) {
    const Clause& clause = rule.clauses[i];
    const Event::Group* const group = event.find(clause.hash, clause.path);
    if (!holds_alone(clause, event, group)) failures.push_back(failure(clause, event, group));
  }
  if (!failures.empty()) return failures;
  // Each holds alone, but not within the same elements of an array: the first that does not join.
  const std::size_t position = longest_match(rule, branch, event);
  if (position == branch.size()) return failures;
  const Clause& clause = rule.clauses[branch[position]];
  Failure last = failure(clause, event, event.find(clause.hash, clause.path));
  last.sentence = fmt::format(
      "{} would match, but not within the same element of an array as what else must match",
      clause.path);
  failures.push_back(std::move(last));
  return failures;
}

}  // namespace

std::vector<Leaf> Pattern::leaves(const Event& event) const {
  std::vector<Leaf> leaves(rule_->clauses.size());
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    const Clause& clause = rule_->clauses[i];
    const Event::Group* const group = event.find(clause.hash, clause.path);
    Failure told = failure(clause, event, group);
    leaves[i] = {.path = std::move(told.path),
                 .wanted = std::move(told.wanted),
                 .found = std::move(told.found),
                 .holds = holds_alone(clause, event, group)};
    if (!leaves[i].holds) leaves[i].sentence = std::move(told.sentence);
  }
  for (std::size_t branch = 0; branch < rule_->branches.size(); ++branch)
    for (const std::uint32_t i : rule_->branches[branch])
      leaves[i].alternatives.push_back(branch + 1);
  for (Failure& told : explain(event).failures)
    for (Leaf& leaf : leaves)
      if (leaf.path == told.path && leaf.wanted == told.wanted) {
        leaf.holds = false;
        leaf.sentence = told.sentence;
      }
  std::ranges::sort(leaves, {}, [](const Leaf& leaf) {
    return std::tie(leaf.path, leaf.alternatives, leaf.wanted);
  });
  return leaves;
}

Explanation Pattern::explain(const Event& event) const {
  Explanation result;
  result.alternatives = rule_->branches.size();
  result.matches = matches(event);
  if (result.matches) {
    result.text = "The event matches.";
    return result;
  }
  for (const Branch& branch : rule_->branches) {
    std::vector<Failure> failures = failures_of(*rule_, branch, event);
    if (result.failures.empty() || failures.size() < result.failures.size())
      result.failures = std::move(failures);
  }
  result.text = result.alternatives == 1
                    ? "The event does not match: "
                    : fmt::format("The event matches none of {} alternatives; in the nearest ",
                                  result.alternatives);
  for (std::size_t i = 0; i < result.failures.size(); ++i)
    result.text += (i == 0 ? "" : "; ") + result.failures[i].sentence;
  result.text += '.';
  return result;
}

}  // namespace matinee::patterns
