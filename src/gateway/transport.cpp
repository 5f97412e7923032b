#include "gateway/transport.h"

#include <sys/sendfile.h>
#include <sys/socket.h>

namespace matinee::gateway {

std::int64_t SocketTransport::receive(std::span<char> buffer) {
  return recv(socket_, buffer.data(), buffer.size(), 0);
}

std::int64_t SocketTransport::peek() {
  char byte = 0;
  return recv(socket_, &byte, 1, MSG_PEEK);
}

std::int64_t SocketTransport::send(std::span<const iovec> pieces, bool more) {
  const int flags = MSG_NOSIGNAL | (more ? MSG_MORE : 0);
  if (pieces.size() == 1) return ::send(socket_, pieces[0].iov_base, pieces[0].iov_len, flags);
  const msghdr message{.msg_iov = const_cast<iovec*>(pieces.data()), .msg_iovlen = pieces.size()};
  return sendmsg(socket_, &message, flags);
}

std::int64_t SocketTransport::send_file(int file, std::uint64_t offset, std::size_t size) {
  auto from = static_cast<off_t>(offset);
  return sendfile(socket_, file, &from, size);
}

bool SocketTransport::end_sending() {
  return shutdown(socket_, SHUT_WR) == 0;
}

/// A socket that may not linger is reset, not closed. Where that cannot be set it is closed.
void SocketTransport::reset_when_closed() {
  const linger none{.l_onoff = 1, .l_linger = 0};
  static_cast<void>(setsockopt(socket_, SOL_SOCKET, SO_LINGER, &none, sizeof none));
}

}  // namespace matinee::gateway
