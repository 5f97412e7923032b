#include "runtime/real/real_processes.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "runtime/real/detached_process.h"

namespace matinee::runtime {
namespace {

/// A descriptor that becomes readable when the process ends. glibc 2.36 has no wrapper in C++.
int open_process(int process_id) {
  return static_cast<int>(::syscall(SYS_pidfd_open, process_id, 0));
}

}  // namespace

std::string RealProcesses::own_executable() const {
  return runtime::own_executable();
}

std::expected<DetachedProcess, std::string> RealProcesses::start_detached(
    const std::vector<std::string>& arguments, const std::string& log) {
  return runtime::start_detached(arguments, log);
}

std::expected<void, std::string> RealProcesses::end(int process_id, Duration limit) {
  const int descriptor = open_process(process_id);
  if (descriptor < 0 || ::kill(process_id, SIGTERM) != 0) {
    const int error = errno;
    if (descriptor >= 0) ::close(descriptor);
    return std::unexpected(
        fmt::format("Process {} cannot be ended: {}.", process_id, std::strerror(error)));
  }
  pollfd ended{.fd = descriptor, .events = POLLIN, .revents = 0};
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(limit).count();
  const int ready = ::poll(&ended, 1, static_cast<int>(milliseconds));
  ::close(descriptor);
  if (ready == 1) return {};
  return std::unexpected(fmt::format("Process {} has not ended within {} s.", process_id,
                                     std::chrono::floor<std::chrono::seconds>(limit).count()));
}

}  // namespace matinee::runtime
