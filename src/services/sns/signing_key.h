// The key with which topics sign what they send, and its certificate.
//
// The signatures are RSA's (PKCS#1 v1.5, 2,048 bits, the public exponent 65537), so that whoever
// checks those of AWS can check these. A topic signs twenty thousand messages a second on the
// thread that owns all state, where OpenSSL makes two thousand: so the modulus is a product of 32
// primes of 64 bits, with which the private operation is 32 short ones. A key like this can be
// factored by anybody. It proves nothing about who has signed: that it came from this cloud is
// known by the address of its certificate.
#pragma once

#include <openssl/types.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/clock.h"
#include "runtime/random.h"

namespace matinee::sns {

class SigningKey {
 public:
  static constexpr std::size_t primes = 32;
  static constexpr std::size_t bytes = 256;
  using Primes = std::array<std::uint64_t, primes>;

  /// 32 primes whose product has 2,048 bits.
  static Primes make_primes(runtime::Random& random);

  explicit SigningKey(const Primes& primes);

  /// The signature of a text: with SHA-1, or with SHA-256.
  std::string sign(std::string_view text, bool with_sha256) const;

  /// Of itself, in PEM: good for ten years from `now`.
  std::string make_certificate(runtime::Time now) const;

  const Primes& prime_numbers() const { return primes_; }

 private:
  using Number = std::array<std::uint64_t, primes>;    // 2,048 bits, the lowest first
  using Residues = std::array<std::uint64_t, primes>;  // one for each prime

  /// What is needed of one prime p, in Montgomery's form with R = 2^64.
  struct Part {
    std::uint64_t prime;
    std::uint64_t negated_inverse;  // -1/p mod R
    std::uint64_t square;           // R^2 mod p
    std::uint64_t exponent;         // 1/65537 mod p-1
    std::uint64_t coefficient;      // (n/p)^-1 mod p
    Number cofactor;                // n/p
  };

  Primes primes_;
  std::array<Part, primes> parts_;
  Number modulus_;

  static std::uint64_t times(const Part& part, std::uint64_t a, std::uint64_t b);
  Residues residues_of(const Number& message) const;
  Residues powers_of(const Residues& bases) const;
  Number private_operation(const Number& message) const;
};

}  // namespace matinee::sns
