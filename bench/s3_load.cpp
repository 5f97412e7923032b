// The large transfers use one connection and a blocking socket, as `aws s3 cp` to a pipe would,
// but without a client that costs more than the server.
#include "s3_load.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

#include "requests.h"

namespace bench {
namespace {

constexpr std::size_t kObjectSize = 4096;
constexpr std::size_t kChunk = 1024 * 1024;

class Connection {
 public:
  explicit Connection(std::uint16_t port) : fd_(connect_to(port)) {}
  ~Connection() { ::close(fd_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void send_all(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) throw std::system_error(errno, std::generic_category(), "send");
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }

  std::string_view receive(std::string& buffer) {
    while (true) {
      const ssize_t n = ::recv(fd_, buffer.data(), buffer.size(), 0);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) throw std::system_error(errno, std::generic_category(), "recv");
      return {buffer.data(), static_cast<std::size_t>(n)};
    }
  }

  /// Reads up to the end of a head with status 2xx; what follows it in the buffer is `rest`.
  Head receive_head(std::string& buffer, std::uint64_t& rest) {
    std::string bytes;
    Head head;
    while (head.size == 0) {
      const std::string_view more = receive(buffer);
      if (more.empty()) throw std::runtime_error("the server closed the connection");
      bytes.append(more);
      head = parse_head(bytes);
    }
    if (head.status < 200 || head.status > 299) throw std::runtime_error(bytes.substr(0, 600));
    rest = bytes.size() - head.size;
    return head;
  }

 private:
  int fd_;
};

std::string numbered_path(const std::string& bucket) {
  return fmt::format("/{}/object{}", bucket, kNumberPlace);
}

std::string put_request(std::uint16_t port, const std::string& bucket) {
  const std::string path = numbered_path(bucket);
  const std::string body(kObjectSize, 'o');
  return s3_request(port, {.method = "PUT", .path = path, .body = body});
}

std::string get_request(std::uint16_t port, const std::string& bucket) {
  const std::string path = numbered_path(bucket);
  return s3_request(port, {.method = "GET", .path = path, .body = {}});
}

}  // namespace

void create_bucket(std::uint16_t port, const std::string& name) {
  require_success(port, s3_request(port, {.method = "PUT", .path = "/" + name, .body = {}}));
}

PutObjectLoad::PutObjectLoad(std::uint16_t port, const std::string& bucket, int connections)
    : KeyedLoad(put_request(port, bucket), connections, 100'000'000) {}

std::uint64_t PutObjectLoad::accept(int, std::string_view) {
  return 1;
}

GetObjectLoad::GetObjectLoad(const Where& where, int connections)
    : KeyedLoad(get_request(where.port, where.bucket), connections, where.keys) {}

std::uint64_t GetObjectLoad::accept(int, std::string_view body) {
  if (body.size() != kObjectSize) throw std::runtime_error("an object of the wrong size");
  return 1;
}

double upload_large(std::uint16_t port, const std::string& path, std::uint64_t size) {
  Connection connection(port);
  const std::string chunk(kChunk, 'x');
  const double started = now_seconds();
  connection.send_all(s3_put_head(port, path, size));
  for (std::uint64_t sent = 0; sent < size;) {
    const std::uint64_t part = std::min<std::uint64_t>(chunk.size(), size - sent);
    connection.send_all(std::string_view(chunk).substr(0, part));
    sent += part;
  }
  std::string buffer(kChunk, '\0');
  std::uint64_t rest = 0;
  connection.receive_head(buffer, rest);
  return static_cast<double>(size) / (now_seconds() - started);
}

double download_large(std::uint16_t port, const std::string& path, std::uint64_t size) {
  Connection connection(port);
  std::string buffer(kChunk, '\0');
  const double started = now_seconds();
  connection.send_all(s3_request(port, {.method = "GET", .path = path, .body = {}}));
  std::uint64_t received = 0;
  const Head head = connection.receive_head(buffer, received);
  if (head.content_length != size) throw std::runtime_error("an object of the wrong size");
  while (received < size) {
    const std::string_view bytes = connection.receive(buffer);
    if (bytes.empty()) throw std::runtime_error("the download ended early");
    received += bytes.size();
  }
  return static_cast<double>(size) / (now_seconds() - started);
}

}  // namespace bench
