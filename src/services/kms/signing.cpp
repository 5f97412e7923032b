// Sign and Verify, GenerateMac and VerifyMac, DeriveSharedSecret. Pairs work on workers.
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "services/kms/rules.h"
#include "services/kms/service.h"

namespace matinee::kms {

namespace {

constexpr std::string_view edwards = "ED25519_SHA_512";
constexpr std::string_view edwards_of_digests = "ED25519_PH_SHA_512";

/// What the algorithm works on: RAW messages are hashed here, digests have been.
Signing prepare(const Key& key, const std::string& algorithm, const std::string& message,
                const std::optional<std::string>& type) {
  const bool is_digest = type == "DIGEST";
  if (type == "EXTERNAL_MU")
    refuse(
        fmt::format("Message type {} is incompatible with key spec {}.", *type, key.facts().name));
  if (algorithm == edwards) {
    if (is_digest)
      refuse(fmt::format("Message type DIGEST is incompatible with algorithm {}.", algorithm));
    return {.algorithm = algorithm, .input = message};
  }
  if (algorithm == edwards_of_digests) refuse_unserved("ED25519_PH_SHA_512");
  if (!is_digest) return {.algorithm = algorithm, .input = digest_of(algorithm, message)};
  if (message.size() != hash_bytes(hash_of(algorithm)))
    refuse(fmt::format("Digest is invalid length for algorithm {}.", algorithm));
  return {.algorithm = algorithm, .input = message};
}

std::string mac_of(const Material& material, const std::string& algorithm,
                   const std::string& message) {
  const EVP_MD* hash = EVP_get_digestbyname(std::string(hash_of(algorithm)).c_str());
  std::string out(hash_bytes(hash_of(algorithm)), '\0');
  unsigned int length = 0;
  HMAC(hash, material.bytes.data(), static_cast<int>(material.bytes.size()),
       reinterpret_cast<const unsigned char*>(message.data()), message.size(),
       reinterpret_cast<unsigned char*>(out.data()), &length);
  return out;
}

/// In a time that tells nothing of where they differ.
bool same_bytes(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

std::pair<Key, std::shared_ptr<Material>> Service::require_signing(const Context& context,
                                                                   const std::string& text,
                                                                   const std::string& algorithm,
                                                                   std::string_view operation) {
  storage::Transaction transaction(store_);
  Key key = require_usable(context, text, {Usage::sign_verify, operation});
  require_algorithm(key, algorithm, signing_algorithms(key.facts()));
  std::shared_ptr<Material> material = require_material(key);
  transaction.commit();
  return {std::move(key), std::move(material)};
}

Task<SignResponse> Service::sign(const Context& context, const SignRequest& request) {
  const auto [key, material] =
      require_signing(context, request.key_id, request.signing_algorithm, "Sign");
  Signing signing =
      prepare(key, request.signing_algorithm, request.message.bytes, request.message_type);
  end_dry_run(request.dry_run);
  std::string signature = co_await elsewhere<std::string>(
      [held = material, signing = std::move(signing), &random = random_] {
        return kms::sign(held->pair, signing, random);
      });
  note_use(context, key, "Sign");
  co_return SignResponse{.key_id = key.arn(),
                         .signature = protocol::Blob{std::move(signature)},
                         .signing_algorithm = request.signing_algorithm};
}

Task<VerifyResponse> Service::verify(const Context& context, const VerifyRequest& request) {
  const auto [key, material] =
      require_signing(context, request.key_id, request.signing_algorithm, "Verify");
  Signing signing =
      prepare(key, request.signing_algorithm, request.message.bytes, request.message_type);
  const bool fits = co_await elsewhere<bool>(
      [held = material, signing = std::move(signing), signature = request.signature.bytes] {
        return kms::verify(held->pair, signing, signature);
      });
  if (!fits) throw KMSInvalidSignatureException("");
  end_dry_run(request.dry_run);
  note_use(context, key, "Verify");
  co_return VerifyResponse{
      .key_id = key.arn(), .signature_valid = true, .signing_algorithm = request.signing_algorithm};
}

GenerateMacResponse Service::generate_mac(const Context& context,
                                          const GenerateMacRequest& request) {
  const Key key =
      require_usable(context, request.key_id, {Usage::generate_verify_mac, "GenerateMac"});
  require_algorithm(key, request.mac_algorithm, {std::string(key.facts().mac)});
  std::string mac = mac_of(*require_material(key), request.mac_algorithm, request.message.bytes);
  end_dry_run(request.dry_run);
  note_use(context, key, "GenerateMac");
  return {.mac = protocol::Blob{std::move(mac)},
          .mac_algorithm = request.mac_algorithm,
          .key_id = key.arn()};
}

VerifyMacResponse Service::verify_mac(const Context& context, const VerifyMacRequest& request) {
  const Key key =
      require_usable(context, request.key_id, {Usage::generate_verify_mac, "VerifyMac"});
  require_algorithm(key, request.mac_algorithm, {std::string(key.facts().mac)});
  const std::string mac =
      mac_of(*require_material(key), request.mac_algorithm, request.message.bytes);
  if (!same_bytes(mac, request.mac.bytes)) throw KMSInvalidMacException("");
  end_dry_run(request.dry_run);
  note_use(context, key, "VerifyMac");
  return {.key_id = key.arn(), .mac_valid = true, .mac_algorithm = request.mac_algorithm};
}

Task<DeriveSharedSecretResponse> Service::derive_shared_secret(
    const Context& context, const DeriveSharedSecretRequest& request) {
  refuse_recipient(request.recipient);
  storage::Transaction transaction(store_);
  const Key key =
      require_usable(context, request.key_id, {Usage::key_agreement, "DeriveSharedSecret"});
  const std::shared_ptr<Material> material = require_material(key);
  transaction.commit();
  const Pair peer = read_public(request.public_key.bytes);
  if (!peer || !suits(peer, key.facts()))
    refuse(
        fmt::format("The public key is not a valid public key for key spec {}.", key.facts().name));
  end_dry_run(request.dry_run);
  std::optional<std::string> secret = co_await elsewhere<std::optional<std::string>>(
      [material, peer, &random = random_] { return derive(material->pair, peer, random); });
  if (!secret) refuse("The public key is not valid.");
  note_use(context, key, "DeriveSharedSecret");
  DeriveSharedSecretResponse response;
  response.key_id = key.arn();
  response.shared_secret = protocol::Blob{*std::move(secret)};
  response.key_agreement_algorithm = request.key_agreement_algorithm;
  response.key_origin = key.record.is_external ? "EXTERNAL" : "AWS_KMS";
  co_return response;
}

}  // namespace matinee::kms
