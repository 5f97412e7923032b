// Connections that may be TLS: the first byte that a client sends tells.
#pragma once

#include <optional>

#include "gateway/tls/context.h"
#include "gateway/transport.h"

namespace matinee::gateway::tls {

/// The server's side of one TLS connection, over a non-blocking socket that somebody else owns.
class TlsTransport final : public Transport {
 public:
  TlsTransport(Session session, int socket) : session_(std::move(session)), socket_(socket) {}

  std::int64_t receive(std::span<char> buffer) override;
  std::int64_t peek() override;
  std::int64_t send(std::span<const iovec> pieces, bool more) override;
  std::int64_t send_file(int file, std::uint64_t offset, std::size_t size) override;
  bool end_sending() override;
  void reset_when_closed() override { SocketTransport(socket_).reset_when_closed(); }

  bool is_secure() const override { return true; }
  bool is_opening() const override { return SSL_is_init_finished(session_.get()) == 0; }
  bool receives_when_writable() const override { return waits_to_write_; }

 private:
  Session session_;
  int socket_;
  bool waits_to_write_ = false;  // before it can receive

  /// What a call that did not succeed means, in the form of the system's calls.
  std::int64_t failure(int result);
};

/// Plain or TLS: 0x16 begins the latter, and no request.
class EitherTransport final : public Transport {
 public:
  EitherTransport(const Context& context, int socket)
      : context_(context), socket_(socket), plain_(socket) {}

  std::int64_t receive(std::span<char> buffer) override;
  std::int64_t peek() override { return used().peek(); }
  std::int64_t send(std::span<const iovec> pieces, bool more) override {
    return used().send(pieces, more);
  }
  std::int64_t send_file(int file, std::uint64_t offset, std::size_t size) override {
    return used().send_file(file, offset, size);
  }
  bool end_sending() override { return used().end_sending(); }
  void reset_when_closed() override { plain_.reset_when_closed(); }

  bool is_secure() const override { return tls_.has_value(); }
  bool is_opening() const override { return tls_ && tls_->is_opening(); }
  bool receives_when_writable() const override { return tls_ && tls_->receives_when_writable(); }
  void begin_anew() override { is_known_ = false; }

 private:
  const Context& context_;
  int socket_;
  SocketTransport plain_;
  std::optional<TlsTransport> tls_;
  bool is_known_ = false;  // which of them it is

  Transport& used() {
    if (tls_) return *tls_;
    return plain_;
  }
};

}  // namespace matinee::gateway::tls
