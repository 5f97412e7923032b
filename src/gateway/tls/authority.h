// The local certificate authority of one data directory: made once, trusted by those who are told
// to (AWS_CA_BUNDLE), and able to certify only names of this machine and of AWS.
#pragma once

#include <openssl/ssl.h>

#include <expected>
#include <memory>
#include <span>
#include <string>

#include "runtime/clock.h"
#include "runtime/disk.h"

namespace matinee::gateway::tls {

struct Free {
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Certificate = std::unique_ptr<X509, Free>;
using Key = std::unique_ptr<EVP_PKEY, Free>;

/// A key on the curve P-256. Throws std::runtime_error where OpenSSL cannot.
Key make_key();

/// From any thread: it never changes.
class Authority {
 public:
  /// A new one, good for ten years. Throws std::runtime_error where OpenSSL cannot.
  static Authority make(runtime::Time now);
  /// A new one for these names of hosts and all below them, and nothing else.
  static Authority make_for(std::span<const std::string> names, runtime::Time now);
  /// From what `certificate_pem` and `key_pem` gave. The error is the reason, without a period.
  static std::expected<Authority, std::string> read(const std::string& certificate,
                                                    const std::string& key);

  /// What clients have to trust.
  std::string certificate_pem() const;
  std::string key_pem() const;

  /// A certificate for servers over these names and addresses ("DNS:localhost", "IP:127.0.0.1"),
  /// good for a year. Throws std::runtime_error where OpenSSL cannot.
  Certificate issue(std::span<const std::string> names, EVP_PKEY& key, runtime::Time now) const;

 private:
  static Authority make(runtime::Time now, const std::string& constraints);
  Authority(Certificate certificate, Key key)
      : certificate_(std::move(certificate)), key_(std::move(key)) {}

  Certificate certificate_;
  Key key_;
};

/// Where the certificate of a data directory's authority lies.
std::string certificate_path(const std::string& directory);

/// The authority of a data directory, made if there is none. The key is for this user alone. The
/// error is the reason, without a period.
std::expected<Authority, std::string> open_authority(runtime::Disk& disk,
                                                     const std::string& directory,
                                                     runtime::Time now);

}  // namespace matinee::gateway::tls
