#include "gateway/tls/transports.h"

#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace matinee::gateway::tls {

namespace {

constexpr char first_byte_of_tls = 0x16;
constexpr std::size_t record_bytes = 16 * 1024;

std::int64_t fail(int reason) {
  errno = reason;
  return -1;
}

}  // namespace

std::int64_t TlsTransport::failure(int result) {
  switch (SSL_get_error(session_.get(), result)) {
    case SSL_ERROR_ZERO_RETURN:
      return 0;
    case SSL_ERROR_WANT_WRITE:
      waits_to_write_ = true;
      return fail(EAGAIN);
    case SSL_ERROR_WANT_READ:
      return fail(EAGAIN);
    case SSL_ERROR_SYSCALL:
      return errno == 0 ? 0 : -1;
    default:
      return fail(EPROTO);
  }
}

/// Several records, until the buffer is full or nothing more is there.
std::int64_t TlsTransport::receive(std::span<char> buffer) {
  std::size_t filled = 0;
  waits_to_write_ = false;
  while (filled < buffer.size()) {
    ERR_clear_error();
    errno = 0;
    const std::size_t room = std::min(buffer.size() - filled, std::size_t{1} << 30);
    const int got = SSL_read(session_.get(), buffer.data() + filled, static_cast<int>(room));
    if (got <= 0) {
      const std::int64_t reason = failure(got);
      // What came before the end is told first; the end stays.
      return filled > 0 ? static_cast<std::int64_t>(filled) : reason;
    }
    filled += static_cast<std::size_t>(got);
  }
  return static_cast<std::int64_t>(filled);
}

std::int64_t TlsTransport::peek() {
  ERR_clear_error();
  errno = 0;
  waits_to_write_ = false;
  char byte = 0;
  const int got = SSL_peek(session_.get(), &byte, 1);
  return got > 0 ? got : failure(got);
}

/// A record at a time. What could not be sent is offered again with the same bytes in front, as
/// OpenSSL asks for.
std::int64_t TlsTransport::send(std::span<const iovec> pieces, bool) {
  std::array<char, record_bytes> record;
  std::size_t size = 0;
  for (const iovec& piece : pieces) {
    const std::size_t here = std::min(piece.iov_len, record.size() - size);
    std::memcpy(record.data() + size, piece.iov_base, here);
    size += here;
  }
  ERR_clear_error();
  errno = 0;
  const int sent = SSL_write(session_.get(), record.data(), static_cast<int>(size));
  if (sent > 0) return sent;
  const std::int64_t reason = failure(sent);
  waits_to_write_ = false;
  return reason == 0 ? fail(EPIPE) : reason;
}

std::int64_t TlsTransport::send_file(int file, std::uint64_t offset, std::size_t size) {
  std::array<char, record_bytes> bytes;
  const std::int64_t read =
      pread(file, bytes.data(), std::min(size, bytes.size()), static_cast<off_t>(offset));
  if (read <= 0) return read;
  const iovec piece{.iov_base = bytes.data(), .iov_len = static_cast<std::size_t>(read)};
  return send({&piece, 1}, false);
}

bool TlsTransport::end_sending() {
  ERR_clear_error();
  // Whether the client hears it shows when it closes.
  if (!is_opening()) static_cast<void>(SSL_shutdown(session_.get()));
  return shutdown(socket_, SHUT_WR) == 0;
}

std::int64_t EitherTransport::receive(std::span<char> buffer) {
  if (!is_known_) {
    char first = 0;
    const std::int64_t peeked = recv(socket_, &first, 1, MSG_PEEK);
    if (peeked <= 0) return peeked;
    is_known_ = true;
    if (first == first_byte_of_tls && !tls_) {
      Session session = context_.open(socket_);
      if (!session) return fail(ENOMEM);
      tls_.emplace(std::move(session), socket_);
    }
  }
  return used().receive(buffer);
}

}  // namespace matinee::gateway::tls
