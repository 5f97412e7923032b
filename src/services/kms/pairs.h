// Asymmetric keys: made, written and read, and used. All of it may run on a worker; what takes long
// (making RSA keys, their private operations) should.
#pragma once

#include <openssl/types.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/random.h"
#include "services/kms/specs.h"

namespace matinee::kms {

/// May be used by several threads at once.
using Pair = std::shared_ptr<EVP_PKEY>;

Pair make_pair(const SpecFacts& facts, runtime::Random& random);

/// PKCS #8 and SubjectPublicKeyInfo, both DER.
std::string private_bytes(const Pair& pair);
std::string public_bytes(const Pair& pair);
/// Null where it is no such key, or something follows it.
Pair read_private(std::string_view der);
Pair read_public(std::string_view der);
/// Whether it is a key of that spec, with the curve or size that it names.
bool suits(const Pair& pair, const SpecFacts& facts);

/// Of an RSA key: the length of what it encrypts to.
std::size_t modulus_bytes(const Pair& pair);

/// Of a message, as it is hashed for the algorithm.
std::string digest_of(std::string_view algorithm, std::string_view message);

struct Signing {
  std::string algorithm;  // "RSASSA_PSS_SHA_256"
  std::string input;      // a digest of its length; Ed25519 takes the message
};
std::string sign(const Pair& pair, const Signing& signing, runtime::Random& random);
bool verify(const Pair& pair, const Signing& signing, std::string_view signature);

/// OAEP with the hash for its mask too; without a hash PKCS #1 version 1.5.
struct Padding {
  std::string_view hash;
};
/// Nothing where the key cannot take so much.
std::optional<std::string> encrypt(const Pair& pair, Padding padding, std::string_view plaintext,
                                   runtime::Random& random);
std::optional<std::string> decrypt(const Pair& pair, Padding padding, std::string_view ciphertext,
                                   runtime::Random& random);

/// The x coordinate of ECDH; nothing where `peer` is on another curve.
std::optional<std::string> derive(const Pair& pair, const Pair& peer, runtime::Random& random);

/// AES key wrap with padding (RFC 5649): what was wrapped, or nothing.
std::optional<std::string> unwrap(std::string_view key, std::string_view wrapped);

}  // namespace matinee::kms
