#include "services/kms/pairs.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <array>

#include "runtime/assertion.h"
#include "services/kms/library.h"

namespace matinee::kms {

namespace {

struct Free {
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
  void operator()(EVP_CIPHER* cipher) const { EVP_CIPHER_free(cipher); }
  void operator()(PKCS8_PRIV_KEY_INFO* info) const { PKCS8_PRIV_KEY_INFO_free(info); }
};
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Free>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

Pair own(EVP_PKEY* key) {
  return key ? Pair(key, &EVP_PKEY_free) : nullptr;
}

KeyContext context_of(const Pair& pair) {
  return KeyContext(EVP_PKEY_CTX_new_from_pkey(library(), pair.get(), nullptr));
}

bool is_pss(std::string_view algorithm) {
  return algorithm.starts_with("RSASSA_PSS");
}
bool is_edwards(std::string_view algorithm) {
  return algorithm.starts_with("ED25519");
}

/// Hash and padding. A salt of PSS is as long as the hash.
bool prepare(EVP_PKEY_CTX* context, const std::string& algorithm) {
  const std::string hash(hash_of(algorithm));
  if (EVP_PKEY_CTX_set_signature_md(context, EVP_get_digestbyname(hash.c_str())) != 1) return false;
  if (algorithm.starts_with("ECDSA")) return true;
  if (!is_pss(algorithm)) return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

bool pad(EVP_PKEY_CTX* context, Padding padding) {
  if (padding.hash.empty()) return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
  const EVP_MD* hash = EVP_get_digestbyname(std::string(padding.hash).c_str());
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_oaep_md(context, hash) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(context, hash) == 1;
}

std::string sign_message(const Pair& pair, std::string_view message) {
  const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  std::size_t length = 64;
  std::string out(length, '\0');
  const bool done =
      EVP_DigestSignInit_ex(context.get(), nullptr, nullptr, library(), nullptr, pair.get(),
                            nullptr) == 1 &&
      EVP_DigestSign(context.get(), bytes_of(out), &length, bytes_of(message), message.size()) == 1;
  runtime::expect(done, "Ed25519 signs");
  return out;
}

bool verify_message(const Pair& pair, std::string_view message, std::string_view signature) {
  const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  return EVP_DigestVerifyInit_ex(context.get(), nullptr, nullptr, library(), nullptr, pair.get(),
                                 nullptr) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(message),
                          message.size()) == 1;
}

}  // namespace

Pair make_pair(const SpecFacts& facts, runtime::Random& random) {
  const RandomScope scope(random);
  const char* kind = facts.family == Family::rsa ? "RSA" : "EC";
  if (facts.family == Family::edwards) kind = "ED25519";
  const KeyContext context(EVP_PKEY_CTX_new_from_name(library(), kind, nullptr));
  EVP_PKEY* made = nullptr;
  bool ready = EVP_PKEY_keygen_init(context.get()) == 1;
  if (facts.family == Family::rsa)
    ready = ready && EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), facts.size) == 1;
  if (facts.family == Family::ecc)
    ready =
        ready && EVP_PKEY_CTX_set_group_name(context.get(), std::string(facts.group).c_str()) == 1;
  ready = ready && EVP_PKEY_generate(context.get(), &made) == 1;
  runtime::expect(ready, "OpenSSL makes keys");
  return own(made);
}

std::string private_bytes(const Pair& pair) {
  const std::unique_ptr<PKCS8_PRIV_KEY_INFO, Free> info(EVP_PKEY2PKCS8(pair.get()));
  runtime::expect(info != nullptr, "a private key can be written");
  std::string out(static_cast<std::size_t>(i2d_PKCS8_PRIV_KEY_INFO(info.get(), nullptr)), '\0');
  unsigned char* end = bytes_of(out);
  i2d_PKCS8_PRIV_KEY_INFO(info.get(), &end);
  return out;
}

std::string public_bytes(const Pair& pair) {
  const int length = i2d_PUBKEY(pair.get(), nullptr);
  runtime::expect(length > 0, "a public key can be written");
  std::string out(static_cast<std::size_t>(length), '\0');
  unsigned char* end = bytes_of(out);
  i2d_PUBKEY(pair.get(), &end);
  return out;
}

Pair read_private(std::string_view der) {
  const unsigned char* begin = bytes_of(der);
  const unsigned char* end = begin;
  const std::unique_ptr<PKCS8_PRIV_KEY_INFO, Free> info(
      d2i_PKCS8_PRIV_KEY_INFO(nullptr, &end, static_cast<long>(der.size())));
  if (!info || end != begin + der.size()) return nullptr;
  return own(EVP_PKCS82PKEY_ex(info.get(), library(), nullptr));
}

Pair read_public(std::string_view der) {
  const unsigned char* begin = bytes_of(der);
  const unsigned char* end = begin;
  EVP_PKEY* read = d2i_PUBKEY_ex(nullptr, &end, static_cast<long>(der.size()), library(), nullptr);
  Pair pair = own(read);
  return end == begin + der.size() ? pair : nullptr;
}

bool suits(const Pair& pair, const SpecFacts& facts) {
  const auto is = [&](const char* kind) { return EVP_PKEY_is_a(pair.get(), kind) == 1; };
  switch (facts.family) {
    case Family::rsa:
      return is("RSA") && EVP_PKEY_get_bits(pair.get()) == facts.size;
    case Family::edwards:
      return is("ED25519");
    case Family::ecc: {
      std::array<char, 64> name{};
      std::size_t length = 0;
      if (!is("EC") || EVP_PKEY_get_group_name(pair.get(), name.data(), name.size(), &length) != 1)
        return false;
      // OpenSSL calls the first of NIST's curves by the name of an older standard.
      std::string_view group(name.data(), length);
      if (group == "prime256v1") group = "P-256";
      if (group == "secp384r1") group = "P-384";
      if (group == "secp521r1") group = "P-521";
      return group == facts.group;
    }
    default:
      return false;
  }
}

std::size_t modulus_bytes(const Pair& pair) {
  return static_cast<std::size_t>(EVP_PKEY_get_size(pair.get()));
}

std::string digest_of(std::string_view algorithm, std::string_view message) {
  const std::string hash(hash_of(algorithm));
  std::string out(hash_bytes(hash), '\0');
  std::size_t length = out.size();
  const bool done = EVP_Q_digest(nullptr, hash.c_str(), nullptr, message.data(), message.size(),
                                 bytes_of(out), &length) == 1;
  runtime::expect(done, "OpenSSL has SHA-2");
  return out;
}

std::string sign(const Pair& pair, const Signing& signing, runtime::Random& random) {
  const RandomScope scope(random);
  if (is_edwards(signing.algorithm)) return sign_message(pair, signing.input);
  const KeyContext context = context_of(pair);
  std::size_t length = static_cast<std::size_t>(EVP_PKEY_get_size(pair.get()));
  std::string out(length, '\0');
  const bool done = EVP_PKEY_sign_init(context.get()) == 1 &&
                    prepare(context.get(), signing.algorithm) &&
                    EVP_PKEY_sign(context.get(), bytes_of(out), &length, bytes_of(signing.input),
                                  signing.input.size()) == 1;
  runtime::expect(done, "OpenSSL signs");
  out.resize(length);
  return out;
}

bool verify(const Pair& pair, const Signing& signing, std::string_view signature) {
  if (is_edwards(signing.algorithm)) return verify_message(pair, signing.input, signature);
  const KeyContext context = context_of(pair);
  return EVP_PKEY_verify_init(context.get()) == 1 && prepare(context.get(), signing.algorithm) &&
         EVP_PKEY_verify(context.get(), bytes_of(signature), signature.size(),
                         bytes_of(signing.input), signing.input.size()) == 1;
}

std::optional<std::string> encrypt(const Pair& pair, Padding padding, std::string_view plaintext,
                                   runtime::Random& random) {
  const RandomScope scope(random);
  const KeyContext context = context_of(pair);
  std::size_t length = static_cast<std::size_t>(EVP_PKEY_get_size(pair.get()));
  std::string out(length, '\0');
  if (EVP_PKEY_encrypt_init(context.get()) != 1 || !pad(context.get(), padding) ||
      EVP_PKEY_encrypt(context.get(), bytes_of(out), &length, bytes_of(plaintext),
                       plaintext.size()) != 1)
    return std::nullopt;
  out.resize(length);
  return out;
}

std::optional<std::string> decrypt(const Pair& pair, Padding padding, std::string_view ciphertext,
                                   runtime::Random& random) {
  const RandomScope scope(random);
  const KeyContext context = context_of(pair);
  std::size_t length = static_cast<std::size_t>(EVP_PKEY_get_size(pair.get()));
  std::string out(length, '\0');
  if (EVP_PKEY_decrypt_init(context.get()) != 1 || !pad(context.get(), padding) ||
      EVP_PKEY_decrypt(context.get(), bytes_of(out), &length, bytes_of(ciphertext),
                       ciphertext.size()) != 1)
    return std::nullopt;
  out.resize(length);
  return out;
}

std::optional<std::string> derive(const Pair& pair, const Pair& peer, runtime::Random& random) {
  const RandomScope scope(random);
  const KeyContext context = context_of(pair);
  std::size_t length = 0;
  if (EVP_PKEY_derive_init(context.get()) != 1 ||
      EVP_PKEY_derive_set_peer(context.get(), peer.get()) != 1 ||
      EVP_PKEY_derive(context.get(), nullptr, &length) != 1)
    return std::nullopt;
  std::string out(length, '\0');
  if (EVP_PKEY_derive(context.get(), bytes_of(out), &length) != 1) return std::nullopt;
  out.resize(length);
  return out;
}

std::optional<std::string> unwrap(std::string_view key, std::string_view wrapped) {
  const char* name = "AES-256-WRAP-PAD";
  if (key.size() == 16) name = "AES-128-WRAP-PAD";
  if (key.size() == 24) name = "AES-192-WRAP-PAD";
  const std::unique_ptr<EVP_CIPHER, Free> cipher(EVP_CIPHER_fetch(library(), name, nullptr));
  const std::unique_ptr<EVP_CIPHER_CTX, Free> context(EVP_CIPHER_CTX_new());
  if (!cipher || (key.size() != 16 && key.size() != 24 && key.size() != 32)) return std::nullopt;
  std::string out(wrapped.size() + 16, '\0');
  int length = 0;
  EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  if (EVP_DecryptInit_ex2(context.get(), cipher.get(), bytes_of(key), nullptr, nullptr) != 1 ||
      EVP_DecryptUpdate(context.get(), bytes_of(out), &length, bytes_of(wrapped),
                        static_cast<int>(wrapped.size())) != 1)
    return std::nullopt;
  out.resize(static_cast<std::size_t>(length));
  return out;
}

}  // namespace matinee::kms
