#include "services/schedule_tries.h"

#include <fmt/format.h>

namespace matinee::services {

namespace {

constexpr std::string_view execution_id = "<aws.scheduler.execution-id>";
constexpr std::string_view attempt_number = "<aws.scheduler.attempt-number>";

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

/// FNV-1a: the same after a restart, with nothing stored for it.
std::uint64_t hash(std::string_view text) {
  std::uint64_t value = 0xcbf29ce484222325;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return value;
}

}  // namespace

std::string execution_of_try(std::string_view firing, std::uint32_t number) {
  if (number <= 1) return std::string(firing);
  return fmt::format("{:016x}", hash(fmt::format("{} {}", firing, number)));
}

bool tells_tries(std::string_view input) {
  return input.find(execution_id) != std::string_view::npos ||
         input.find(attempt_number) != std::string_view::npos;
}

std::string input_of_try(std::string input, std::string_view firing, std::uint32_t number) {
  replace_all(input, execution_id, execution_of_try(firing, number));
  replace_all(input, attempt_number, fmt::to_string(number));
  return input;
}

}  // namespace matinee::services
