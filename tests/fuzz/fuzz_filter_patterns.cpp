// Filter patterns of CloudWatch Logs: what stands before the first line end is parsed as one, and
// what follows is an event that it is tried on.
#include <cstdint>
#include <string_view>

#include "services/logs/filters/filter_pattern.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace matinee::logs::filters;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t end = input.find('\n');
  const std::string_view message = end == std::string_view::npos ? "" : input.substr(end + 1);
  try {
    const FilterPattern pattern(input.substr(0, end));
    if (!pattern.matches(message)) return 0;
    for (const auto& [selector, value] : pattern.extract(message)) pattern.find(selector, message);
  } catch (const PatternFault&) {
  }
  return 0;
}
