// Patterns of events, in each dialect: what stands before the first line end is compiled, and what
// follows is an event that it is tried on, alone, in a set, and with an explanation.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "patterns/pattern_set.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace matinee::patterns;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t end = input.find('\n');
  Event event;
  if (end != std::string_view::npos) event.parse(input.substr(end + 1));
  for (const Dialect dialect :
       {Dialect::event_bus, Dialect::sns_attributes, Dialect::sns_body, Dialect::event_source}) {
    auto pattern = Pattern::compile(dialect, input.substr(0, end));
    if (!pattern) continue;
    const bool matches = pattern->matches(event);
    if (pattern->explain(event).matches != matches) std::abort();
    PatternSet set;
    set.add(1, *std::move(pattern));
    if (set.match(event).size() != (matches ? 1 : 0)) std::abort();
    set.remove(1);
    if (!set.match(event).empty()) std::abort();
  }
  return 0;
}
