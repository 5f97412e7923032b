#include "gateway/tls/context.h"

#include <algorithm>
#include <cctype>
#include <stdexcept>

#include "runtime/later_clock.h"
#include "runtime/log.h"

namespace matinee::gateway::tls {

namespace {

constexpr unsigned char http_1_1[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

bool is_inside_constraints(const std::string& address) {
  return address != "0.0.0.0" && address != "::" && address != "localhost";
}

}  // namespace

Context::Context(Authority authority, runtime::Clock& clock,
                 const std::vector<std::string>& addresses,
                 std::function<bool(std::string_view name)> stands_for)
    : authority_(std::move(authority)),
      clock_(clock),
      stands_for_(std::move(stands_for)),
      trusted_(authority_.certificate_pem()),
      context_(SSL_CTX_new(TLS_server_method())),
      key_(make_key()) {
  std::vector<std::string> names{"DNS:localhost", "DNS:*.localhost", "IP:127.0.0.1", "IP:::1"};
  for (const std::string& address : addresses)
    if (is_inside_constraints(address)) names.push_back("IP:" + address);
  std::ranges::sort(names.begin() + 2, names.end());
  names.erase(std::ranges::unique(names.begin() + 2, names.end()).begin(), names.end());
  default_ = authority_.issue(names, *key_, runtime::wall_time(clock));
  SSL_CTX* context = context_.get();
  if (!context || SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1)
    throw std::runtime_error("OpenSSL cannot speak TLS");
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
  // Pieces are sent as far as they go, and an idle connection keeps no buffers.
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  // Clients that ask for it are told that HTTP/1.1 is spoken here; others find out by themselves.
  SSL_CTX_set_alpn_select_cb(
      context,
      [](SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
         unsigned int offered_size, void*) {
        unsigned char* chosen = nullptr;
        const int result = SSL_select_next_proto(&chosen, out_size, http_1_1, sizeof(http_1_1),
                                                 offered, offered_size);
        *out = chosen;
        return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
      },
      nullptr);
  SSL_CTX_set_cert_cb(context, on_certificate, this);
}

Session Context::open(int socket) const {
  Session session(SSL_new(context_.get()));
  if (!session || SSL_set_fd(session.get(), socket) != 1) return nullptr;
  SSL_set_accept_state(session.get());
  return session;
}

int Context::on_certificate(SSL* ssl, void* self) {
  try {
    return static_cast<Context*>(self)->certify(*ssl) ? 1 : 0;
  } catch (const std::exception& error) {
    spdlog::error("A TLS connection ends: {}.", error.what());
    return 0;
  }
}

bool Context::certify(SSL& ssl) {
  const char* asked = SSL_get_servername(&ssl, TLSEXT_NAMETYPE_host_name);
  std::string name = asked ? asked : "";
  std::ranges::transform(name, name.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  X509* certificate = default_.get();
  Certificate made;
  const std::lock_guard lock(mutex_);
  if (name != "localhost" && stands_for_(name)) {
    const auto found = certificates_.find(name);
    if (found != certificates_.end()) {
      certificate = found->second.get();
    } else {
      const std::string names[] = {"DNS:" + name};
      made = authority_.issue(names, *key_, runtime::wall_time(clock_));
      certificate = made.get();
      if (certificates_.size() < most_certificates)
        certificates_.emplace(std::move(name), std::move(made));
    }
  }
  return SSL_use_certificate(&ssl, certificate) == 1 && SSL_use_PrivateKey(&ssl, key_.get()) == 1;
}

}  // namespace matinee::gateway::tls
