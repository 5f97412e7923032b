// What kinds of keys there are, what each may be used for, and by which algorithms.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace matinee::kms {

/// Stored: the numbers are for ever.
enum class Spec : std::uint8_t {
  symmetric_default = 0,
  rsa_2048 = 1,
  rsa_3072 = 2,
  rsa_4096 = 3,
  ecc_nist_p256 = 4,
  ecc_nist_p384 = 5,
  ecc_nist_p521 = 6,
  ecc_secg_p256k1 = 7,
  ecc_nist_edwards25519 = 8,
  hmac_224 = 9,
  hmac_256 = 10,
  hmac_384 = 11,
  hmac_512 = 12
};

/// Stored likewise.
enum class Usage : std::uint8_t {
  encrypt_decrypt = 0,
  sign_verify = 1,
  generate_verify_mac = 2,
  key_agreement = 3
};

enum class Family : std::uint8_t { symmetric, rsa, ecc, edwards, hmac };

struct SpecFacts {
  Spec spec;
  std::string_view name;
  Family family;
  int size;                                   // bits of RSA's modulus, else bytes of the key
  std::string_view group;                     // OpenSSL's name of the curve
  std::span<const Usage> usages;              // what it may be made for
  std::span<const std::string_view> signing;  // algorithms
  std::string_view mac;                       // algorithm

  bool is_asymmetric() const {
    return family == Family::rsa || family == Family::ecc || family == Family::edwards;
  }
};

const SpecFacts& facts_of(Spec spec);
/// Null for what this program cannot do: ML-DSA, ML-KEM, SM2.
const SpecFacts* find_spec(std::string_view name);

std::string_view name_of(Usage usage);
/// Null for those that no key here has.
const Usage* find_usage(std::string_view name);

std::vector<std::string> encryption_algorithms(const SpecFacts& facts);
std::vector<std::string> signing_algorithms(const SpecFacts& facts);

/// Of a signing or MAC algorithm, or of RSA's encryption: OpenSSL's name of its hash.
std::string_view hash_of(std::string_view algorithm);
std::size_t hash_bytes(std::string_view hash);

}  // namespace matinee::kms
