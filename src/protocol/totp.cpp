#include "protocol/totp.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

namespace matinee::protocol {

namespace {

constexpr std::int64_t step_seconds = 30;
/// Steps before and after the one that it is now.
constexpr std::int64_t tolerance = 2;

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

}  // namespace

std::int64_t totp_step(runtime::Time time) {
  return runtime::to_seconds(time) / step_seconds;
}

std::string totp_code(std::string_view seed, std::int64_t step) {
  constexpr std::uint32_t codes = 1'000'000;
  std::array<unsigned char, 8> counter{};
  for (std::size_t i = counter.size(); i-- > 0; step >>= 8)
    counter[i] = static_cast<unsigned char>(step);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  HMAC(EVP_sha1(), seed.data(), static_cast<int>(seed.size()), counter.data(), counter.size(),
       digest.data(), &length);
  const std::size_t offset = digest[length - 1] & 0x0F;
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) number = number << 8 | digest[offset + i];
  return fmt::format("{:06}", (number & 0x7FFF'FFFF) % codes);
}

std::optional<std::int64_t> find_totp_step(std::string_view seed, std::string_view code,
                                           runtime::Time now, std::int64_t after) {
  const std::int64_t current = totp_step(now);
  for (std::int64_t step = current - tolerance; step <= current + tolerance; ++step)
    if (step > after && totp_code(seed, step) == code) return step;
  return std::nullopt;
}

std::string base32_encode(std::string_view bytes) {
  std::string text;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char byte : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(byte);
    for (count += 8; count >= 5; count -= 5) text += alphabet[bits >> (count - 5) & 31];
    bits &= (1U << count) - 1;
  }
  if (count > 0) text += alphabet[bits << (5 - count) & 31];
  return text;
}

std::optional<std::string> base32_decode(std::string_view text) {
  std::string bytes;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char letter : text) {
    const std::size_t value = alphabet.find(letter);
    if (value == std::string_view::npos) return std::nullopt;
    bits = bits << 5 | static_cast<std::uint32_t>(value);
    count += 5;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xFF);
    bits &= (1U << count) - 1;
  }
  return bytes;
}

}  // namespace matinee::protocol
