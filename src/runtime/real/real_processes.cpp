#include "runtime/real/real_processes.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
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

/// How a program is started that runs beside this one: without its input, and with signals as they
/// are for any program.
class SpawnSettings {
 public:
  explicit SpawnSettings(ProgramOutput output) {
    posix_spawn_file_actions_init(&actions);
    if (output != ProgramOutput::terminal)
      posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (output == ProgramOutput::shown) {
      posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
    } else if (output == ProgramOutput::dropped) {
      posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
      posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    }
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  }
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
};

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

std::expected<int, std::string> RealProcesses::run(const std::vector<std::string>& arguments,
                                                   ProgramOutput output) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const SpawnSettings settings(output);
  pid_t child = 0;
  const int error = ::posix_spawnp(&child, argv[0], &settings.actions, &settings.attributes,
                                   argv.data(), environ);
  if (error != 0)
    return std::unexpected(
        fmt::format("{} cannot be started: {}.", arguments.front(), std::strerror(error)));
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR)
      return std::unexpected(fmt::format("How {} has ended is not known: {}.", arguments.front(),
                                         std::strerror(errno)));
  }
  constexpr int ended_by_signal = 128;
  return WIFEXITED(status) ? WEXITSTATUS(status) : ended_by_signal + WTERMSIG(status);
}

}  // namespace matinee::runtime
