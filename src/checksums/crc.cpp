// One implementation for the three polynomials. A polynomial of degree w is kept as a 64-bit word
// whose bit 63 - i stands for x^i, so the 32-bit ones live in the upper half of their words while
// they multiply, and in the lower half while they are CRC registers.
#include "checksums/crc.h"

#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace matinee::crc {

namespace {

/// Eight tables: byte k positions before the end of an eight byte word.
using Tables = std::array<std::array<std::uint64_t, 256>, 8>;

constexpr Tables make_tables(std::uint64_t reflected) {
  Tables tables{};
  for (unsigned byte = 0; byte < 256; ++byte) {
    std::uint64_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) ? reflected : 0);
    tables[0][byte] = crc;
  }
  for (std::size_t table = 1; table < 8; ++table)
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint64_t before = tables[table - 1][byte];
      tables[table][byte] = (before >> 8) ^ tables[0][before & 0xff];
    }
  return tables;
}

/// `value` times x; `wide` is the polynomial without its leading term, in the upper bits.
constexpr std::uint64_t times_x(std::uint64_t value, std::uint64_t wide, int width) {
  const std::uint64_t last = std::uint64_t{1} << (64 - width);
  return (value & last) ? ((value & ~last) >> 1) ^ wide : value >> 1;
}

constexpr std::uint64_t multiply(std::uint64_t one, std::uint64_t other, std::uint64_t wide,
                                 int width) {
  std::uint64_t product = 0;
  for (int bit = 63; bit >= 64 - width; --bit) {
    if (one >> bit & 1) product ^= other;
    other = times_x(other, wide, width);
  }
  return product;
}

/// x to the power of `exponent`.
constexpr std::uint64_t power(std::uint64_t exponent, std::uint64_t wide, int width) {
  std::uint64_t result = std::uint64_t{1} << 63;
  std::uint64_t square = std::uint64_t{1} << 62;
  for (; exponent; exponent >>= 1) {
    if (exponent & 1) result = multiply(result, square, wide, width);
    square = multiply(square, square, wide, width);
  }
  return result;
}

}  // namespace

struct Polynomial {
  int width;
  std::uint64_t wide;
  std::uint64_t mask;
  Tables tables;
  // What the two halves of a 16 byte register are multiplied with to move them 64 or 16 bytes on.
  // One power less than the distance, because a product of reflected words has an x in excess.
  std::uint64_t fold64_low, fold64_high, fold16_low, fold16_high;

  constexpr Polynomial(int bits, std::uint64_t reflected)
      : width(bits),
        wide(reflected << (64 - bits)),
        mask(~std::uint64_t{0} >> (64 - bits)),
        tables(make_tables(reflected)),
        fold64_low(power(512 + 63, wide, bits)),
        fold64_high(power(512 - 1, wide, bits)),
        fold16_low(power(128 + 63, wide, bits)),
        fold16_high(power(128 - 1, wide, bits)) {}
};

constinit const Polynomial crc32(32, 0xedb88320);
constinit const Polynomial crc32c(32, 0x82f63b78);
constinit const Polynomial crc64nvme(64, 0x9a6c9329ac4bc9b5);

namespace {

std::uint64_t load_little_endian(const char* bytes) {
  std::uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

/// `state` is the register itself, not inverted.
std::uint64_t table_steps(const Polynomial& polynomial, std::uint64_t state,
                          std::string_view bytes) {
  const Tables& tables = polynomial.tables;
  while (bytes.size() >= 8) {
    const std::uint64_t word = state ^ load_little_endian(bytes.data());
    state = 0;
    for (std::size_t byte = 0; byte < 8; ++byte)
      state ^= tables[7 - byte][(word >> (8 * byte)) & 0xff];
    bytes.remove_prefix(8);
  }
  for (const char byte : bytes)
    state = (state >> 8) ^ tables[0][(state ^ static_cast<std::uint8_t>(byte)) & 0xff];
  return state;
}

#if defined(__x86_64__)

#define MATINEE_CLMUL __attribute__((target("pclmul,sse4.1")))

MATINEE_CLMUL inline __m128i load(const char* bytes) {
  __m128i value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

MATINEE_CLMUL inline __m128i fold(__m128i value, __m128i constants, __m128i next) {
  const __m128i low = _mm_clmulepi64_si128(value, constants, 0x00);
  const __m128i high = _mm_clmulepi64_si128(value, constants, 0x11);
  return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

MATINEE_CLMUL inline __m128i pair_of(std::uint64_t low, std::uint64_t high) {
  return _mm_set_epi64x(static_cast<long long>(high), static_cast<long long>(low));
}

/// Needs at least 64 bytes.
MATINEE_CLMUL std::uint64_t fold_steps(const Polynomial& polynomial, std::uint64_t state,
                                       std::string_view bytes) {
  std::array<__m128i, 4> lanes;
  for (std::size_t lane = 0; lane < 4; ++lane) lanes[lane] = load(bytes.data() + 16 * lane);
  lanes[0] = _mm_xor_si128(lanes[0], pair_of(state, 0));
  bytes.remove_prefix(64);

  const __m128i by64 = pair_of(polynomial.fold64_low, polynomial.fold64_high);
  for (; bytes.size() >= 64; bytes.remove_prefix(64))
    for (std::size_t lane = 0; lane < 4; ++lane)
      lanes[lane] = fold(lanes[lane], by64, load(bytes.data() + 16 * lane));

  const __m128i by16 = pair_of(polynomial.fold16_low, polynomial.fold16_high);
  __m128i rest = lanes[0];
  for (std::size_t lane = 1; lane < 4; ++lane) rest = fold(rest, by16, lanes[lane]);
  for (; bytes.size() >= 16; bytes.remove_prefix(16)) rest = fold(rest, by16, load(bytes.data()));

  std::array<char, 16> folded;
  std::memcpy(folded.data(), &rest, sizeof rest);
  state = table_steps(polynomial, 0, {folded.data(), folded.size()});
  return table_steps(polynomial, state, bytes);
}

bool has_carryless_multiplication() {
  static const bool has = __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");
  return has;
}

#endif

}  // namespace

std::uint64_t update_by_table(const Polynomial& polynomial, std::uint64_t crc,
                              std::string_view bytes) {
  return ~table_steps(polynomial, ~crc & polynomial.mask, bytes) & polynomial.mask;
}

std::uint64_t update(const Polynomial& polynomial, std::uint64_t crc, std::string_view bytes) {
#if defined(__x86_64__)
  if (bytes.size() >= 64 && has_carryless_multiplication())
    return ~fold_steps(polynomial, ~crc & polynomial.mask, bytes) & polynomial.mask;
#endif
  return update_by_table(polynomial, crc, bytes);
}

std::uint64_t combine(const Polynomial& polynomial, std::uint64_t first, std::uint64_t second,
                      std::uint64_t second_length) {
  const int shift = 64 - polynomial.width;
  std::uint64_t moved = first << shift;
  // Eight times the length could overflow the exponent, so the length comes in three factors of
  // x^2.
  std::uint64_t factor = power(second_length, polynomial.wide, polynomial.width);
  for (int doubling = 0; doubling < 3; ++doubling)
    factor = multiply(factor, factor, polynomial.wide, polynomial.width);
  moved = multiply(moved, factor, polynomial.wide, polynomial.width);
  return (moved >> shift) ^ second;
}

}  // namespace matinee::crc
