// What a pattern is once it is compiled: alternatives of clauses of tests. For the files of this
// library only; others see Pattern.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "patterns/event.h"

namespace matinee::patterns {

enum class TestKind : std::uint8_t {
  text,     // texts[0]
  literal,  // texts[0]: a number as written, true, false, null
  number,   // low
  range,    // low to high
  address,  // texts[0]: 4 or 16 bytes, of which the first `bits` bits count
  prefix,
  suffix,
  prefix_ignoring_case,
  suffix_ignoring_case,
  equals_ignoring_case,
  wildcard,  // texts[0], where kAnyText stands for *
  exists,
  absent,
  anything_but_texts,
  anything_but_numbers,
  anything_but_prefixes,
  anything_but_suffixes,
  anything_but_ignoring_case,
  anything_but_wildcards
};

/// A byte that no text in UTF-8 has.
constexpr char kAnyText = '\xff';

struct Test {
  TestKind kind = TestKind::exists;
  bool low_is_open = false;
  bool high_is_open = false;
  std::uint8_t bits = 0;
  double low = 0;
  double high = 0;
  std::vector<std::string> texts;
  std::vector<double> numbers;
};

/// What the values of one path must be: one of them passes one of the tests.
struct Clause {
  std::string path;
  PathHash hash = 0;
  std::vector<Test> tests;
};

/// Clauses, by index, that must all hold; in the order of their paths.
using Branch = std::vector<std::uint32_t>;

/// One of the branches must hold.
struct Rule {
  std::vector<Clause> clauses;
  std::vector<Branch> branches;
};

/// Whether a value passes; never for `absent`, which looks at no value.
bool passes(const Test& test, const Event::Value& value);
bool passes(const Clause& clause, const Event::Value& value);

/// A number that operators compare: one that a double holds with all the digits that were written.
/// AWS compares others by their text only.
std::optional<double> comparable(std::string_view number);

/// An internet address in 4 or 16 bytes, if `text` is one; IPv4 within IPv6 has 4.
std::optional<std::string> parse_address(std::string_view text);
bool is_in_block(std::string_view address, std::string_view block, unsigned bits);

bool matches_wildcard(std::string_view wildcard, std::string_view text);

}  // namespace matinee::patterns
