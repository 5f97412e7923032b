#include "services/s3/transfer/checksums.h"

#include <cassert>

#include "checksums/crc.h"
#include "protocol/base64.h"

namespace matinee::s3 {

namespace {

struct AlgorithmInfo {
  Algorithm algorithm;
  std::string_view name;
  std::string_view header;
  std::size_t length;
  const crc::Polynomial* polynomial;
};

constexpr std::array<AlgorithmInfo, 10> infos = {{
    {Algorithm::crc32, "CRC32", "x-amz-checksum-crc32", 4, &crc::crc32},
    {Algorithm::crc32c, "CRC32C", "x-amz-checksum-crc32c", 4, &crc::crc32c},
    {Algorithm::crc64nvme, "CRC64NVME", "x-amz-checksum-crc64nvme", 8, &crc::crc64nvme},
    {Algorithm::sha1, "SHA1", "x-amz-checksum-sha1", 20, nullptr},
    {Algorithm::sha256, "SHA256", "x-amz-checksum-sha256", 32, nullptr},
    {Algorithm::md5, "MD5", "x-amz-checksum-md5", 16, nullptr},
    {Algorithm::sha512, "SHA512", "x-amz-checksum-sha512", 64, nullptr},
    {Algorithm::xxhash64, "XXHASH64", "x-amz-checksum-xxhash64", 8, nullptr},
    {Algorithm::xxhash3, "XXHASH3", "x-amz-checksum-xxhash3", 8, nullptr},
    {Algorithm::xxhash128, "XXHASH128", "x-amz-checksum-xxhash128", 16, nullptr},
}};

const AlgorithmInfo& info_of(Algorithm algorithm) {
  return infos[static_cast<std::size_t>(algorithm) - 1];
}

bool same_letters(std::string_view one, std::string_view other) {
  return std::ranges::equal(one, other, [](char a, char b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return lower(a) == lower(b);
  });
}

std::unique_ptr<RunningDigest> start_digest(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::xxhash64:
      return start_xxhash(XxHash::xxh64);
    case Algorithm::xxhash3:
      return start_xxhash(XxHash::xxh3_64);
    case Algorithm::xxhash128:
      return start_xxhash(XxHash::xxh3_128);
    case Algorithm::md5:
      return start_openssl(OpenSslDigest::md5);
    case Algorithm::sha1:
      return start_openssl(OpenSslDigest::sha1);
    case Algorithm::sha512:
      return start_openssl(OpenSslDigest::sha512);
    default:
      return start_openssl(OpenSslDigest::sha256);
  }
}

std::string big_endian(std::uint64_t value, std::size_t length) {
  std::string bytes(length, '\0');
  for (std::size_t index = length; index-- > 0; value >>= 8)
    bytes[index] = static_cast<char>(value & 0xff);
  return bytes;
}

std::uint64_t from_big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<std::uint8_t>(byte);
  return value;
}

}  // namespace

std::string_view name_of(Algorithm algorithm) {
  return info_of(algorithm).name;
}
std::string_view header_of(Algorithm algorithm) {
  return info_of(algorithm).header;
}
bool is_crc(Algorithm algorithm) {
  return info_of(algorithm).polynomial != nullptr;
}
std::size_t digest_length(Algorithm algorithm) {
  return info_of(algorithm).length;
}

std::optional<Algorithm> find_algorithm(std::string_view name) {
  for (const Algorithm algorithm : checksum_algorithms)
    if (same_letters(name_of(algorithm), name)) return algorithm;
  return std::nullopt;
}

std::optional<Algorithm> find_algorithm_of_header(std::string_view header) {
  for (const Algorithm algorithm : checksum_algorithms)
    if (same_letters(header_of(algorithm), header)) return algorithm;
  return std::nullopt;
}

std::string Checksum::base64() const {
  return protocol::base64_encode(digest);
}

Hasher::Hasher(Algorithm algorithm) : algorithm_(algorithm) {
  if (!is_crc(algorithm)) running_ = start_digest(algorithm);
}

void Hasher::update(std::string_view bytes) {
  if (running_)
    running_->update(bytes);
  else
    crc_ = crc::update(*info_of(algorithm_).polynomial, crc_, bytes);
}

std::string Hasher::finish() {
  return running_ ? running_->finish() : big_endian(crc_, digest_length(algorithm_));
}

std::string digest(Algorithm algorithm, std::string_view bytes) {
  Hasher hasher(algorithm);
  hasher.update(bytes);
  return hasher.finish();
}

std::string combine_crcs(Algorithm algorithm, std::string_view first, std::string_view second,
                         std::uint64_t second_length) {
  assert(is_crc(algorithm));
  const std::uint64_t combined =
      crc::combine(*info_of(algorithm).polynomial, from_big_endian(first), from_big_endian(second),
                   second_length);
  return big_endian(combined, digest_length(algorithm));
}

std::string composite_digest(Algorithm algorithm, std::span<const std::string> part_digests) {
  Hasher hasher(algorithm);
  for (const std::string& part : part_digests) hasher.update(part);
  return hasher.finish();
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char byte : bytes) {
    text += digits[static_cast<std::uint8_t>(byte) >> 4];
    text += digits[static_cast<std::uint8_t>(byte) & 15];
  }
  return text;
}

std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  unsigned value = 0;
  for (std::size_t index = 0; index < text.size(); ++index) {
    const char c = text[index];
    unsigned digit;
    if (c >= '0' && c <= '9')
      digit = static_cast<unsigned>(c - '0');
    else if (c >= 'a' && c <= 'f')
      digit = static_cast<unsigned>(c - 'a' + 10);
    else if (c >= 'A' && c <= 'F')
      digit = static_cast<unsigned>(c - 'A' + 10);
    else
      return std::nullopt;
    value = value << 4 | digit;
    if (index % 2 == 1) bytes += static_cast<char>(value & 0xff);
  }
  return bytes;
}

}  // namespace matinee::s3
