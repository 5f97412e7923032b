// SHA-256 by OpenSSL.
#include "jobs/sha256.h"

#include <openssl/evp.h>

#include "runtime/assertion.h"

namespace matinee::jobs {

struct Sha256::State {
  EVP_MD* algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    EVP_MD_CTX_free(context);
    EVP_MD_free(algorithm);
  }

  void begin() {
    runtime::expect(EVP_DigestInit_ex(context, algorithm, nullptr) == 1, "OpenSSL has SHA-256");
  }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  state_->begin();
}

Sha256::~Sha256() = default;

void Sha256::add(std::string_view bytes) {
  runtime::expect(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1,
                  "SHA-256 takes bytes");
}

std::string Sha256::finish() {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  runtime::expect(EVP_DigestFinal_ex(state_->context, digest.data(), &length) == 1, "SHA-256 ends");
  std::string text;
  text.reserve(std::size_t{2} * length);
  for (unsigned i = 0; i < length; ++i) {
    text += digits[digest[i] >> 4U];
    text += digits[digest[i] & 15U];
  }
  state_->begin();
  return text;
}

}  // namespace matinee::jobs
