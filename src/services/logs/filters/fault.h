// What is wrong with a filter pattern, in the words of AWS.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace matinee::logs::filters {

class PatternFault : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

[[noreturn]] inline void refuse_pattern() {
  throw PatternFault("Invalid filter pattern");
}

[[noreturn]] inline void refuse_term(std::string_view term) {
  throw PatternFault("Invalid character(s) in term '" + std::string(term) + "'");
}

}  // namespace matinee::logs::filters
