// The operators of patterns: {"prefix": "a"} and the others.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <limits>

#include "patterns/compiler.h"

namespace matinee::patterns {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
/// SNS compares numbers between -10^9 and 10^9, as documented.
constexpr double kBillion = 1e9;
constexpr const char* kTooManyElements = "Too many elements in numeric expression";
constexpr const char* kCaseOperator = "equals-ignore-case";

}  // namespace

/// Not each service runs the newest matcher: what its documentation does not list it refuses.
bool Compiler::knows(std::string_view name) const {
  return dialect_ == Dialect::event_bus || name != "wildcard";
}

void Compiler::close(const char* complaint) {
  if (tokens_.next() != Token::end_object) fail(complaint);
}

Test Compiler::read_operator() {
  if (tokens_.next() != Token::name) fail("Match expression name not found");
  const std::string name = tokens_.text();
  if (name == "exactly") {
    if (tokens_.next() != Token::text) fail("exact match pattern must be a string");
    Test test{.kind = TestKind::text, .texts = {tokens_.text()}};
    close();
    return test;
  }
  if (name == "prefix") return read_affix(name, TestKind::prefix, TestKind::prefix_ignoring_case);
  if (name == "suffix") return read_affix(name, TestKind::suffix, TestKind::suffix_ignoring_case);
  if (name == "numeric") return read_numeric();
  if (name == "anything-but") return read_anything_but();
  if (name == "exists") return read_exists();
  if (name == "cidr") return read_cidr();
  if (name == kCaseOperator) return read_one_text(name, TestKind::equals_ignoring_case);
  if (name == "wildcard" && knows(name)) return read_one_text(name, TestKind::wildcard);
  fail("Unrecognized match type " + name);
}

Test Compiler::read_one_text(std::string_view name, TestKind kind) {
  if (tokens_.next() != Token::text) fail(fmt::format("{} match pattern must be a string", name));
  std::string text = tokens_.text();
  if (kind == TestKind::wildcard) text = wildcard(text);
  Test test{.kind = kind, .texts = {std::move(text)}};
  close();
  return test;
}

Test Compiler::read_affix(std::string_view name, TestKind plain, TestKind ignoring_case) {
  const Token token = tokens_.next();
  if (token != Token::begin_object || is_sns()) {
    if (token != Token::text) fail(fmt::format("{} match pattern must be a string", name));
    Test test{.kind = plain, .texts = {tokens_.text()}};
    close();
    return test;
  }
  if (tokens_.next() != Token::name)
    fail(name == "prefix" ? "Prefix expression name not found"
                          : "Suffix expression name not found");
  if (const std::string inner = tokens_.text(); inner != kCaseOperator)
    fail(fmt::format("Unsupported {} pattern: {}", name, inner));
  Test test = read_one_text(kCaseOperator, ignoring_case);
  close();
  return test;
}

/// With AWS a `*` stands for any text, `\*` for itself; its error counts from an opening quote.
std::string Compiler::wildcard(const std::string& text) const {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    if (text[i] == '*') {
      if (next == '*') fail(fmt::format("Consecutive wildcard characters at pos {}", i + 1));
      result += kAnyText;
    } else if (text[i] == '\\') {
      if (next != '*' && next != '\\')
        fail(fmt::format("Invalid escape character at pos {}", i + 1));
      result += next;
      ++i;
    } else {
      result += text[i];
    }
  }
  return result;
}

Test Compiler::read_exists() {
  const Token token = tokens_.next();
  if (token != Token::boolean_true && token != Token::boolean_false)
    fail("exists match pattern must be either true or false.");
  close();
  return {.kind = token == Token::boolean_true ? TestKind::exists : TestKind::absent};
}

Test Compiler::read_cidr() {
  if (tokens_.next() != Token::text) fail("prefix match pattern must be a string");
  std::string block = tokens_.text();
  block.erase(block.find_last_not_of('/') + 1);  // as Java splits it, empty ends do not count
  const std::size_t slash = block.find('/');
  if (slash == std::string::npos || block.find('/', slash + 1) != std::string::npos)
    throw Fault("Malformed CIDR, one '/' required");
  int bits = 0;
  const char* begin = block.data() + slash + 1;
  const char* const end = block.data() + block.size();
  if (*begin == '+' && begin + 1 != end && begin[1] != '-') ++begin;
  const auto [read, error] = std::from_chars(begin, end, bits);
  if (error != std::errc() || read != end)
    throw Fault("Malformed CIDR, mask bits must be an integer");
  if (bits < 0) throw Fault("Malformed CIDR, mask bits must not be negative");
  const std::string ip = block.substr(0, slash);
  std::optional<std::string> address = parse_address(ip);
  if (!address) {
    const bool has_form =
        (ip.find(':') != std::string::npos &&
         ip.find_first_not_of("0123456789abcdefABCDEF:") == std::string::npos) ||
        (std::ranges::count(ip, '.') == 3 &&
         ip.find_first_not_of("0123456789.") == std::string::npos &&
         ip.find("..") == std::string::npos && ip.front() != '.' && ip.back() != '.');
    throw Fault(fmt::format("{} IP address: {}", has_form ? "Invalid" : "Nonstandard", ip));
  }
  if (address->size() == 4 && bits > 31) throw Fault("IPv4 mask bits must be < 32");
  if (bits > 127) throw Fault("IPv6 mask bits must be < 128");
  Test test{.kind = TestKind::address,
            .bits = static_cast<std::uint8_t>(bits),
            .texts = {*std::move(address)}};
  close();
  return test;
}

Test Compiler::read_numeric() {
  if (tokens_.next() != Token::begin_array) fail("Value of numeric must be an array.");
  if (tokens_.next() != Token::text) fail("Invalid member in numeric match: " + tokens_.text());
  Test test = read_comparison(tokens_.text());
  close(kTooManyElements);
  return test;
}

Test Compiler::read_comparison(const std::string& comparison) {
  static constexpr std::string_view kKnown[] = {"=", ">=", ">", "<=", "<"};
  const Token token = tokens_.next();
  if (std::ranges::find(kKnown, comparison) == std::end(kKnown))
    fail("Unrecognized numeric range operator: " + comparison);
  if (token != Token::number)
    fail(fmt::format("Value of {} must be numeric", comparison == "=" ? "equals" : comparison));
  const std::string value = tokens_.text();
  const Token after = tokens_.next();
  const bool is_open = comparison == ">" || comparison == "<";
  const auto read = [&] { return number_of(value); };
  if (comparison.front() == '>') {
    if (after != Token::end_array) return read_range(value, is_open, after);
    return {.kind = TestKind::range, .low_is_open = is_open, .low = read(), .high = kInfinity};
  }
  if (after != Token::end_array) fail(kTooManyElements);
  if (comparison == "=") return {.kind = TestKind::number, .low = read()};
  return {.kind = TestKind::range, .high_is_open = is_open, .low = -kInfinity, .high = read()};
}

Test Compiler::read_range(const std::string& low, bool low_is_open, Token second) {
  if (second != Token::text) fail("Bad value in numeric range: " + tokens_.text());
  const std::string comparison = tokens_.text();
  if (comparison != "<" && comparison != "<=") fail("Bad numeric range operator: " + comparison);
  if (tokens_.next() != Token::number) fail(fmt::format("Value of {} must be numeric", comparison));
  const std::string high = tokens_.text();
  if (tokens_.next() != Token::end_array) fail("Too many terms in numeric range expression");
  Test test{.kind = TestKind::range,
            .low_is_open = low_is_open,
            .high_is_open = comparison == "<",
            .low = number_of(low),
            .high = number_of(high)};
  if (test.low >= test.high) fail("Bottom must be less than top");
  return test;
}

/// Throws Fault without a place.
double Compiler::checked_number(const std::string& text) const {
  const std::optional<double> value = comparable(text);
  if (!value) throw Fault("Cannot compare number : " + text);
  if (is_sns() && (*value < -kBillion || *value > kBillion))
    throw Fault("Value must be between -1.0E9 and 1.0E9, inclusive");
  return *value;
}

double Compiler::number_of(const std::string& text) const {
  try {
    return checked_number(text);
  } catch (const Fault& fault) {
    fail(fault.reason);
  }
}

Test Compiler::read_anything_but() {
  const Token token = tokens_.next();
  if (token != Token::begin_object) {
    Test test = read_anything_but_values(token);
    close(kTooManyElements);
    return test;
  }
  if (tokens_.next() != Token::name) fail("Anything-But expression name not found");
  const std::string name = tokens_.text();
  Test test;
  if (name == "prefix" && is_sns())
    test = read_anything_but_prefix();
  else if (name == "prefix")
    test = read_anything_but_texts(tokens_.next(), TestKind::anything_but_prefixes);
  else if (name == "suffix" && !is_sns())
    test = read_anything_but_texts(tokens_.next(), TestKind::anything_but_suffixes);
  else if (name == kCaseOperator && !is_sns())
    test = read_anything_but_texts(tokens_.next(), TestKind::anything_but_ignoring_case);
  else if (name == "wildcard" && knows(name))
    test = read_anything_but_texts(tokens_.next(), TestKind::anything_but_wildcards);
  else
    fail("Unsupported anything-but pattern: " + name);
  close(kTooManyElements);
  close(kTooManyElements);
  return test;
}

/// SNS runs an older matcher, which takes one text here.
Test Compiler::read_anything_but_prefix() {
  if (tokens_.next() != Token::text) fail("prefix match pattern must be a string");
  return {.kind = TestKind::anything_but_prefixes, .texts = {tokens_.text()}};
}

Test Compiler::read_anything_but_values(Token token) {
  Test test{.kind = TestKind::anything_but_texts};
  if (token == Token::text) {
    test.texts = {tokens_.text()};
    return test;
  }
  if (token == Token::number)
    return {.kind = TestKind::anything_but_numbers,
            .texts = {},
            .numbers = {checked_number(tokens_.text())}};
  if (token != Token::begin_array)
    fail("Value of anything-but must be an array or single string/number value.");
  read_list([&](Token item) {
    if (item == Token::text) {
      test.texts.push_back(tokens_.text());
    } else if (item == Token::number) {
      test.kind = TestKind::anything_but_numbers;
      test.numbers.push_back(checked_number(tokens_.text()));
    } else {
      fail("Inside anything but list, start|null|boolean is not supported.");
    }
  });
  if (test.texts.empty() == test.numbers.empty())
    fail(
        "Inside anything but list, either all values are number or string, mixed type is not "
        "supported");
  return test;
}

Test Compiler::read_anything_but_texts(Token token, TestKind kind) {
  Test test{.kind = kind};
  if (token != Token::begin_array) {
    if (token != Token::text && token != Token::number)
      fail("Value of anything-but must be an array or single string/number value.");
    read_excluded_text(token, test);
  } else {
    read_list([&](Token item) { read_excluded_text(item, test); });
  }
  if (kind == TestKind::anything_but_wildcards)
    std::ranges::transform(test.texts, test.texts.begin(),
                           [&](const std::string& text) { return wildcard(text); });
  return test;
}

void Compiler::read_excluded_text(Token token, Test& test) {
  const bool is_affix =
      test.kind == TestKind::anything_but_prefixes || test.kind == TestKind::anything_but_suffixes;
  if (token == Token::text) {
    test.texts.push_back(tokens_.text());
    if (is_affix && test.texts.back().empty()) fail("Null prefix/suffix not allowed");
    return;
  }
  if (is_affix) fail("prefix/suffix match pattern must be a string");
  if (test.kind == TestKind::anything_but_wildcards)
    fail("wildcard match pattern must be a string");
  fail("Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.");
}

/// What is wrong within a list AWS tells of with two places, be it the same one.
void Compiler::read_list(const std::function<void(Token)>& read) {
  try {
    for (Token token = tokens_.next(); token != Token::end_array; token = tokens_.next())
      read(token);
  } catch (const Fault& fault) {
    throw Fault(fault.reason + tokens_.place());
  }
}

}  // namespace matinee::patterns
