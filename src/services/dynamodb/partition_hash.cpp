#include "services/dynamodb/partition_hash.h"

#include <openssl/evp.h>

#include <array>
#include <memory>
#include <string>

#include "runtime/assertion.h"

namespace matinee::dynamodb {
namespace {

struct FreeAlgorithm {
  void operator()(EVP_MD* algorithm) const { EVP_MD_free(algorithm); }
};
struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// Fetched once: that costs more than the hash of a key.
class Md5 {
 public:
  Md5() : algorithm_(EVP_MD_fetch(nullptr, "MD5", nullptr)), context_(EVP_MD_CTX_new()) {
    runtime::expect(algorithm_ && context_, "OpenSSL has MD5");
  }

  std::uint16_t first_bits_of(std::string_view prefix, std::string_view bytes) {
    std::array<std::uint8_t, 16> digest{};
    EVP_MD_CTX* context = context_.get();
    const bool done = EVP_DigestInit_ex2(context, algorithm_.get(), nullptr) == 1 &&
                      EVP_DigestUpdate(context, prefix.data(), prefix.size()) == 1 &&
                      EVP_DigestUpdate(context, bytes.data(), bytes.size()) == 1 &&
                      EVP_DigestFinal_ex(context, digest.data(), nullptr) == 1;
    runtime::expect(done, "a key is hashed");
    return static_cast<std::uint16_t>(digest[0] << 8 | digest[1]);
  }

 private:
  std::unique_ptr<EVP_MD, FreeAlgorithm> algorithm_;
  std::unique_ptr<EVP_MD_CTX, FreeContext> context_;
};

}  // namespace

std::uint16_t fnv_hash(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (char c : bytes) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3;
  }
  hash ^= hash >> 32;
  return static_cast<std::uint16_t>(hash ^ (hash >> 16));
}

std::uint16_t outliers_hash(const AttributeValue& value) {
  static thread_local Md5 md5;
  constexpr std::string_view prefix = "Outliers";
  if (const auto* text = value.find<std::string>()) return md5.first_bits_of(prefix, *text);
  if (const auto* binary = value.find<Binary>()) return md5.first_bits_of(prefix, binary->bytes);
  std::string bytes;
  value.find<Number>()->append_in_pairs(bytes);
  return md5.first_bits_of(prefix, bytes);
}

}  // namespace matinee::dynamodb
