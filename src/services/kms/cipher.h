// AES-256-GCM with one key, prepared once: for what is encrypted under symmetric keys, and for what
// the data directory keeps.
#pragma once

#include <openssl/types.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/random.h"

namespace matinee::kms {

class Cipher {
 public:
  static constexpr std::size_t key_bytes = 32;
  /// By which `seal` makes its result longer: a nonce in front, a tag behind.
  static constexpr std::size_t overhead = 12 + 16;

  explicit Cipher(std::string_view key);

  /// `bound` is authenticated, and has to be the same when it is opened.
  std::string seal(runtime::Random& random, std::string_view plaintext, std::string_view bound);
  /// Nothing where anything has been changed.
  std::optional<std::string> open(std::string_view sealed, std::string_view bound);

 private:
  struct Free {
    void operator()(EVP_CIPHER_CTX* context) const;
  };
  std::unique_ptr<EVP_CIPHER_CTX, Free> encryption_;
  std::unique_ptr<EVP_CIPHER_CTX, Free> decryption_;
};

/// SHA-256 of HMAC, 32 bytes.
std::string hmac_sha256(std::string_view key, std::string_view text);

}  // namespace matinee::kms
