// Digests by the libraries that compute them: OpenSSL and xxHash. Their headers are needed in
// running_digest.cpp only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace matinee::s3 {

/// A digest of bytes that come piece by piece.
class RunningDigest {
 public:
  virtual ~RunningDigest() = default;
  virtual void update(std::string_view bytes) = 0;
  /// The raw digest; call it once, last.
  virtual std::string finish() = 0;
};

enum class OpenSslDigest : std::uint8_t { md5, sha1, sha256, sha512 };
/// xxh3_64 is what AWS calls XXHASH3.
enum class XxHash : std::uint8_t { xxh64, xxh3_64, xxh3_128 };

std::unique_ptr<RunningDigest> start_openssl(OpenSslDigest digest);
/// With the seed zero. The digest is big-endian, xxHash's canonical form.
std::unique_ptr<RunningDigest> start_xxhash(XxHash hash);

}  // namespace matinee::s3
