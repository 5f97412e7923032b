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

  /// Reads a whole answer with status 2xx; returns its body. Some servers close the connection
  /// then, and must not be sent more on it.
  std::string receive_body(std::string& buffer, bool& closes) {
    std::string bytes;
    Head head = receive_head(buffer, bytes);
    closes = head.closes;
    while (bytes.size() < head.size + head.content_length) {
      const std::string_view more = receive(buffer);
      if (more.empty()) throw std::runtime_error("the server closed the connection");
      bytes.append(more);
    }
    return bytes.substr(head.size);
  }

  /// Reads up to the end of a head with status 2xx; `bytes` is the head and what came with it.
  Head receive_head(std::string& buffer, std::string& bytes) {
    Head head;
    while (head.size == 0) {
      const std::string_view more = receive(buffer);
      if (more.empty()) throw std::runtime_error("the server closed the connection");
      bytes.append(more);
      head = parse_head(bytes);
    }
    if (head.status < 200 || head.status > 299) throw std::runtime_error(bytes.substr(0, 600));
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

/// Sends an object of that many bytes; returns its ETag, which servers of files leave out.
std::string send_object(Connection& connection, std::uint16_t port, const std::string& path,
                        std::uint64_t size) {
  static const std::string chunk(kChunk, 'x');
  connection.send_all(s3_put_head(port, path, size));
  for (std::uint64_t sent = 0; sent < size;) {
    const std::uint64_t part = std::min<std::uint64_t>(chunk.size(), size - sent);
    connection.send_all(std::string_view(chunk).substr(0, part));
    sent += part;
  }
  std::string buffer(kChunk, '\0');
  std::string head;
  connection.receive_head(buffer, head);
  constexpr std::string_view name = "ETag: ";
  const std::size_t start = head.find(name);
  if (start == std::string::npos) return {};
  return head.substr(start + name.size(), head.find("\r\n", start) - start - name.size());
}

/// The text of the first element of that name, or nothing.
std::string_view xml_text(std::string_view xml, std::string_view element) {
  const std::string opening = fmt::format("<{}>", element);
  const std::size_t start = xml.find(opening);
  if (start == std::string_view::npos) return {};
  const std::string_view rest = xml.substr(start + opening.size());
  return rest.substr(0, rest.find('<'));
}

/// Base64 as part of a query.
std::string percent_encoded(std::string_view base64) {
  std::string encoded;
  for (const char c : base64) {
    if (c == '+' || c == '/' || c == '=')
      encoded += fmt::format("%{:02X}", static_cast<int>(c));
    else
      encoded += c;
  }
  return encoded;
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

PutKeyLoad::PutKeyLoad(std::uint16_t port, const std::string& bucket, int connections)
    : KeyedLoad(s3_request(port, {.method = "PUT",
                                  .path = numbered_path(bucket),
                                  .body = std::string_view("0123456789abcdef")}),
                connections, 100'000'000) {}

std::uint64_t PutKeyLoad::accept(int, std::string_view) {
  return 1;
}

double list_bucket(std::uint16_t port, const std::string& bucket, std::uint64_t keys) {
  std::optional<Connection> connection;
  bool closes = true;
  std::string buffer(kChunk, '\0');
  std::uint64_t listed = 0;
  std::string path = fmt::format("/{}?list-type=2", bucket);
  const double started = now_seconds();
  while (!path.empty()) {
    if (closes) connection.emplace(port);
    connection->send_all(s3_request(port, {.method = "GET", .path = path, .body = {}}));
    const std::string page = connection->receive_body(buffer, closes);
    for (std::size_t at = page.find("<Key>"); at != std::string::npos; at = page.find("<Key>", at))
      at += 1, listed += 1;
    const std::string_view token = xml_text(page, "NextContinuationToken");
    path = token.empty() ? ""
                         : fmt::format("/{}?list-type=2&continuation-token={}", bucket,
                                       percent_encoded(token));
  }
  if (listed < keys)
    throw std::runtime_error(fmt::format("{} keys were listed, not {}", listed, keys));
  return static_cast<double>(listed) / (now_seconds() - started);
}

double upload_in_parts(std::uint16_t port, const std::string& path, std::uint64_t size) {
  constexpr std::uint64_t part_size = 64 * 1024 * 1024;
  const double started = now_seconds();
  const Answer begun = require_success(
      port, s3_request(port, {.method = "POST", .path = path + "?uploads", .body = {}}));
  const std::string upload(xml_text(begun.body, "UploadId"));
  Connection connection(port);
  std::string parts;
  for (std::uint64_t sent = 0, number = 1; sent < size; sent += part_size, ++number) {
    const std::string target = fmt::format("{}?partNumber={}&uploadId={}", path, number, upload);
    const std::string etag =
        send_object(connection, port, target, std::min(part_size, size - sent));
    parts += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>{}</ETag></Part>", number, etag);
  }
  const std::string body =
      fmt::format("<CompleteMultipartUpload>{}</CompleteMultipartUpload>", parts);
  require_success(port, s3_request(port, {.method = "POST",
                                          .path = fmt::format("{}?uploadId={}", path, upload),
                                          .body = body}));
  return static_cast<double>(size) / (now_seconds() - started);
}

double upload_large(std::uint16_t port, const std::string& path, std::uint64_t size) {
  Connection connection(port);
  const double started = now_seconds();
  send_object(connection, port, path, size);
  return static_cast<double>(size) / (now_seconds() - started);
}

double download_large(std::uint16_t port, const std::string& path, std::uint64_t size) {
  Connection connection(port);
  std::string buffer(kChunk, '\0');
  const double started = now_seconds();
  connection.send_all(s3_request(port, {.method = "GET", .path = path, .body = {}}));
  std::string first;
  const Head head = connection.receive_head(buffer, first);
  if (head.content_length != size) throw std::runtime_error("an object of the wrong size");
  std::uint64_t received = first.size() - head.size;
  while (received < size) {
    const std::string_view bytes = connection.receive(buffer);
    if (bytes.empty()) throw std::runtime_error("the download ended early");
    received += bytes.size();
  }
  return static_cast<double>(size) / (now_seconds() - started);
}

}  // namespace bench
