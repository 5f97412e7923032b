// Rules of composite alarms: what is one can be evaluated, whatever the states of its alarms are.
#include <cstdint>
#include <string_view>

#include "services/cloudwatch/alarm_rule.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace matinee::cloudwatch;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  try {
    const AlarmRule rule = AlarmRule::parse(input);
    for (const std::string_view state : {"ALARM", "OK", "INSUFFICIENT_DATA"})
      rule.evaluate([&](const std::string&) { return std::string(state); });
  } catch (const RuleFault&) {
  }
  return 0;
}
