// Encrypt, Decrypt, ReEncrypt, data keys, and what other services do with keys.
#include <fmt/format.h>

#include "services/kms/service_fixture.h"

namespace matinee::kms {
namespace {

TEST_F(KmsTest, what_is_encrypted_is_decrypted_without_naming_the_key) {
  const KeyMetadata key = create();
  const std::string blob = encrypt(key.key_id, "a secret");
  EXPECT_EQ(blob.find("a secret"), std::string::npos);
  EXPECT_EQ(decrypt(blob), "a secret");
  EXPECT_NE(encrypt(key.key_id, "a secret"), blob);
}

TEST_F(KmsTest, a_changed_blob_or_context_opens_nothing) {
  const std::string key = create().key_id;
  const std::string blob = encrypt(key, "a secret", EncryptionContext{{"a", "1"}, {"b", "2"}});
  EXPECT_EQ(decrypt(blob, EncryptionContext{{"b", "2"}, {"a", "1"}}), "a secret");
  const std::string refused = "InvalidCiphertextException: ";
  EXPECT_EQ(error_of([&] { decrypt(blob); }), refused);
  EXPECT_EQ(error_of([&] { decrypt(blob, EncryptionContext{{"A", "1"}, {"b", "2"}}); }), refused);
  EXPECT_EQ(error_of([&] { decrypt(blob, EncryptionContext{{"a", "1b"}, {"", "2"}}); }), refused);
  EXPECT_EQ(error_of([&] { decrypt(blob + "x", EncryptionContext{{"a", "1"}, {"b", "2"}}); }),
            refused);
  EXPECT_EQ(error_of([&] { decrypt(blob.substr(10)); }), refused);
  EXPECT_EQ(error_of([&] { decrypt("no blob"); }), refused);
}

TEST_F(KmsTest, every_byte_of_a_blob_counts) {
  const std::string key = create().key_id;
  const std::string blob = encrypt(key, "x");
  for (std::size_t i = 0; i < blob.size(); ++i) {
    std::string changed = blob;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_NE(error_of([&] { decrypt(changed); }), "") << i;
  }
}

TEST_F(KmsTest, ciphertexts_are_opened_after_a_kill_and_a_restart) {
  const std::string key = create().key_id;
  const std::string blob = encrypt(key, "a secret");
  const KeyMetadata pair = create("ECC_NIST_P256", "SIGN_VERIFY");
  const auto signature = call<SignResponse>(
      operations::Sign,
      SignRequest{.key_id = pair.key_id, .message = {"m"}, .signing_algorithm = "ECDSA_SHA_256"});
  kill_and_restart();
  EXPECT_EQ(decrypt(blob), "a secret");
  EXPECT_TRUE(
      *call<VerifyResponse>(operations::Verify, VerifyRequest{.key_id = pair.key_id,
                                                              .message = {"m"},
                                                              .signature = *signature.signature,
                                                              .signing_algorithm = "ECDSA_SHA_256"})
           .signature_valid);
}

TEST_F(KmsTest, a_disabled_key_encrypts_nothing_and_an_unknown_one_is_told_by_its_arn) {
  const KeyMetadata key = create();
  const std::string blob = encrypt(key.key_id, "x");
  call<DisableKeyResponse>(operations::DisableKey, DisableKeyRequest{.key_id = key.key_id});
  const std::string disabled = fmt::format("DisabledException: {} is disabled.", *key.arn);
  EXPECT_EQ(error_of([&] { encrypt(key.key_id, "x"); }), disabled);
  EXPECT_EQ(error_of([&] { decrypt(blob); }), disabled);
  EXPECT_EQ(error_of([&] { encrypt("11111111-2222-3333-4444-555555555555", "x"); }),
            "NotFoundException: Key 'arn:aws:kms:us-east-1:000000000000:key/"
            "11111111-2222-3333-4444-555555555555' does not exist");
  EXPECT_EQ(error_of([&] { encrypt("fake-key-id", "x"); }),
            "NotFoundException: Invalid keyId 'fake-key-id'");
  EXPECT_EQ(error_of([&] { encrypt("alias/none", "x"); }),
            "NotFoundException: Alias arn:aws:kms:us-east-1:000000000000:alias/none is not found.");
  EXPECT_EQ(error_of([&] { encrypt("arn:aws:kms:eu-west-1:000000000000:key/" + key.key_id, "x"); }),
            "NotFoundException: Invalid arn eu-west-1");
}

TEST_F(KmsTest, rsa_takes_what_oaep_can_and_tells_how_much_that_is) {
  const std::string key = create("RSA_2048", "ENCRYPT_DECRYPT").key_id;
  EncryptRequest request{.key_id = key,
                         .plaintext = {std::string(214, 'x')},
                         .encryption_algorithm = "RSAES_OAEP_SHA_1"};
  const auto blob = *call<EncryptResponse>(operations::Encrypt, request).ciphertext_blob;
  const DecryptRequest open{
      .ciphertext_blob = blob, .key_id = key, .encryption_algorithm = "RSAES_OAEP_SHA_1"};
  EXPECT_EQ(call<DecryptResponse>(operations::Decrypt, open).plaintext->bytes,
            std::string(214, 'x'));
  request.plaintext.bytes += 'x';
  EXPECT_EQ(error_of([&] { call<EncryptResponse>(operations::Encrypt, request); }),
            "ValidationException: Algorithm RSAES_OAEP_SHA_1 and key spec RSA_2048 cannot encrypt "
            "data larger than 214 bytes.");
  DecryptRequest wrong = open;
  wrong.encryption_algorithm = "RSAES_OAEP_SHA_256";
  EXPECT_EQ(error_of([&] { call<DecryptResponse>(operations::Decrypt, wrong); }),
            "InvalidCiphertextException: ");
}

TEST_F(KmsTest, a_blob_of_another_key_than_the_one_named_is_refused_before_its_usage) {
  const std::string blob = encrypt(create().key_id, "x");
  const DecryptRequest request{.ciphertext_blob = protocol::Blob{blob},
                               .key_id = create("HMAC_256", "GENERATE_VERIFY_MAC").key_id};
  EXPECT_EQ(error_of([&] { call<DecryptResponse>(operations::Decrypt, request); }),
            "IncorrectKeyException: The key ID in the request does not identify a CMK that can "
            "perform this operation.");
}

TEST_F(KmsTest, re_encrypts_under_another_key_with_another_context) {
  const KeyMetadata from = create();
  const KeyMetadata to = create();
  const auto response = call<ReEncryptResponse>(
      operations::ReEncrypt,
      ReEncryptRequest{.ciphertext_blob = protocol::Blob{encrypt(from.key_id, "x", {{{"a", "b"}}})},
                       .source_encryption_context = {{{"a", "b"}}},
                       .destination_key_id = to.key_id,
                       .destination_encryption_context = {{{"c", "d"}}}});
  EXPECT_EQ(response.source_key_id, from.arn);
  EXPECT_EQ(response.key_id, to.arn);
  EXPECT_EQ(response.source_key_material_id, from.current_key_material_id);
  EXPECT_EQ(response.destination_key_material_id, to.current_key_material_id);
  EXPECT_EQ(decrypt(response.ciphertext_blob->bytes, {{{"c", "d"}}}), "x");
}

TEST_F(KmsTest, data_keys_are_made_in_the_size_asked_for) {
  const KeyMetadata key = create();
  const auto made = call<GenerateDataKeyResponse>(
      operations::GenerateDataKey,
      GenerateDataKeyRequest{.key_id = key.key_id, .key_spec = "AES_256"});
  EXPECT_EQ(made.plaintext->bytes.size(), 32u);
  EXPECT_EQ(made.key_id, key.arn);
  EXPECT_EQ(decrypt(made.ciphertext_blob->bytes), made.plaintext->bytes);
  EXPECT_EQ(error_of([&] {
              call<GenerateDataKeyResponse>(operations::GenerateDataKey,
                                            GenerateDataKeyRequest{.key_id = key.key_id});
            }),
            "ValidationException: Please specify either number of bytes or key spec.");
  const auto pair = call<GenerateDataKeyPairResponse>(
      operations::GenerateDataKeyPair,
      GenerateDataKeyPairRequest{.key_id = key.key_id, .key_pair_spec = "ECC_NIST_P384"});
  EXPECT_EQ(decrypt(pair.private_key_ciphertext_blob->bytes), pair.private_key_plaintext->bytes);
  EXPECT_TRUE(suits(read_public(pair.public_key->bytes), facts_of(Spec::ecc_nist_p384)));
  EXPECT_TRUE(
      suits(read_private(pair.private_key_plaintext->bytes), facts_of(Spec::ecc_nist_p384)));
}

TEST_F(KmsTest, a_dry_run_ends_in_its_own_error_once_all_else_is_fine) {
  const std::string key = create().key_id;
  EXPECT_EQ(error_of([&] {
              call<EncryptResponse>(
                  operations::Encrypt,
                  EncryptRequest{.key_id = key, .plaintext = {"x"}, .dry_run = true});
            }),
            "DryRunOperationException: The request would have succeeded, but the DryRun option is "
            "set.");
}

TEST_F(KmsTest, what_happens_is_the_same_for_the_same_seed) {
  const auto run = [] {
    runtime::Simulation machine(7);
    runtime::Runtime runtime = machine.runtime();
    auto store = *storage::Store::open({.directory = "/data", .disk = &machine.disk});
    Service service(*store, runtime);
    const Pair pair = make_pair(facts_of(Spec::rsa_2048), machine.random);
    return private_bytes(pair) +
           sign(pair, {.algorithm = "RSASSA_PSS_SHA_256", .input = std::string(32, 'd')},
                machine.random) +
           public_bytes(make_pair(facts_of(Spec::ecc_nist_p256), machine.random));
  };
  EXPECT_EQ(run(), run());
}

TEST_F(KmsTest, a_key_of_aws_is_made_at_its_first_use_by_a_service) {
  services::KeyService& keys = service->for_services();
  storage::Transaction transaction(*store);
  const services::KeyUse use{
      .key = "alias/aws/ssm", .service = "ssm.amazonaws.com", .context = {{"name", "p"}}};
  const std::string arn = keys.require_key(context, use);
  const std::string blob = keys.encrypt(context, use, "value");
  services::KeyUse open = use;
  open.key.clear();
  EXPECT_EQ(keys.decrypt(context, open, blob), "value");
  transaction.commit();
  const KeyMetadata described = describe("alias/aws/ssm");
  EXPECT_EQ(described.arn, arn);
  EXPECT_EQ(described.key_manager, "AWS");
  EXPECT_TRUE(error_of([&] {
                call<DisableKeyResponse>(operations::DisableKey,
                                         DisableKeyRequest{.key_id = described.key_id});
              }).starts_with("AccessDeniedException: "));
}

}  // namespace
}  // namespace matinee::kms
