// TLS for a Wire, by OpenSSL, with the authorities that the machine trusts.
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <array>

#include "library/environment.h"
#include "library/errors.h"
#include "library/wire.h"

namespace lambda {

namespace {

/// Where Amazon Linux 2023, Debian and others keep them.
constexpr std::array<const char*, 3> usual_bundles = {
    "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/cert.pem"};

std::string find_bundle() {
  for (const char* name : {"AWS_CA_BUNDLE", "SSL_CERT_FILE"})
    if (std::string path = variable(name); !path.empty()) return path;
  for (const char* path : usual_bundles)
    if (::access(path, R_OK) == 0) return path;
  throw FunctionError(
      "CertificateNotTrusted",
      "No file with certificate authorities was found; AWS_CA_BUNDLE may name one.");
}

/// Reading the authorities takes milliseconds: once, and only by those who use TLS.
SSL_CTX* context() {
  static SSL_CTX* const shared = [] {
    SSL_CTX* made = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_min_proto_version(made, TLS1_2_VERSION);
    SSL_CTX_set_verify(made, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_mode(made, SSL_MODE_AUTO_RETRY);
    const std::string bundle = find_bundle();
    if (SSL_CTX_load_verify_locations(made, bundle.c_str(), nullptr) != 1) {
      SSL_CTX_free(made);
      throw FunctionError("CertificateNotTrusted",
                          fmt::format("{} has no certificate authorities.", bundle));
    }
    return made;
  }();
  return shared;
}

struct Freeing {
  void operator()(SSL* session) const { SSL_free(session); }
};

/// OpenSSL works on memory; the bytes go through the plain wire, which knows about time.
class SecureWire final : public Wire {
 public:
  SecureWire(std::unique_ptr<Wire> plain, std::string host)
      : plain_(std::move(plain)), host_(std::move(host)), session_(SSL_new(context())) {
    incoming_ = BIO_new(BIO_s_mem());
    outgoing_ = BIO_new(BIO_s_mem());
    BIO_set_mem_eof_return(incoming_, -1);
    SSL_set_bio(session_.get(), incoming_, outgoing_);  // which owns them now
    X509_VERIFY_PARAM* checks = SSL_get0_param(session_.get());
    if (X509_VERIFY_PARAM_set1_ip_asc(checks, host_.c_str()) != 1) {
      SSL_set1_host(session_.get(), host_.c_str());
      SSL_set_tlsext_host_name(session_.get(), host_.c_str());
    }
    drive([this] { return SSL_connect(session_.get()); });
  }

  void set_patience(Milliseconds patience) override { plain_->set_patience(patience); }

  void send(std::string_view bytes) override {
    if (bytes.empty()) return;
    drive([&] { return SSL_write(session_.get(), bytes.data(), static_cast<int>(bytes.size())); });
    flush();
  }

  bool receive(std::string& bytes) override {
    std::array<char, 16384> buffer;
    const int size = drive(
        [&] { return SSL_read(session_.get(), buffer.data(), static_cast<int>(buffer.size())); });
    bytes.append(buffer.data(), static_cast<std::size_t>(size));
    return size > 0;
  }

 private:
  std::unique_ptr<Wire> plain_;
  std::string host_;
  std::unique_ptr<SSL, Freeing> session_;
  BIO* incoming_ = nullptr;
  BIO* outgoing_ = nullptr;

  void flush() {
    char* data = nullptr;
    const long size = BIO_get_mem_data(outgoing_, &data);
    if (size <= 0) return;
    plain_->send({data, static_cast<std::size_t>(size)});
    (void)BIO_reset(outgoing_);
  }

  /// Repeats `step` until OpenSSL has all that it waits for; 0 at the end of the connection.
  template <class Step>
  int drive(Step step) {
    while (true) {
      ERR_clear_error();
      const int result = step();
      const int reason = result > 0 ? SSL_ERROR_NONE : SSL_get_error(session_.get(), result);
      flush();
      if (result > 0) return result;
      if (reason == SSL_ERROR_ZERO_RETURN) return 0;
      if (reason != SSL_ERROR_WANT_READ) fail();
      std::string bytes;
      if (!plain_->receive(bytes)) {
        if (SSL_is_init_finished(session_.get())) return 0;
        throw FunctionError("ConnectionFailed",
                            fmt::format("{} ended the connection instead of securing it.", host_));
      }
      BIO_write(incoming_, bytes.data(), static_cast<int>(bytes.size()));
    }
  }

  [[noreturn]] void fail() const {
    const long verified = SSL_get_verify_result(session_.get());
    if (verified != X509_V_OK)
      throw FunctionError("CertificateNotTrusted",
                          fmt::format("The certificate of {} is not trusted: {}.", host_,
                                      X509_verify_cert_error_string(verified)));
    std::array<char, 256> text{};
    ERR_error_string_n(ERR_get_error(), text.data(), text.size());
    throw FunctionError("ConnectionFailed",
                        fmt::format("TLS with {} failed: {}.", host_, text.data()));
  }
};

}  // namespace

std::unique_ptr<Wire> secure(std::unique_ptr<Wire> plain, const std::string& host) {
  return std::make_unique<SecureWire>(std::move(plain), host);
}

}  // namespace lambda
