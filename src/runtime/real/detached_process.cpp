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

/// Closes a descriptor at its end.
class LogFile {
 public:
  explicit LogFile(const std::string& path)
      : descriptor_(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644)) {}
  ~LogFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

/// Owns the two objects that posix_spawn is configured with.
class SpawnSettings {
 public:
  SpawnSettings(int output, int log) {
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, log, STDERR_FILENO);
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

/// The last line of a log from `start` on, which is what a program that ends says; or nothing.
std::string last_line(int log, off_t start) {
  std::string text(4096, '\0');
  const off_t end = ::lseek(log, 0, SEEK_END);
  start = std::max(start, end - static_cast<off_t>(text.size()));
  const ssize_t count = ::pread(log, text.data(), text.size(), start);
  text.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
  while (text.ends_with('\n')) text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

}  // namespace

std::string own_executable() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).string();
}

std::expected<DetachedProcess, std::string> start_detached(
    const std::vector<std::string>& arguments, const std::string& log) {
  const LogFile errors(log);
  if (errors.get() < 0)
    return std::unexpected(
        fmt::format("{} cannot be written: {}.", log, std::generic_category().message(errno)));
  const off_t log_start = ::lseek(errors.get(), 0, SEEK_END);
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) {
    return std::unexpected(
        fmt::format("A pipe cannot be made: {}.", std::generic_category().message(errno)));
  }
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);

  pid_t child = 0;
  int error = 0;
  {
    SpawnSettings settings(pipe[1], errors.get());
    error = ::posix_spawn(&child, argv[0], &settings.actions, &settings.attributes, argv.data(),
                          environ);
  }
  ::close(pipe[1]);
  if (error != 0) {
    ::close(pipe[0]);
    return std::unexpected(fmt::format("{} cannot be started: {}.", arguments.front(),
                                       std::generic_category().message(error)));
  }
  bool complete = false;
  std::string line = read_line(pipe[0], complete);
  ::close(pipe[0]);
  if (complete) return DetachedProcess{child, std::move(line)};
  ::kill(child, SIGTERM);
  ::waitpid(child, nullptr, 0);
  const std::string reason = last_line(errors.get(), log_start);
  return std::unexpected(
      reason.empty()
          ? fmt::format("The server ended before it was ready, and {} does not say why.", log)
          : reason);
}

}  // namespace matinee::runtime
