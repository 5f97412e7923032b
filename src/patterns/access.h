// By which values an index finds a test again: one key for the test, and for a value all keys of
// tests that it may pass.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "patterns/rule.h"

namespace matinee::patterns {

/// What part of a value is looked up, in the order in which lookups are made.
enum class Probe : std::uint8_t {
  text,
  literal,
  number,
  small_text,  // in small letters
  prefix,      // `length` bytes
  small_prefix,
  suffix,
  small_suffix,
  block4,  // `length` bits of an address of 4 bytes
  block6
};

/// Probes of one kind and length that a path has.
struct Lookup {
  Probe probe;
  std::uint32_t length;
  std::uint32_t count;
};

struct Access {
  enum class Kind : std::uint8_t {
    key,    // found by a probe
    range,  // found by a number
    any,    // to be tried on every value
    other,  // on every value but some texts
    absent  // to be tried where there is no value
  };
  Kind kind = Kind::any;
  Probe probe = Probe::text;
  std::uint32_t length = 0;
  std::uint64_t key = 0;
};

Access access_of(const Clause& clause, const Test& test);

/// Whether another test of the clause finds everything that this one does.
bool is_covered(const Test& test);

/// The keys at `path` that the lookups, in the order of Probe and length, give for a value.
void append_keys(PathHash path, const std::vector<Lookup>& lookups, const Event::Value& value,
                 std::vector<std::uint64_t>& keys);

}  // namespace matinee::patterns
