#include "services/kms/cipher.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "runtime/assertion.h"

namespace matinee::kms {

namespace {

constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t tag_bytes = 16;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

const EVP_CIPHER* aes_256_gcm() {
  static EVP_CIPHER* const fetched = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  runtime::expect(fetched != nullptr, "OpenSSL has AES-256-GCM");
  return fetched;
}

}  // namespace

void Cipher::Free::operator()(EVP_CIPHER_CTX* context) const {
  EVP_CIPHER_CTX_free(context);
}

Cipher::Cipher(std::string_view key)
    : encryption_(EVP_CIPHER_CTX_new()), decryption_(EVP_CIPHER_CTX_new()) {
  runtime::expect(key.size() == key_bytes, "a key of AES-256 has 32 bytes");
  const bool ready =
      EVP_EncryptInit_ex2(encryption_.get(), aes_256_gcm(), bytes_of(key), nullptr, nullptr) == 1 &&
      EVP_DecryptInit_ex2(decryption_.get(), aes_256_gcm(), bytes_of(key), nullptr, nullptr) == 1;
  runtime::expect(ready, "AES-256-GCM takes a key");
}

std::string Cipher::seal(runtime::Random& random, std::string_view plaintext,
                         std::string_view bound) {
  std::string out(nonce_bytes + plaintext.size() + tag_bytes, '\0');
  unsigned char* nonce = bytes_of(out);
  random.fill({nonce, nonce_bytes});
  unsigned char* text = nonce + nonce_bytes;
  EVP_CIPHER_CTX* context = encryption_.get();
  int written = 0;
  const bool done =
      EVP_EncryptInit_ex2(context, nullptr, nullptr, nonce, nullptr) == 1 &&
      EVP_EncryptUpdate(context, nullptr, &written, bytes_of(bound),
                        static_cast<int>(bound.size())) == 1 &&
      EVP_EncryptUpdate(context, text, &written, bytes_of(plaintext),
                        static_cast<int>(plaintext.size())) == 1 &&
      EVP_EncryptFinal_ex(context, text + plaintext.size(), &written) == 1 &&
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, tag_bytes, text + plaintext.size()) == 1;
  runtime::expect(done, "AES-256-GCM encrypts");
  return out;
}

std::optional<std::string> Cipher::open(std::string_view sealed, std::string_view bound) {
  if (sealed.size() < overhead) return std::nullopt;
  std::string_view nonce = sealed.substr(0, nonce_bytes);
  std::string tag(sealed.substr(sealed.size() - tag_bytes));
  std::string_view text = sealed.substr(nonce_bytes, sealed.size() - overhead);
  std::string out(text.size(), '\0');
  EVP_CIPHER_CTX* context = decryption_.get();
  int written = 0;
  unsigned char rest = 0;
  const bool ready =
      EVP_DecryptInit_ex2(context, nullptr, nullptr, bytes_of(nonce), nullptr) == 1 &&
      EVP_DecryptUpdate(context, nullptr, &written, bytes_of(bound),
                        static_cast<int>(bound.size())) == 1 &&
      EVP_DecryptUpdate(context, bytes_of(out), &written, bytes_of(text),
                        static_cast<int>(text.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, tag_bytes, tag.data()) == 1;
  runtime::expect(ready, "AES-256-GCM decrypts");
  if (EVP_DecryptFinal_ex(context, &rest, &written) != 1) return std::nullopt;
  return out;
}

std::string hmac_sha256(std::string_view key, std::string_view text) {
  std::string out(32, '\0');
  unsigned int length = 0;
  const unsigned char* done = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                                   bytes_of(text), text.size(), bytes_of(out), &length);
  runtime::expect(done != nullptr, "OpenSSL has HMAC");
  return out;
}

}  // namespace matinee::kms
