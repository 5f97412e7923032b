#include "runtime/assertion.h"

#include <cstdio>
#include <cstdlib>

namespace matinee::runtime {

void assertion_failed(std::string_view expectation, std::source_location where) {
  std::fprintf(stderr, "%s:%u: a bug: expected that %.*s\n", where.file_name(),
               static_cast<unsigned>(where.line()), static_cast<int>(expectation.size()),
               expectation.data());
  std::abort();
}

}  // namespace matinee::runtime
