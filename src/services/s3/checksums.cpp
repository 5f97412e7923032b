#include "services/s3/checksums.h"

#include <openssl/evp.h>

#include <cassert>
#include <stdexcept>

#include "protocol/base64.h"
#include "services/s3/crc.h"

namespace matinee::s3 {

namespace {

struct AlgorithmInfo {
  Algorithm algorithm;
  std::string_view name;
  std::string_view header;
  std::size_t length;
  const crc::Polynomial* polynomial;
};

constexpr std::array<AlgorithmInfo, 6> infos = {{
    {Algorithm::crc32, "CRC32", "x-amz-checksum-crc32", 4, &crc::crc32},
    {Algorithm::crc32c, "CRC32C", "x-amz-checksum-crc32c", 4, &crc::crc32c},
    {Algorithm::crc64nvme, "CRC64NVME", "x-amz-checksum-crc64nvme", 8, &crc::crc64nvme},
    {Algorithm::sha1, "SHA1", "x-amz-checksum-sha1", 20, nullptr},
    {Algorithm::sha256, "SHA256", "x-amz-checksum-sha256", 32, nullptr},
    {Algorithm::md5, "MD5", "", 16, nullptr},
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

/// Fetching an algorithm by name costs more than hashing a small object, so it happens once.
const EVP_MD* fetched(Algorithm algorithm) {
  static EVP_MD* const md5 = EVP_MD_fetch(nullptr, "MD5", nullptr);
  static EVP_MD* const sha1 = EVP_MD_fetch(nullptr, "SHA1", nullptr);
  static EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
  switch (algorithm) {
    case Algorithm::md5:
      return md5;
    case Algorithm::sha1:
      return sha1;
    default:
      return sha256;
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

struct Hasher::Evp {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  Evp() = default;
  Evp(const Evp&) = delete;
  Evp& operator=(const Evp&) = delete;
  ~Evp() { EVP_MD_CTX_free(context); }
};

Hasher::Hasher(Algorithm algorithm) : algorithm_(algorithm) {
  if (is_crc(algorithm)) return;
  evp_ = std::make_unique<Evp>();
  if (!EVP_DigestInit_ex2(evp_->context, fetched(algorithm), nullptr))
    throw std::runtime_error("OpenSSL does not offer " + std::string(name_of(algorithm)));
}

Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;
Hasher::~Hasher() = default;

void Hasher::update(std::string_view bytes) {
  if (evp_)
    EVP_DigestUpdate(evp_->context, bytes.data(), bytes.size());
  else
    crc_ = crc::update(*info_of(algorithm_).polynomial, crc_, bytes);
}

std::string Hasher::finish() {
  if (!evp_) return big_endian(crc_, digest_length(algorithm_));
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes;
  unsigned int length = 0;
  EVP_DigestFinal_ex(evp_->context, bytes.data(), &length);
  return {bytes.begin(), bytes.begin() + length};
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
