// What EventBridge Scheduler tells a target of the try that it is, within the schedule's input:
// <aws.scheduler.execution-id> and <aws.scheduler.attempt-number>. Both are another for each try,
// so that the fabric puts them in.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace matinee::services {

/// "The unique ID that EventBridge Scheduler assigns for each attempted invocation of a target": 16
/// letters. The first try, number 1, has that of the firing itself.
std::string execution_of_try(std::string_view firing, std::uint32_t number);

/// Whether the input says something of the try.
bool tells_tries(std::string_view input);

/// The input as that try of the firing has it.
std::string input_of_try(std::string input, std::string_view firing, std::uint32_t number);

}  // namespace matinee::services
