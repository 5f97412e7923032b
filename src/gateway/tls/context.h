// What all TLS connections of a server share: its authority, and the certificates for the names
// that clients have asked for.
#pragma once

#include <openssl/ssl.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "gateway/tls/authority.h"
#include "gateway/tls/names.h"

namespace matinee::gateway::tls {

struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using Session = std::unique_ptr<SSL, FreeSsl>;

/// From any thread.
class Context {
 public:
  /// `addresses`: in digits, that the server listens on. `stands_for` says which names it may
  /// certify: those of the authority. Throws std::runtime_error where OpenSSL cannot.
  Context(Authority authority, runtime::Clock& clock, const std::vector<std::string>& addresses,
          std::function<bool(std::string_view name)> stands_for = may_stand_for);
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  /// The server's side of a connection on that non-blocking socket; null where memory runs out.
  Session open(int socket) const;
  /// What clients have to trust.
  const std::string& trusted() const { return trusted_; }

 private:
  /// Of names that were asked for; beyond that they are made anew each time.
  static constexpr std::size_t most_certificates = 1'000;

  Authority authority_;
  runtime::Clock& clock_;
  std::function<bool(std::string_view name)> stands_for_;
  std::string trusted_;
  std::unique_ptr<SSL_CTX, FreeSsl> context_;
  Key key_;              // of all certificates
  Certificate default_;  // for this machine's own names
  std::mutex mutex_;
  std::map<std::string, Certificate, std::less<>> certificates_;

  static int on_certificate(SSL* ssl, void* self);
  /// Gives the connection the certificate for the name that its client asks for.
  bool certify(SSL& ssl);
};

}  // namespace matinee::gateway::tls
