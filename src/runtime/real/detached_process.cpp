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

/// Closes what it holds at its end.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }

  int get() const { return number_; }
  void close() {
    if (number_ >= 0) ::close(std::exchange(number_, -1));
  }
  void take(int number) { number_ = number; }

 private:
  int number_;
};

struct Pipe {
  Descriptor reader;
  Descriptor writer;

  bool open() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
    reader.take(ends[0]);
    writer.take(ends[1]);
    return true;
  }
};

/// Owns the two objects that posix_spawn is configured with.
class SpawnSettings {
 public:
  SpawnSettings(int input, int output, int log) {
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
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

std::expected<DetachedProcess, std::string> start_detached(const DetachedProgram& program) {
  const Descriptor errors(
      ::open(program.log.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (errors.get() < 0)
    return std::unexpected(fmt::format("{} cannot be written: {}.", program.log,
                                       std::generic_category().message(errno)));
  const off_t log_start = ::lseek(errors.get(), 0, SEEK_END);
  Pipe input;
  Pipe output;
  // A pipe holds 64 KiB, so that nobody has to read while this is written.
  if (!input.open() || !output.open() ||
      ::write(input.writer.get(), program.input.data(), program.input.size()) !=
          static_cast<ssize_t>(program.input.size()))
    return std::unexpected(
        fmt::format("A pipe cannot be made: {}.", std::generic_category().message(errno)));
  std::vector<char*> argv;
  for (const std::string& argument : program.arguments)
    argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);

  pid_t child = 0;
  int error = 0;
  {
    SpawnSettings settings(input.reader.get(), output.writer.get(), errors.get());
    error = ::posix_spawn(&child, argv[0], &settings.actions, &settings.attributes, argv.data(),
                          environ);
  }
  input.writer.close();
  output.writer.close();
  if (error != 0)
    return std::unexpected(fmt::format("{} cannot be started: {}.", program.arguments.front(),
                                       std::generic_category().message(error)));
  bool complete = false;
  std::string line = read_line(output.reader.get(), complete);
  if (complete) return DetachedProcess{child, std::move(line)};
  ::kill(child, SIGTERM);
  ::waitpid(child, nullptr, 0);
  const std::string reason = last_line(errors.get(), log_start);
  return std::unexpected(
      reason.empty() ? fmt::format("The server ended before it was ready, and {} does not say why.",
                                   program.log)
                     : reason);
}

}  // namespace matinee::runtime
