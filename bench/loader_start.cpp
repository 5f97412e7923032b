// The Runtime API is here a socket that never answers.
#include "loader_start.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "http_load.h"

namespace bench {
namespace {

constexpr int kPatienceMilliseconds = 20'000;

/// A socket that is closed at the end.
class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {
    if (fd < 0) throw std::system_error(errno, std::generic_category(), "socket");
  }
  ~Socket() { ::close(fd_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

std::uint16_t listen_somewhere(const Socket& socket) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (::bind(socket.fd(), reinterpret_cast<const sockaddr*>(&address), length) != 0 ||
      ::listen(socket.fd(), 1) != 0 ||
      ::getsockname(socket.fd(), reinterpret_cast<sockaddr*>(&address), &length) != 0)
    throw std::system_error(errno, std::generic_category(), "listen");
  return ntohs(address.sin_port);
}

void wait_for(const Socket& socket) {
  pollfd wanted{.fd = socket.fd(), .events = POLLIN, .revents = 0};
  if (::poll(&wanted, 1, kPatienceMilliseconds) != 1)
    throw std::runtime_error("the loader has not asked for an event");
}

/// A process that is killed at the end.
struct Killed {
  pid_t pid;
  ~Killed() {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
};

/// What a function finds in its environment, and nothing of ours.
std::vector<std::string> environment_of(const std::string& task, std::uint16_t port) {
  std::vector<std::string> variables{"PATH=/usr/local/bin:/usr/bin:/bin",
                                     "LANG=en_US.UTF-8",
                                     "TZ=:UTC",
                                     "_HANDLER=app.handler",
                                     "LAMBDA_TASK_ROOT=" + task,
                                     fmt::format("AWS_LAMBDA_RUNTIME_API=127.0.0.1:{}", port)};
  for (const char* name : {"FUNCTION_NAME", "FUNCTION_VERSION", "FUNCTION_MEMORY_SIZE",
                           "LOG_GROUP_NAME", "LOG_STREAM_NAME"})
    variables.push_back(fmt::format("AWS_LAMBDA_{}=1", name));
  return variables;
}

pid_t spawn(const std::vector<std::string>& command, const std::vector<std::string>& environment) {
  const auto pointers = [](const std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));
    result.push_back(nullptr);
    return result;
  };
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, command.front().c_str(), nullptr, nullptr,
                                  pointers(command).data(), pointers(environment).data());
  if (error != 0) throw std::system_error(error, std::generic_category(), command.front());
  return pid;
}

}  // namespace

LoaderStart::LoaderStart(std::string interpreter, const std::string& loader)
    : interpreter_(std::move(interpreter)) {
  std::filesystem::copy(loader, directory_.path() + "/runtime",
                        std::filesystem::copy_options::recursive);
  std::filesystem::create_directory(directory_.path() + "/task");
  std::ofstream(directory_.path() + "/task/app.py")
      << "def handler(event, context):\n    return event\n";
  (void)milliseconds();  // compiles the loader
}

double LoaderStart::milliseconds() const {
  const Socket listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const std::uint16_t port = listen_somewhere(listener);
  const std::vector<std::string> environment = environment_of(directory_.path() + "/task", port);
  const double began = now_seconds();
  const Killed process{
      spawn({interpreter_, directory_.path() + "/runtime/bootstrap.py"}, environment)};
  wait_for(listener);
  const Socket connection(::accept4(listener.fd(), nullptr, nullptr, SOCK_CLOEXEC));
  std::string asked;
  while (!asked.contains("\r\n\r\n")) {
    wait_for(connection);
    char chunk[4096];
    const ssize_t n = ::recv(connection.fd(), chunk, sizeof chunk, 0);
    if (n <= 0) throw std::runtime_error("the loader has ended");
    asked.append(chunk, static_cast<std::size_t>(n));
  }
  const double taken = (now_seconds() - began) * 1000;
  if (!asked.starts_with("GET /2018-06-01/runtime/invocation/next"))
    throw std::runtime_error("the loader has asked: " + asked);
  return taken;
}

}  // namespace bench
