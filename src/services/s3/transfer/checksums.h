// The checksums of object content: computed while bytes stream by, compared with what clients
// declare, and put together for multipart objects out of those of their parts.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "services/s3/transfer/running_digest.h"

namespace matinee::s3 {

/// In the order of the numbers that are stored: never renumber.
enum class Algorithm : std::uint8_t {
  crc32 = 1,
  crc32c = 2,
  crc64nvme = 3,
  sha1 = 4,
  sha256 = 5,
  md5 = 6,
  sha512 = 7,
  xxhash64 = 8,
  xxhash3 = 9,
  xxhash128 = 10
};

/// Those that the `x-amz-checksum-` headers can name, strongest habit first.
inline constexpr Algorithm checksum_algorithms[] = {
    Algorithm::crc32,   Algorithm::crc32c,   Algorithm::crc64nvme, Algorithm::sha1,
    Algorithm::sha256,  Algorithm::sha512,   Algorithm::md5,       Algorithm::xxhash64,
    Algorithm::xxhash3, Algorithm::xxhash128};

/// "CRC32", "CRC64NVME", "SHA256", as ChecksumAlgorithm members have it.
std::string_view name_of(Algorithm algorithm);
/// "x-amz-checksum-crc32"
std::string_view header_of(Algorithm algorithm);
/// By the name (any case); nothing for what S3 does not know.
std::optional<Algorithm> find_algorithm(std::string_view name);
/// By the header's name (any case).
std::optional<Algorithm> find_algorithm_of_header(std::string_view header);
/// Whether checksums of parts can be combined into that of the whole.
bool is_crc(Algorithm algorithm);
/// Bytes of a digest.
std::size_t digest_length(Algorithm algorithm);

/// A raw digest (CRCs and xxHashes big-endian, as AWS writes them) and what it was made with.
struct Checksum {
  Algorithm algorithm = Algorithm::crc64nvme;
  std::string digest;

  std::string base64() const;
  bool operator==(const Checksum&) const = default;
};

/// Computes one digest of bytes that come piece by piece.
class Hasher {
 public:
  explicit Hasher(Algorithm algorithm);
  void update(std::string_view bytes);
  /// The raw digest; call it once, last.
  std::string finish();
  Algorithm algorithm() const { return algorithm_; }

 private:
  Algorithm algorithm_;
  std::uint64_t crc_ = 0;
  std::unique_ptr<RunningDigest> running_;  // of all but CRCs
};

std::string digest(Algorithm algorithm, std::string_view bytes);

/// The CRC of two stretches of bytes, one after the other, from the CRC of each.
std::string combine_crcs(Algorithm algorithm, std::string_view first, std::string_view second,
                         std::uint64_t second_length);

/// The checksum of checksums that a COMPOSITE multipart object has, without its "-N".
std::string composite_digest(Algorithm algorithm, std::span<const std::string> part_digests);

std::string to_hex(std::string_view bytes);
/// Nothing where the text is not pairs of hex digits.
std::optional<std::string> from_hex(std::string_view text);

}  // namespace matinee::s3
