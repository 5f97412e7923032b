// Checks for bugs, always on: a broken promise inside the program ends it before it can damage what
// is stored. Errors of callers and of the environment are never assertions.
#pragma once

#include <source_location>
#include <string_view>

namespace matinee::runtime {

[[noreturn]] void assertion_failed(std::string_view expectation, std::source_location where);

/// Ends the program, naming the place, unless `holds`. `expectation` says what should have held.
inline void expect(bool holds, std::string_view expectation,
                   std::source_location where = std::source_location::current()) {
  if (!holds) [[unlikely]] {
    assertion_failed(expectation, where);
  }
}

}  // namespace matinee::runtime
