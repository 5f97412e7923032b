// How the bytes of one connection come in and go out: by its socket as it is, or by TLS over it.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <span>

namespace matinee::gateway {

/// All of it as the system's calls: the number of bytes, 0 at the end of what the client sends, or
/// -1 with the reason in errno; EAGAIN where the socket has to be waited for.
class Transport {
 public:
  virtual ~Transport() = default;

  virtual std::int64_t receive(std::span<char> buffer) = 0;
  /// 1 where there is something to receive, which stays there.
  virtual std::int64_t peek() = 0;
  /// As many bytes of the pieces as can go now; `more` says that others follow at once.
  virtual std::int64_t send(std::span<const iovec> pieces, bool more) = 0;
  /// Bytes of a file. 0 where it ends before them.
  virtual std::int64_t send_file(int file, std::uint64_t offset, std::size_t size) = 0;
  /// Tells the client that nothing more comes. False where the connection is broken.
  virtual bool end_sending() = 0;
  /// What is closed next is reset: what was not sent yet is lost, and the client learns of it.
  virtual void reset_when_closed() = 0;

  /// Whether nobody else can read it.
  virtual bool is_secure() const { return false; }
  /// Whether it is still being agreed how to speak, so that nothing could be received yet.
  virtual bool is_opening() const { return false; }
  /// Whether what was received last has to be answered before more can come, and the socket must
  /// become writable for that.
  virtual bool receives_when_writable() const { return false; }
  /// The client may begin anew, as after the answer to CONNECT.
  virtual void begin_anew() {}
};

/// A non-blocking socket, which somebody else owns.
class SocketTransport final : public Transport {
 public:
  explicit SocketTransport(int socket) : socket_(socket) {}

  std::int64_t receive(std::span<char> buffer) override;
  std::int64_t peek() override;
  std::int64_t send(std::span<const iovec> pieces, bool more) override;
  std::int64_t send_file(int file, std::uint64_t offset, std::size_t size) override;
  bool end_sending() override;
  void reset_when_closed() override;

 private:
  int socket_;
};

}  // namespace matinee::gateway
