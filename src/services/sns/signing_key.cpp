#include "services/sns/signing_key.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <span>

#include "runtime/assertion.h"

namespace matinee::sns {

namespace {

using Wide = unsigned __int128;

constexpr std::uint64_t public_exponent = 65537;
/// So that the product of 32 of them has all 2,048 bits.
constexpr std::uint64_t smallest_prime = 0xfc00000000000000;

std::uint64_t multiply(std::uint64_t a, std::uint64_t b, std::uint64_t modulus) {
  return static_cast<std::uint64_t>(Wide{a} * b % modulus);
}

std::uint64_t power(std::uint64_t base, std::uint64_t exponent, std::uint64_t modulus) {
  std::uint64_t result = 1;
  for (; exponent != 0; exponent >>= 1) {
    if (exponent & 1) result = multiply(result, base, modulus);
    base = multiply(base, base, modulus);
  }
  return result;
}

/// Miller and Rabin's test: with these bases it is exact for numbers of 64 bits.
bool is_prime(std::uint64_t number) {
  const int twos = __builtin_ctzll(number - 1);
  for (const std::uint64_t base : {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37}) {
    std::uint64_t value = power(base, (number - 1) >> twos, number);
    bool passes = value == 1 || value == number - 1;
    for (int i = 1; i < twos && !passes; ++i) {
      value = multiply(value, value, number);
      passes = value == number - 1;
    }
    if (!passes) return false;
  }
  return true;
}

/// 1/65537 modulo `modulus`, which it does not divide: the k for which k * modulus + 1 is a
/// multiple of 65537 gives it.
std::uint64_t inverse_of_exponent(std::uint64_t modulus) {
  const std::uint64_t rest = modulus % public_exponent;
  const std::uint64_t k = multiply(
      public_exponent - 1, power(rest, public_exponent - 2, public_exponent), public_exponent);
  return static_cast<std::uint64_t>((Wide{k} * modulus + 1) / public_exponent);
}

std::uint64_t negated_inverse(std::uint64_t prime) {
  std::uint64_t inverse = prime;  // of five bits
  for (int i = 0; i < 5; ++i) inverse *= 2 - prime * inverse;
  return ~inverse + 1;
}

template <class Number>
void multiply_by(Number& number, std::uint64_t factor) {
  std::uint64_t carry = 0;
  for (std::uint64_t& limb : number) {
    const Wide product = Wide{limb} * factor + carry;
    limb = static_cast<std::uint64_t>(product);
    carry = static_cast<std::uint64_t>(product >> 64);
  }
}

template <class Number>
std::uint64_t remainder(const Number& number, std::uint64_t prime) {
  std::uint64_t rest = 0;
  for (std::size_t limb = number.size(); limb-- > 0;)
    rest = static_cast<std::uint64_t>((Wide{rest} << 64 | number[limb]) % prime);
  return rest;
}

template <class Number>
bool is_below(const Number& a, const Number& b) {
  return std::lexicographical_compare(a.rbegin(), a.rend(), b.rbegin(), b.rend());
}

struct Free {
  void operator()(BIGNUM* number) const { BN_free(number); }
  void operator()(BN_CTX* context) const { BN_CTX_free(context); }
  void operator()(OSSL_PARAM_BLD* builder) const { OSSL_PARAM_BLD_free(builder); }
  void operator()(OSSL_PARAM* parameters) const { OSSL_PARAM_free(parameters); }
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(BIO* bio) const { BIO_free(bio); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

Owned<BIGNUM> to_big(std::span<const std::uint64_t> limbs) {
  return Owned<BIGNUM>(BN_lebin2bn(reinterpret_cast<const unsigned char*>(limbs.data()),
                                   static_cast<int>(limbs.size_bytes()), nullptr));
}

/// The key as OpenSSL knows it, with the private exponent as a whole: slow, for the certificate.
Owned<EVP_PKEY> to_pkey(std::span<const std::uint64_t> modulus, const SigningKey::Primes& primes) {
  const Owned<BN_CTX> context(BN_CTX_new());
  const Owned<BIGNUM> n = to_big(modulus);
  const Owned<BIGNUM> e(BN_new());
  const Owned<BIGNUM> order(BN_new());
  BN_set_word(e.get(), public_exponent);
  BN_one(order.get());
  for (const std::uint64_t prime : primes) BN_mul_word(order.get(), prime - 1);
  const Owned<BIGNUM> d(BN_mod_inverse(nullptr, e.get(), order.get(), context.get()));
  const Owned<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_D, d.get());
  const Owned<OSSL_PARAM> parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  const Owned<EVP_PKEY_CTX> maker(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* made = nullptr;
  runtime::expect(EVP_PKEY_fromdata_init(maker.get()) == 1, "OpenSSL knows RSA");
  runtime::expect(EVP_PKEY_fromdata(maker.get(), &made, EVP_PKEY_KEYPAIR, parameters.get()) == 1,
                  "a key of RSA is made of its numbers");
  return Owned<EVP_PKEY>(made);
}

constexpr std::string_view sha1_prefix(
    "\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14", 15);
constexpr std::string_view sha256_prefix(
    "\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20", 19);

}  // namespace

/// a * b / 2^64 mod p.
inline std::uint64_t SigningKey::times(const Part& part, std::uint64_t a, std::uint64_t b) {
  const Wide product = Wide{a} * b;
  const std::uint64_t factor = static_cast<std::uint64_t>(product) * part.negated_inverse;
  const auto multiple = static_cast<std::uint64_t>(Wide{factor} * part.prime >> 64);
  // The lower halves add up to 2^64, or to nothing where both are nothing.
  const std::uint64_t carry = static_cast<std::uint64_t>(product) != 0 ? 1 : 0;
  const Wide sum = Wide{static_cast<std::uint64_t>(product >> 64)} + multiple + carry;
  return static_cast<std::uint64_t>(sum >= part.prime ? sum - part.prime : sum);
}

SigningKey::Primes SigningKey::make_primes(runtime::Random& random) {
  Primes found{};
  for (std::size_t count = 0; count < primes;) {
    const std::uint64_t candidate = random.next() | smallest_prime | 1;
    if (candidate % public_exponent == 1 || std::ranges::find(found, candidate) != found.end() ||
        !is_prime(candidate))
      continue;
    found[count++] = candidate;
  }
  return found;
}

SigningKey::SigningKey(const Primes& numbers) : primes_(numbers), parts_(), modulus_{1} {
  for (const std::uint64_t prime : primes_) multiply_by(modulus_, prime);
  for (std::size_t i = 0; i < primes; ++i) {
    Part& part = parts_[i];
    part.prime = primes_[i];
    part.negated_inverse = negated_inverse(part.prime);
    const auto r = static_cast<std::uint64_t>((Wide{1} << 64) % part.prime);
    part.square = multiply(r, r, part.prime);
    part.exponent = inverse_of_exponent(part.prime - 1);
    part.cofactor = {1};
    for (std::size_t j = 0; j < primes; ++j)
      if (j != i) multiply_by(part.cofactor, primes_[j]);
    part.coefficient = power(remainder(part.cofactor, part.prime), part.prime - 2, part.prime);
  }
}

/// The message modulo each prime, in Montgomery's form.
SigningKey::Residues SigningKey::residues_of(const Number& message) const {
  Residues rest{};
  for (std::size_t limb = primes; limb-- > 0;) {
    for (std::size_t i = 0; i < primes; ++i) {
      const Part& part = parts_[i];
      // One subtraction is enough: all primes are close to 2^64.
      const std::uint64_t digit =
          message[limb] >= part.prime ? message[limb] - part.prime : message[limb];
      const Wide sum = Wide{times(part, rest[i], part.square)} + digit;
      rest[i] = static_cast<std::uint64_t>(sum >= part.prime ? sum - part.prime : sum);
    }
  }
  for (std::size_t i = 0; i < primes; ++i) rest[i] = times(parts_[i], rest[i], parts_[i].square);
  return rest;
}

/// One short power for each prime, side by side so that the processor need not wait for one
/// multiplication after the other; four bits of the exponents at a time.
SigningKey::Residues SigningKey::powers_of(const Residues& bases) const {
  constexpr int window = 4;
  std::array<Residues, std::size_t{1} << window> table{};
  for (std::size_t i = 0; i < primes; ++i) {
    const Part& part = parts_[i];
    table[0][i] = times(part, 1, part.square);
    for (std::size_t power = 1; power < table.size(); ++power)
      table[power][i] = times(part, table[power - 1][i], bases[i]);
  }
  Residues result = table[0];
  for (int shift = 64 - window; shift >= 0; shift -= window) {
    for (int square = 0; square < window; ++square)
      for (std::size_t i = 0; i < primes; ++i) result[i] = times(parts_[i], result[i], result[i]);
    for (std::size_t i = 0; i < primes; ++i) {
      const std::uint64_t digit = parts_[i].exponent >> shift & (table.size() - 1);
      result[i] = times(parts_[i], result[i], table[digit][i]);
    }
  }
  return result;
}

/// By the Chinese remainder theorem.
SigningKey::Number SigningKey::private_operation(const Number& message) const {
  const Residues powers = powers_of(residues_of(message));
  std::array<std::uint64_t, primes + 1> sum{};
  for (std::size_t i = 0; i < primes; ++i) {
    const Part& part = parts_[i];
    // The coefficient is no longer in Montgomery's form then, nor is the power.
    const std::uint64_t factor = times(part, powers[i], part.coefficient);
    std::uint64_t carry = 0;
    for (std::size_t limb = 0; limb < primes; ++limb) {
      const Wide product = Wide{part.cofactor[limb]} * factor + sum[limb] + carry;
      sum[limb] = static_cast<std::uint64_t>(product);
      carry = static_cast<std::uint64_t>(product >> 64);
    }
    sum[primes] += carry;
  }
  Number out{};
  // The sum is less than 32 times the modulus.
  for (;;) {
    std::ranges::copy_n(sum.begin(), primes, out.begin());
    if (sum[primes] == 0 && is_below(out, modulus_)) return out;
    std::uint64_t borrow = 0;
    for (std::size_t limb = 0; limb < primes; ++limb) {
      const Wide difference = Wide{sum[limb]} - modulus_[limb] - borrow;
      sum[limb] = static_cast<std::uint64_t>(difference);
      borrow = static_cast<std::uint64_t>(difference >> 64) != 0 ? 1 : 0;
    }
    sum[primes] -= borrow;
  }
}

std::string SigningKey::sign(std::string_view text, bool with_sha256) const {
  std::array<unsigned char, 32> digest{};
  unsigned length = 0;
  const EVP_MD* hash = with_sha256 ? EVP_sha256() : EVP_sha1();
  runtime::expect(EVP_Digest(text.data(), text.size(), digest.data(), &length, hash, nullptr) == 1,
                  "OpenSSL hashes");
  // EMSA-PKCS1-v1_5: 0, 1, ones, 0, what hash it is, the hash.
  std::string padded("\0\1", 2);
  const std::string_view prefix = with_sha256 ? sha256_prefix : sha1_prefix;
  padded.append(bytes - 3 - prefix.size() - length, '\xff').append(1, '\0').append(prefix);
  padded.append(reinterpret_cast<const char*>(digest.data()), length);
  std::ranges::reverse(padded);
  Number message{};
  std::memcpy(message.data(), padded.data(), bytes);
  const Number signature = private_operation(message);
  std::memcpy(padded.data(), signature.data(), bytes);
  std::ranges::reverse(padded);
  return padded;
}

std::string SigningKey::make_certificate(runtime::Time now) const {
  constexpr std::chrono::seconds lifetime = std::chrono::years(10);
  const Owned<EVP_PKEY> key = to_pkey(modulus_, primes_);
  const Owned<X509> certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), primes_[0] >> 1);
  ASN1_TIME_set(X509_getm_notBefore(certificate.get()), runtime::to_seconds(now) - 86'400);
  ASN1_TIME_set(X509_getm_notAfter(certificate.get()), runtime::to_seconds(now) + lifetime.count());
  X509_NAME* name = X509_get_subject_name(certificate.get());
  const auto* common = reinterpret_cast<const unsigned char*>("sns.amazonaws.com");
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common, -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  X509_set_pubkey(certificate.get(), key.get());
  runtime::expect(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0,
                  "the key signs its certificate");
  const Owned<BIO> out(BIO_new(BIO_s_mem()));
  runtime::expect(PEM_write_bio_X509(out.get(), certificate.get()) == 1,
                  "a certificate is written");
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

}  // namespace matinee::sns
