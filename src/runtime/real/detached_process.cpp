#include "runtime/real/detached_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <system_error>

namespace matinee::runtime {

namespace {

/// Owns the two objects that posix_spawn is configured with.
class SpawnSettings {
 public:
  SpawnSettings(int output, const std::string& log) {
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log.c_str(),
                                     O_WRONLY | O_CREAT | O_APPEND, 0644);
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
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

/// Up to the first line end, or all there is.
std::string read_line(int descriptor, bool& complete) {
  std::string line;
  char c = '\0';
  for (;;) {
    ssize_t count = ::read(descriptor, &c, 1);
    if (count < 0 && errno == EINTR) continue;
    complete = count == 1 && c == '\n';
    if (count <= 0 || complete) return line;
    line.push_back(c);
  }
}

}  // namespace

std::string own_executable() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).string();
}

std::expected<DetachedProcess, std::string> start_detached(
    const std::vector<std::string>& arguments, const std::string& log) {
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) {
    return std::unexpected("cannot make a pipe: " + std::generic_category().message(errno));
  }
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);

  pid_t child = 0;
  int error = 0;
  {
    SpawnSettings settings(pipe[1], log);
    error = ::posix_spawn(&child, argv[0], &settings.actions, &settings.attributes, argv.data(),
                          environ);
  }
  ::close(pipe[1]);
  if (error != 0) {
    ::close(pipe[0]);
    return std::unexpected(fmt::format("cannot start {}: {}", arguments.front(),
                                       std::generic_category().message(error)));
  }
  bool complete = false;
  std::string line = read_line(pipe[0], complete);
  ::close(pipe[0]);
  if (complete) return DetachedProcess{child, std::move(line)};
  ::kill(child, SIGTERM);
  ::waitpid(child, nullptr, 0);
  return std::unexpected(fmt::format("the server ended before it was ready; {} says why", log));
}

}  // namespace matinee::runtime
