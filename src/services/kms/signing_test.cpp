// Signatures, message authentication codes, and agreed secrets.
#include <fmt/format.h>

#include "services/kms/service_fixture.h"

namespace matinee::kms {
namespace {

class Signatures : public KmsTest {
 protected:
  std::string sign(const std::string& key, const std::string& algorithm, const std::string& message,
                   std::optional<std::string> type = std::nullopt) {
    return call<SignResponse>(operations::Sign, SignRequest{.key_id = key,
                                                            .message = {message},
                                                            .message_type = std::move(type),
                                                            .signing_algorithm = algorithm})
        .signature->bytes;
  }
  bool verify(const std::string& key, const std::string& algorithm, const std::string& message,
              const std::string& signature) {
    try {
      return *call<VerifyResponse>(operations::Verify,
                                   VerifyRequest{.key_id = key,
                                                 .message = {message},
                                                 .signature = {signature},
                                                 .signing_algorithm = algorithm})
                  .signature_valid;
    } catch (const protocol::ServiceError& error) {
      EXPECT_EQ(error.name(), "KMSInvalidSignatureException");
      EXPECT_EQ(error.message(), "");
      return false;
    }
  }
};

TEST_F(Signatures, of_every_spec_and_algorithm_are_verified) {
  for (const char* spec : {"RSA_2048", "ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521",
                           "ECC_SECG_P256K1", "ECC_NIST_EDWARDS25519"}) {
    const KeyMetadata key = create(spec, "SIGN_VERIFY");
    for (const std::string& algorithm : *key.signing_algorithms) {
      if (algorithm == "ED25519_PH_SHA_512") continue;
      const std::string signature = sign(key.key_id, algorithm, "message");
      EXPECT_TRUE(verify(key.key_id, algorithm, "message", signature)) << algorithm;
      EXPECT_FALSE(verify(key.key_id, algorithm, "another", signature)) << algorithm;
      EXPECT_FALSE(verify(key.key_id, algorithm, "message", "no signature")) << algorithm;
    }
  }
}

TEST_F(Signatures, of_a_digest_are_those_of_the_message) {
  const KeyMetadata key = create("ECC_NIST_P384", "SIGN_VERIFY");
  const std::string digest = digest_of("ECDSA_SHA_384", "message");
  const std::string signature = sign(key.key_id, "ECDSA_SHA_384", digest, "DIGEST");
  EXPECT_TRUE(verify(key.key_id, "ECDSA_SHA_384", "message", signature));
  EXPECT_EQ(error_of([&] { sign(key.key_id, "ECDSA_SHA_384", "short", "DIGEST"); }),
            "ValidationException: Digest is invalid length for algorithm ECDSA_SHA_384.");
  EXPECT_EQ(error_of([&] { sign(key.key_id, "ECDSA_SHA_256", "m"); }),
            "InvalidKeyUsageException: Algorithm ECDSA_SHA_256 is incompatible with key spec "
            "ECC_NIST_P384.");
  const KeyMetadata other = create();
  EXPECT_EQ(error_of([&] { sign(other.key_id, "ECDSA_SHA_256", "m"); }),
            fmt::format("InvalidKeyUsageException: {} key usage is ENCRYPT_DECRYPT which is not "
                        "valid for Sign.",
                        *other.arn));
}

TEST_F(Signatures, by_mac_fit_their_message_alone) {
  const KeyMetadata key = create("HMAC_224", "GENERATE_VERIFY_MAC");
  const auto mac = *call<GenerateMacResponse>(operations::GenerateMac,
                                              GenerateMacRequest{.message = {"m"},
                                                                 .key_id = key.key_id,
                                                                 .mac_algorithm = "HMAC_SHA_224"})
                        .mac;
  EXPECT_EQ(mac.bytes.size(), 28u);
  VerifyMacRequest request{
      .message = {"m"}, .key_id = key.key_id, .mac_algorithm = "HMAC_SHA_224", .mac = mac};
  EXPECT_TRUE(*call<VerifyMacResponse>(operations::VerifyMac, request).mac_valid);
  request.message.bytes = "n";
  EXPECT_EQ(error_of([&] { call<VerifyMacResponse>(operations::VerifyMac, request); }),
            "KMSInvalidMacException: ");
  request.mac_algorithm = "HMAC_SHA_256";
  EXPECT_EQ(error_of([&] { call<VerifyMacResponse>(operations::VerifyMac, request); }),
            "InvalidKeyUsageException: Algorithm HMAC_SHA_256 is incompatible with key spec "
            "HMAC_224.");
}

TEST_F(Signatures, need_no_secret_that_both_sides_of_an_agreement_derive_alike) {
  const KeyMetadata mine = create("ECC_NIST_P256", "KEY_AGREEMENT");
  const KeyMetadata theirs = create("ECC_NIST_P256", "KEY_AGREEMENT");
  const auto secret = [&](const KeyMetadata& own, const KeyMetadata& other) {
    const auto key = *call<GetPublicKeyResponse>(operations::GetPublicKey,
                                                 GetPublicKeyRequest{.key_id = other.key_id})
                          .public_key;
    return call<DeriveSharedSecretResponse>(
               operations::DeriveSharedSecret,
               DeriveSharedSecretRequest{
                   .key_id = own.key_id, .key_agreement_algorithm = "ECDH", .public_key = key})
        .shared_secret->bytes;
  };
  EXPECT_EQ(secret(mine, theirs), secret(theirs, mine));
  EXPECT_EQ(secret(mine, theirs).size(), 32u);
}

}  // namespace
}  // namespace matinee::kms
