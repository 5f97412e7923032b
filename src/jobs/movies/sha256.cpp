// SHA-256 by OpenSSL.
#include "jobs/movies/sha256.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include "runtime/assertion.h"

namespace matinee::jobs::movies {

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { EVP_MD_CTX_free(context); }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  runtime::expect(EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr) == 1,
                  "OpenSSL has SHA-256");
}

Sha256::~Sha256() = default;

void Sha256::add(std::string_view bytes) {
  runtime::expect(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1,
                  "SHA-256 takes bytes");
}

std::string Sha256::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  runtime::expect(EVP_DigestFinal_ex(state_->context, digest.data(), &length) == 1, "SHA-256 ends");
  std::string text;
  for (unsigned i = 0; i < length; ++i)
    fmt::format_to(std::back_inserter(text), "{:02x}", digest[i]);
  return text;
}

}  // namespace matinee::jobs::movies
