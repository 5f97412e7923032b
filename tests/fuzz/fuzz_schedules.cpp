// Schedule expressions, and files of time zones: what stands before the first line end is parsed as
// an expression, what follows as a zone in which it is asked for its next times.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "schedules/schedule.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace matinee::schedules;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t end = input.find('\n');
  const TimeZone zone = TimeZone::parse(end == std::string_view::npos ? "" : input.substr(end + 1))
                            .value_or(TimeZone());
  for (const Grammar grammar : {Grammar::rule, Grammar::scheduler}) {
    const auto schedule = Schedule::parse(input.substr(0, end), grammar);
    if (!schedule) continue;
    matinee::runtime::Time time(std::chrono::hours(24 * 365 * 56));
    for (int i = 0; i < 20; ++i) {
      const auto next = schedule->next_after(time, matinee::runtime::Time(), zone);
      if (!next) break;
      if (*next <= time) std::abort();
      time = *next;
    }
  }
  return 0;
}
