#include "services/kms/specs.h"

#include <algorithm>
#include <array>

namespace matinee::kms {

namespace {

constexpr std::array only_encryption = {Usage::encrypt_decrypt};
constexpr std::array rsa_usages = {Usage::encrypt_decrypt, Usage::sign_verify};
constexpr std::array ecc_usages = {Usage::sign_verify, Usage::key_agreement};
constexpr std::array only_signing = {Usage::sign_verify};
constexpr std::array only_macs = {Usage::generate_verify_mac};

constexpr std::array<std::string_view, 6> rsa_signing = {
    "RSASSA_PKCS1_V1_5_SHA_256", "RSASSA_PKCS1_V1_5_SHA_384", "RSASSA_PKCS1_V1_5_SHA_512",
    "RSASSA_PSS_SHA_256",        "RSASSA_PSS_SHA_384",        "RSASSA_PSS_SHA_512"};
constexpr std::array<std::string_view, 1> ecdsa_256 = {"ECDSA_SHA_256"};
constexpr std::array<std::string_view, 1> ecdsa_384 = {"ECDSA_SHA_384"};
constexpr std::array<std::string_view, 1> ecdsa_512 = {"ECDSA_SHA_512"};
constexpr std::array<std::string_view, 2> edwards = {"ED25519_SHA_512", "ED25519_PH_SHA_512"};

constexpr SpecFacts rsa(Spec spec, std::string_view name, int bits) {
  return {spec, name, Family::rsa, bits, "", rsa_usages, rsa_signing, ""};
}
constexpr SpecFacts hmac(Spec spec, std::string_view name, int bytes, std::string_view algorithm) {
  return {spec, name, Family::hmac, bytes, "", only_macs, {}, algorithm};
}

/// In the order of the enumeration.
constexpr std::array specs = {SpecFacts{Spec::symmetric_default,
                                        "SYMMETRIC_DEFAULT",
                                        Family::symmetric,
                                        32,
                                        "",
                                        only_encryption,
                                        {},
                                        ""},
                              rsa(Spec::rsa_2048, "RSA_2048", 2048),
                              rsa(Spec::rsa_3072, "RSA_3072", 3072),
                              rsa(Spec::rsa_4096, "RSA_4096", 4096),
                              SpecFacts{Spec::ecc_nist_p256, "ECC_NIST_P256", Family::ecc, 32,
                                        "P-256", ecc_usages, ecdsa_256, ""},
                              SpecFacts{Spec::ecc_nist_p384, "ECC_NIST_P384", Family::ecc, 48,
                                        "P-384", ecc_usages, ecdsa_384, ""},
                              SpecFacts{Spec::ecc_nist_p521, "ECC_NIST_P521", Family::ecc, 66,
                                        "P-521", ecc_usages, ecdsa_512, ""},
                              SpecFacts{Spec::ecc_secg_p256k1, "ECC_SECG_P256K1", Family::ecc, 32,
                                        "secp256k1", only_signing, ecdsa_256, ""},
                              SpecFacts{Spec::ecc_nist_edwards25519, "ECC_NIST_EDWARDS25519",
                                        Family::edwards, 32, "ED25519", only_signing, edwards, ""},
                              hmac(Spec::hmac_224, "HMAC_224", 28, "HMAC_SHA_224"),
                              hmac(Spec::hmac_256, "HMAC_256", 32, "HMAC_SHA_256"),
                              hmac(Spec::hmac_384, "HMAC_384", 48, "HMAC_SHA_384"),
                              hmac(Spec::hmac_512, "HMAC_512", 64, "HMAC_SHA_512")};

constexpr std::array usages = {Usage::encrypt_decrypt, Usage::sign_verify,
                               Usage::generate_verify_mac, Usage::key_agreement};

}  // namespace

const SpecFacts& facts_of(Spec spec) {
  return specs.at(static_cast<std::size_t>(spec));
}

const SpecFacts* find_spec(std::string_view name) {
  const auto* found = std::ranges::find(specs, name, &SpecFacts::name);
  return found == specs.end() ? nullptr : &*found;
}

std::string_view name_of(Usage usage) {
  switch (usage) {
    case Usage::encrypt_decrypt:
      return "ENCRYPT_DECRYPT";
    case Usage::sign_verify:
      return "SIGN_VERIFY";
    case Usage::generate_verify_mac:
      return "GENERATE_VERIFY_MAC";
    case Usage::key_agreement:
      return "KEY_AGREEMENT";
  }
  return "";
}

const Usage* find_usage(std::string_view name) {
  const auto* found = std::ranges::find(usages, name, &name_of);
  return found == usages.end() ? nullptr : &*found;
}

std::vector<std::string> encryption_algorithms(const SpecFacts& facts) {
  if (facts.family == Family::rsa) return {"RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"};
  return {"SYMMETRIC_DEFAULT"};
}

std::vector<std::string> signing_algorithms(const SpecFacts& facts) {
  return {facts.signing.begin(), facts.signing.end()};
}

std::string_view hash_of(std::string_view algorithm) {
  if (algorithm.ends_with("SHA_224")) return "SHA224";
  if (algorithm.ends_with("SHA_256")) return "SHA256";
  if (algorithm.ends_with("SHA_384")) return "SHA384";
  if (algorithm.ends_with("SHA_512")) return "SHA512";
  return "SHA1";
}

std::size_t hash_bytes(std::string_view hash) {
  if (hash == "SHA1") return 20;
  if (hash == "SHA224") return 28;
  if (hash == "SHA256") return 32;
  return hash == "SHA384" ? 48 : 64;
}

}  // namespace matinee::kms
