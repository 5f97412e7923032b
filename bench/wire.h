// A connection on which one request after another is sent, and answers are read when they are
// wanted: for those that wait while others send.
#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "http_load.h"

namespace bench {

/// A blocking connection that sends whole requests and reads whole answers.
class Wire {
 public:
  explicit Wire(std::uint16_t port) : fd_(connect_to(port)) {}
  ~Wire() {
    if (fd_ >= 0) ::close(fd_);
  }
  Wire(Wire&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Wire& operator=(Wire&&) = delete;

  int fd() const { return fd_; }

  void send(std::string_view request) {
    const ssize_t n = ::send(fd_, request.data(), request.size(), MSG_NOSIGNAL);
    if (n != static_cast<ssize_t>(request.size())) throw std::runtime_error("a send fell short");
  }

  /// The body of a successful answer.
  std::string receive() {
    std::string bytes;
    Head head;
    while (head.size == 0 || bytes.size() < head.size + head.content_length) {
      char chunk[4096];
      const ssize_t n = ::recv(fd_, chunk, sizeof chunk, 0);
      if (n <= 0) throw std::runtime_error("a connection ended before its answer");
      bytes.append(chunk, static_cast<std::size_t>(n));
      if (head.size == 0) head = parse_head(bytes);
    }
    if (head.status != 200) throw std::runtime_error(bytes);
    return bytes.substr(head.size);
  }

 private:
  int fd_;
};

}  // namespace bench
