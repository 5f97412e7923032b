#include "patterns/compiler.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace matinee::patterns {
namespace {

/// EventBridge's limit on the alternatives that $or makes. The memory of a pattern is bounded by
/// it.
constexpr std::size_t kMostBranches = 1000;
constexpr std::string_view kOr = "$or";

bool is_reserved_within_or(std::string_view name) {
  static constexpr std::string_view kNames[] = {"exactly",
                                                "equals-ignore-case",
                                                "prefix",
                                                "suffix",
                                                "anything-but",
                                                "exists",
                                                "wildcard",
                                                "numeric",
                                                "cidr",
                                                "=",
                                                "<",
                                                "<=",
                                                ">",
                                                ">=",
                                                "regex",
                                                "not-wildcard",
                                                "not-equals-ignore-case",
                                                "date-after",
                                                "date-on-or-after",
                                                "date-before",
                                                "date-on-or-before",
                                                "in-date-range",
                                                "ip-address-in-range",
                                                "ip-address-not-in-range"};
  return std::ranges::find(kNames, name) != std::end(kNames);
}

}  // namespace

void Compiler::compile() {
  if (tokens_.next() != Token::begin_object) fail("Filter is not an object");
  read_object("", 0, Place::anywhere);
  for (Branch& branch : rule_.branches)
    std::ranges::sort(branch, {}, [&](std::uint32_t i) { return rule_.clauses[i].path; });
}

std::size_t Compiler::keys() const {
  std::set<std::string_view> paths;
  for (const Clause& clause : rule_.clauses) paths.insert(clause.path);
  return paths.size();
}

double Compiler::combinations() const {
  double sum = 0;
  for (const Branch& branch : rule_.branches) {
    double product = 1;
    for (const std::uint32_t i : branch) {
      const auto depth = dialect_ == Dialect::sns_body ? sizes_[i].depth : 1;
      product *= static_cast<double>(sizes_[i].values * depth);
    }
    sum += product;
  }
  return sum;
}

void Compiler::read_object(const std::string& prefix, std::size_t depth, Place place) {
  bool is_empty = true;
  while (tokens_.next() != Token::end_object) {
    is_empty = false;
    const std::string name = tokens_.text();
    if (name == kOr) {
      read_or(prefix, depth);
      continue;
    }
    if (place == Place::within_or && is_reserved_within_or(name))
      fail(fmt::format("{} is Ruler reserved fieldName which cannot be used inside $or.", name));
    std::string path = depth == 0 ? name : fmt::format("{}.{}", prefix, name);
    switch (tokens_.next()) {
      case Token::begin_object:
        read_object(path, depth + 1, place);
        break;
      case Token::begin_array:
        read_values(std::move(path), depth + 1);
        break;
      default:
        fail(fmt::format("\"{}\" must be an object or an array", name));
    }
  }
  if (is_empty) fail("Empty objects are not allowed");
}

void Compiler::read_or(const std::string& prefix, std::size_t depth) {
  const std::vector<Branch> before = std::exchange(rule_.branches, {});
  std::vector<Branch> all;
  if (tokens_.next() != Token::begin_array) fail("It must be an Array followed with $or.");
  std::size_t count = 0;
  for (Token token = tokens_.next(); token != Token::end_array; token = tokens_.next()) {
    ++count;
    if (token != Token::begin_object)
      fail("Only JSON object is allowed in array of $or relationship.");
    rule_.branches = before;
    if (rule_.branches.empty()) rule_.branches.emplace_back();
    read_object(prefix, depth, Place::within_or);
    std::ranges::move(rule_.branches, std::back_inserter(all));
    if (all.size() > kMostBranches)
      throw Fault("Rule is too complex - try using fewer OR relationships");
  }
  if (count < 2) fail("There must have at least 2 Objects in $or relationship.");
  rule_.branches = std::move(all);
}

void Compiler::read_values(std::string path, std::size_t depth) {
  Clause clause{.path = std::move(path), .hash = 0, .tests = {}};
  std::size_t count = 0;
  for (Token token = tokens_.next(); token != Token::end_array; token = tokens_.next()) {
    read_value(token, clause.tests);
    ++count;
  }
  if (count == 0) fail("Empty arrays are not allowed");
  clause.hash = hash_path(clause.path);
  check_wildcards(clause);
  deepest_ = std::max(deepest_, depth);
  add(std::move(clause), {.values = count, .depth = depth});
}

void Compiler::add(Clause clause, Size size) {
  const auto index = static_cast<std::uint32_t>(rule_.clauses.size());
  if (rule_.branches.empty()) rule_.branches.emplace_back();
  for (Branch& branch : rule_.branches) {
    std::erase_if(branch, [&](std::uint32_t i) { return rule_.clauses[i].path == clause.path; });
    branch.push_back(index);
  }
  rule_.clauses.push_back(std::move(clause));
  sizes_.push_back(size);
}

void Compiler::check_wildcards(const Clause& clause) const {
  if (dialect_ != Dialect::event_bus) return;
  for (const Test& test : clause.tests)
    if ((test.kind == TestKind::wildcard || test.kind == TestKind::anything_but_wildcards) &&
        std::ranges::any_of(test.texts, is_too_complex))
      throw Fault(
          "Rule is too complex - try using fewer wildcard characters or fewer repeating character "
          "sequences after a wildcard character");
}

void Compiler::read_value(Token token, std::vector<Test>& tests) {
  switch (token) {
    case Token::begin_object:
      tests.push_back(read_operator());
      return;
    case Token::text: {
      const std::string text = tokens_.text();
      if (std::optional<std::string> address = parse_address(text)) {
        const auto bits = static_cast<std::uint8_t>(8 * address->size());
        tests.push_back({.kind = TestKind::address, .bits = bits, .texts = {*std::move(address)}});
      } else {
        tests.push_back({.kind = TestKind::text, .texts = {text}});
      }
      return;
    }
    case Token::number:
      // A number that is not compared as one, such as 1e400, still equals itself.
      if (const std::optional<double> value = comparable(tokens_.text()))
        tests.push_back({.kind = TestKind::number, .low = *value});
      [[fallthrough]];
    case Token::boolean_true:
    case Token::boolean_false:
    case Token::null:
      tests.push_back({.kind = TestKind::literal, .texts = {tokens_.text()}});
      return;
    default:
      fail("Match value must be String, number, true, false, or null");
  }
}

}  // namespace matinee::patterns
