#include "services/lambda/running/failures.h"

#include <fmt/format.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>

namespace matinee::lambda {

namespace {

/// As AWS names signals, by their numbers from 1 on.
constexpr std::array<std::string_view, 15> signal_names = {"hangup",
                                                           "interrupt",
                                                           "quit",
                                                           "illegal instruction",
                                                           "trace/breakpoint trap",
                                                           "aborted",
                                                           "bus error",
                                                           "floating point exception",
                                                           "killed",
                                                           "user defined signal 1",
                                                           "segmentation fault",
                                                           "user defined signal 2",
                                                           "broken pipe",
                                                           "alarm clock",
                                                           "terminated"};

std::string signal_text(int signal) {
  const auto place = static_cast<std::size_t>(signal - 1);
  if (signal >= 1 && place < signal_names.size())
    return fmt::format("signal: {}", signal_names.at(place));
  return fmt::format("signal: signal {}", signal);
}

std::string inner_path(std::string_view program) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 2> places = {
      {{"{task}", "/var/task"}, {"{opt}", "/opt"}}};
  for (const auto& [name, place] : places)
    if (program.starts_with(name))
      return std::string(place) + std::string(program.substr(name.size()));
  return std::string(program);
}

std::string launch_text(const runtime::SandboxEnd& end, std::string_view program) {
  // The sandbox itself could not be made.
  if (end.failure_number == 0) return end.failure;
  std::string reason;
  switch (end.failure_number) {
    case ENOENT:
      reason = "no such file or directory";
      break;
    case EACCES:
      reason = "permission denied";
      break;
    case ENOEXEC:
      reason = "exec format error";
      break;
    default:
      reason = std::strerror(end.failure_number);
      reason.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(reason.front())));
  }
  return fmt::format("fork/exec {}: {}", inner_path(program), reason);
}

}  // namespace

Failure runtime_failure(const runtime::SandboxEnd& end, std::string_view program) {
  if (!end.failure.empty())
    return {.type = "Runtime.InvalidEntrypoint", .message = launch_text(end, program)};
  if (end.out_of_memory)
    return {.type = "Runtime.OutOfMemory", .message = "Runtime exited with error: signal: killed"};
  std::string message = "Runtime exited without providing a reason";
  if (end.signal != 0)
    message = fmt::format("Runtime exited with error: {}", signal_text(end.signal));
  if (end.exit_status != 0)
    message = fmt::format("Runtime exited with error: exit status {}", end.exit_status);
  return {.type = "Runtime.ExitError", .message = std::move(message)};
}

Failure extension_failure(const runtime::SandboxEnd& end, std::string_view program) {
  if (!end.failure.empty())
    return {.type = "Extension.LaunchError", .message = launch_text(end, program)};
  std::string message = "exit code 0";
  if (end.signal != 0) message = signal_text(end.signal);
  if (end.exit_status != 0) message = fmt::format("exit status {}", end.exit_status);
  return {.type = "Extension.Crash", .message = std::move(message)};
}

}  // namespace matinee::lambda
