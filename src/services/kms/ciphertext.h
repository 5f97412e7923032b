// What symmetric keys give for a plaintext: a blob that names the key and its material, so that
// nobody needs to remember them, and that is authenticated as a whole, with the encryption context.
//
//   01 02 02 00 78   as AWS's begin: "AQICAH" in base64, by which programs know a ciphertext
//   1 byte           whether it is a multi-region key
//   8 bytes          the key's account
//   16 bytes         the key's UUID
//   32 bytes         the id of the material
//   12 + n + 16      nonce, ciphertext, tag of AES-256-GCM
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "services/kms/catalog.h"

namespace matinee::kms {

using EncryptionContext = std::map<std::string, std::string>;

/// What a blob says of itself.
struct Ciphertext {
  std::string account;
  std::string key_id;
  std::string material_id;  // 32 bytes
  std::string_view head;    // all of that, as it was written
  std::string_view sealed;
};

/// Whether a text has the form of a key id: a UUID, or "mrk-" and 32 hex digits.
bool is_key_id(std::string_view text);

/// Of the key's current material.
std::string make_ciphertext(const Key& key, Cipher& cipher, runtime::Random& random,
                            std::pair<std::string_view, const EncryptionContext*> content);
/// Nothing where the bytes are none. Points into `blob`.
std::optional<Ciphertext> read_ciphertext(std::string_view blob);
/// Nothing where anything has been changed, or the context is another.
std::optional<std::string> open_ciphertext(const Ciphertext& ciphertext, Cipher& cipher,
                                           const EncryptionContext& context);

std::string to_hex(std::string_view bytes);
/// Of lower-case digits.
std::optional<std::string> from_hex(std::string_view text);

}  // namespace matinee::kms
