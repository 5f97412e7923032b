// Sockets: plain, of Unix, and with TLS on top. Everything blocks, for a limited time.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace lambda {

/// Owns a file descriptor; -1 is none.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor();

  int get() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }

 private:
  int number_ = -1;
};

using Milliseconds = std::chrono::milliseconds;

/// For as long as it takes.
inline constexpr Milliseconds no_limit{0};

/// A socket (SOCK_STREAM or SOCK_DGRAM) connected to an address; none where that fails or takes
/// longer than `patience`, with errno telling why.
Descriptor connect_socket(const std::string& address, std::uint16_t port, int type,
                          Milliseconds patience);

/// A connection, as bytes that go and come. All of it throws FunctionError: "ConnectionFailed",
/// "ConnectionTimedOut", or "CertificateNotTrusted".
class Wire {
 public:
  virtual ~Wire() = default;
  /// How long each following `send` and `receive` may wait.
  virtual void set_patience(Milliseconds patience) = 0;
  virtual void send(std::string_view bytes) = 0;
  /// Appends what has come, at least one byte; false at the end of the connection.
  virtual bool receive(std::string& bytes) = 0;
};

/// To a host by its name or address, which each of its addresses may take 5 seconds, or `patience`
/// if that is less.
std::unique_ptr<Wire> connect_to(const std::string& host, std::uint16_t port,
                                 Milliseconds patience);
/// To a Unix socket.
std::unique_ptr<Wire> connect_to_path(const std::string& path);
/// TLS 1.2 or later over `plain`. The certificate must be of `host` and be vouched for by the
/// authorities of the machine, or those of AWS_CA_BUNDLE or SSL_CERT_FILE.
std::unique_ptr<Wire> secure(std::unique_ptr<Wire> plain, const std::string& host);

}  // namespace lambda
