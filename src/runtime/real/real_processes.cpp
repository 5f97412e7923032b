#include "runtime/real/real_processes.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "runtime/real/detached_process.h"
#include "runtime/real/parent_watch.h"

namespace matinee::runtime {
namespace {

/// Another process may have got the number by now; the descriptor means the one it was opened for.
bool ask_to_end(int process) {
  return ::syscall(SYS_pidfd_send_signal, process, SIGTERM, nullptr, 0) == 0;
}

}  // namespace

std::string RealProcesses::own_executable() const {
  return runtime::own_executable();
}

std::expected<DetachedProcess, std::string> RealProcesses::start_detached(
    const DetachedProgram& program) {
  return runtime::start_detached(program);
}

std::expected<void, std::string> RealProcesses::end(int process_id, Duration limit) {
  const int descriptor = open_process(process_id);
  if (descriptor < 0 || !ask_to_end(descriptor)) {
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
