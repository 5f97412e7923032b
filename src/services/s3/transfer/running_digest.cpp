#include "services/s3/transfer/running_digest.h"

#include <openssl/evp.h>

#include <array>
#include <stdexcept>

// All of the library is in its header, so that the program needs none when it runs.
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace matinee::s3 {

namespace {

/// Fetching an algorithm by name costs more than hashing a small object, so it happens once.
const EVP_MD* fetched(OpenSslDigest digest) {
  static EVP_MD* const md5 = EVP_MD_fetch(nullptr, "MD5", nullptr);
  static EVP_MD* const sha1 = EVP_MD_fetch(nullptr, "SHA1", nullptr);
  static EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
  static EVP_MD* const sha512 = EVP_MD_fetch(nullptr, "SHA2-512", nullptr);
  switch (digest) {
    case OpenSslDigest::md5:
      return md5;
    case OpenSslDigest::sha1:
      return sha1;
    case OpenSslDigest::sha512:
      return sha512;
    default:
      return sha256;
  }
}

class OpenSslRunning final : public RunningDigest {
 public:
  explicit OpenSslRunning(OpenSslDigest digest) {
    if (!EVP_DigestInit_ex2(context_, fetched(digest), nullptr))
      throw std::runtime_error("OpenSSL does not offer a digest that S3 needs.");
  }
  ~OpenSslRunning() override { EVP_MD_CTX_free(context_); }
  OpenSslRunning(const OpenSslRunning&) = delete;
  OpenSslRunning& operator=(const OpenSslRunning&) = delete;

  void update(std::string_view bytes) override {
    EVP_DigestUpdate(context_, bytes.data(), bytes.size());
  }
  std::string finish() override {
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes;
    unsigned int length = 0;
    EVP_DigestFinal_ex(context_, bytes.data(), &length);
    return {bytes.begin(), bytes.begin() + length};
  }

 private:
  EVP_MD_CTX* context_ = EVP_MD_CTX_new();
};

template <class Canonical>
std::string bytes_of(const Canonical& canonical) {
  return {std::begin(canonical.digest), std::end(canonical.digest)};
}

class Xxh64Running final : public RunningDigest {
 public:
  Xxh64Running() { XXH64_reset(&state_, 0); }
  void update(std::string_view bytes) override {
    XXH64_update(&state_, bytes.data(), bytes.size());
  }
  std::string finish() override {
    XXH64_canonical_t canonical;
    XXH64_canonicalFromHash(&canonical, XXH64_digest(&state_));
    return bytes_of(canonical);
  }

 private:
  XXH64_state_t state_;
};

/// Both lengths are digests of one state.
class Xxh3Running final : public RunningDigest {
 public:
  explicit Xxh3Running(bool is_long) : is_long_(is_long) {
    is_long ? XXH3_128bits_reset(&state_) : XXH3_64bits_reset(&state_);
  }
  void update(std::string_view bytes) override {
    is_long_ ? XXH3_128bits_update(&state_, bytes.data(), bytes.size())
             : XXH3_64bits_update(&state_, bytes.data(), bytes.size());
  }
  std::string finish() override {
    if (is_long_) {
      XXH128_canonical_t canonical;
      XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&state_));
      return bytes_of(canonical);
    }
    XXH64_canonical_t canonical;
    XXH64_canonicalFromHash(&canonical, XXH3_64bits_digest(&state_));
    return bytes_of(canonical);
  }

 private:
  bool is_long_;
  XXH3_state_t state_;
};

}  // namespace

std::unique_ptr<RunningDigest> start_openssl(OpenSslDigest digest) {
  return std::make_unique<OpenSslRunning>(digest);
}

std::unique_ptr<RunningDigest> start_xxhash(XxHash hash) {
  if (hash == XxHash::xxh64) return std::make_unique<Xxh64Running>();
  return std::make_unique<Xxh3Running>(hash == XxHash::xxh3_128);
}

}  // namespace matinee::s3
