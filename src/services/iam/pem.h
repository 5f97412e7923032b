// Certificates and keys in PEM, as clients upload them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "runtime/clock.h"

namespace matinee::iam {

/// What matters of a certificate.
struct CertificateFacts {
  runtime::Time expires;
  std::string public_key;  // DER: the same for the same key
};

/// The first certificate of a text; nothing where there is none.
std::optional<CertificateFacts> read_certificate(std::string_view pem);

/// How many certificates a text has; nothing where there is something else in it.
std::optional<std::size_t> count_certificates(std::string_view pem);

/// The public part (DER) of an unencrypted private key; nothing where that is none.
std::optional<std::string> public_key_of(std::string_view private_pem);

bool is_private_key(std::string_view pem);

/// An RSA key in an SSH client's form, from any form that has one ("ssh-rsa AAAA... comment",
/// "-----BEGIN PUBLIC KEY-----"); nothing for other texts and other kinds of keys.
std::optional<std::string> to_ssh_key(std::string_view text);

/// The same key in PEM. `ssh_key` is what `to_ssh_key` gave.
std::string ssh_key_to_pem(std::string_view ssh_key);

/// MD5 in pairs of digits: "ab:cd:...".
std::string ssh_fingerprint(std::string_view ssh_key);

}  // namespace matinee::iam
