// How often a chain of calls has come through the same function: X-Amzn-Trace-Id carries it from
// one service to the next, `Root=1-...;Parent=...;Sampled=0;Lineage=a87bd80c:1|68fd508a:5`, as AWS
// documents it. Each function has a hash there, and the number of its passes. Pure functions of the
// header.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/clock.h"
#include "runtime/random.h"

namespace matinee::services {

struct Passed {
  std::string header;        // with this pass
  std::uint32_t passes = 0;  // of that function, this one too
};

/// What a header becomes by one more pass through a function. At most 32 functions are kept, those
/// that were passed first go.
Passed pass_through(std::string_view header, std::string_view function_arn);

/// So often it was passed through. 0 where the header does not know the function.
std::uint32_t passes_through(std::string_view header, std::string_view function_arn);

/// Whether both have come through the same functions as often.
bool have_same_lineage(std::string_view one, std::string_view other);

/// What AWS does not follow through (an event bus) hands on the trace without it.
std::string without_lineage(std::string_view header);

/// The header, or a new trace where it has none that can be read.
std::string with_root(std::string header, runtime::Time now, runtime::Random& random);

}  // namespace matinee::services
