// MD5 by OpenSSL.
#include "table_files/md5.h"

#include <openssl/evp.h>

#include <array>

#include "protocol/base64.h"
#include "runtime/assertion.h"

namespace matinee::table_files {

struct Md5::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  State() {
    runtime::expect(EVP_DigestInit_ex(context, EVP_md5(), nullptr) == 1, "OpenSSL has MD5");
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { EVP_MD_CTX_free(context); }
};

Md5::Md5() : state_(std::make_unique<State>()) {}
Md5::~Md5() = default;

void Md5::add(std::string_view bytes) {
  EVP_DigestUpdate(state_->context, bytes.data(), bytes.size());
}

std::string Md5::finish() {
  std::array<unsigned char, 16> digest{};
  EVP_DigestFinal_ex(state_->context, digest.data(), nullptr);
  return protocol::base64_encode({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::string md5_base64(std::string_view bytes) {
  Md5 md5;
  md5.add(bytes);
  return md5.finish();
}

}  // namespace matinee::table_files
