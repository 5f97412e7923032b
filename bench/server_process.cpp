// posix_spawn rather than fork, so that the time a server takes to be ready holds nothing of this
// program's own size.
#include "server_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>

#include "http_load.h"

extern char** environ;

namespace bench {
namespace {

std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool bound = ::bind(fd, generic, size) == 0 && ::getsockname(fd, generic, &size) == 0;
  ::close(fd);
  if (!bound) throw std::system_error(errno, std::generic_category(), "bind");
  return ntohs(address.sin_port);
}

struct Child {
  pid_t pid = -1;
  int output = -1;
};

std::vector<std::string> environment_with(const std::string& data_home) {
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    if (!text.starts_with("XDG_DATA_HOME=")) environment.emplace_back(text);
  }
  environment.push_back("XDG_DATA_HOME=" + data_home);
  return environment;
}

std::vector<char*> pointers_to(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

Child spawn(std::vector<std::string> command, const std::string& data_home) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    throw std::system_error(errno, std::generic_category(), "pipe2");
  }
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  std::vector<std::string> environment = environment_with(data_home);
  std::vector<char*> arguments = pointers_to(command);
  std::vector<char*> variables = pointers_to(environment);
  Child child{.pid = -1, .output = ends[0]};
  const int error = ::posix_spawn(&child.pid, command.front().c_str(), &actions, nullptr,
                                  arguments.data(), variables.data());
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  if (error != 0) {
    ::close(ends[0]);
    throw std::system_error(error, std::generic_category(), "cannot start " + command.front());
  }
  return child;
}

/// Reads up to the first line end, or to the end of the output.
std::string read_line(int fd) {
  std::string line;
  char c = 0;
  while (line.empty() || line.back() != '\n') {
    const ssize_t n = ::read(fd, &c, 1);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    line.push_back(c);
  }
  return line;
}

}  // namespace

TemporaryDirectory::TemporaryDirectory() {
  path_ = (std::filesystem::temp_directory_path() / "matinee-bench-XXXXXX").string();
  if (::mkdtemp(path_.data()) == nullptr) {
    throw std::system_error(errno, std::generic_category(), "cannot create " + path_);
  }
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
  if (error) fmt::print(stderr, "cannot remove {}: {}\n", path_, error.message());
}

ServerProcess::ServerProcess(const std::string& binary, const std::vector<std::string>& more)
    : port_(free_port()) {
  command_ = {binary, "up", "--port", std::to_string(port_), "--data", directory_.path() + "/data"};
  command_.insert(command_.end(), more.begin(), more.end());
  start();
}

ServerProcess::~ServerProcess() {
  const int status = end(SIGTERM);
  if (status != 0) fmt::print(stderr, "the server ended with status {:#x}\n", status);
}

void ServerProcess::stop() {
  const int status = end(SIGTERM);
  if (status != 0) throw std::runtime_error(fmt::format("it ended with status {:#x}", status));
}

void ServerProcess::restart(int signal) {
  end(signal);
  start();
}

void ServerProcess::start() {
  const double started = now_seconds();
  const Child child = spawn(command_, directory_.path());
  pid_ = child.pid;
  output_ = child.output;
  const std::string line = read_line(output_);
  ready_milliseconds_ = (now_seconds() - started) * 1000;
  if (line.empty() || line.back() != '\n') {
    end(SIGKILL);
    throw std::runtime_error("the server ended before its ready line");
  }
}

int ServerProcess::end(int signal) {
  if (pid_ < 0) return 0;
  ::kill(pid_, signal);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  ::close(output_);
  pid_ = -1;
  return status;
}

double ServerProcess::resident_megabytes() const {
  std::ifstream statm(fmt::format("/proc/{}/statm", pid_));
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  if (!(statm >> total >> resident)) throw std::runtime_error("the server is gone");
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1e6;
}

double ServerProcess::peak_megabytes() const {
  std::ifstream status(fmt::format("/proc/{}/status", pid_));
  std::string name;
  while (status >> name) {
    double kibibytes = 0;
    if (name == "VmHWM:" && status >> kibibytes) return kibibytes * 1024 / 1e6;
  }
  throw std::runtime_error("the server is gone");
}

double ServerProcess::processor_seconds() const {
  std::ifstream stat(fmt::format("/proc/{}/stat", pid_));
  std::string text;
  if (!std::getline(stat, text)) throw std::runtime_error("the server is gone");
  // Behind the name, which may hold anything, come eleven fields and then user and system time.
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  if (!(fields >> user >> system)) throw std::runtime_error("not a process status: " + text);
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

Finished run_to_end(const std::vector<std::string>& command, const std::string& data_home) {
  const double started = now_seconds();
  const Child child = spawn(command, data_home);
  Finished finished;
  std::string chunk(64 * 1024, '\0');
  while (true) {
    const ssize_t n = ::read(child.output, chunk.data(), chunk.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    finished.output.append(chunk, 0, static_cast<std::size_t>(n));
  }
  ::close(child.output);
  int status = 0;
  rusage usage{};
  while (::wait4(child.pid, &status, 0, &usage) < 0 && errno == EINTR) {
  }
  finished.seconds = now_seconds() - started;
  finished.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  finished.peak_megabytes = static_cast<double>(usage.ru_maxrss) * 1024 / 1e6;
  return finished;
}

}  // namespace bench
