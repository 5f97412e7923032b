// Keys for others to encrypt with, made here and encrypted under a key that stays here.
#include <fmt/format.h>

#include "services/kms/rules.h"
#include "services/kms/service.h"

namespace matinee::kms {

namespace {

const EncryptionContext* address_of(const std::optional<EncryptionContext>& context) {
  return context ? &*context : nullptr;
}

/// KeySpec or NumberOfBytes, and not both.
template <class Request>
std::size_t size_of_data_key(const Request& request) {
  if (request.key_spec.has_value() == request.number_of_bytes.has_value())
    refuse("Please specify either number of bytes or key spec.");
  if (request.number_of_bytes) return static_cast<std::size_t>(*request.number_of_bytes);
  return *request.key_spec == "AES_128" ? 16 : 32;
}

std::string make_bytes(std::size_t size, runtime::Random& random) {
  std::string bytes(size, '\0');
  random.fill({reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()});
  return bytes;
}

struct DataKeyPair {
  std::string private_key;
  std::string public_key;
};

}  // namespace

/// Data keys are encrypted under symmetric keys only.
Key Service::require_wrapping(const Context& context, const std::string& text,
                              std::string_view operation) {
  const Key key = require_usable(context, text, {Usage::encrypt_decrypt, operation});
  require_algorithm(key, "SYMMETRIC_DEFAULT", encryption_algorithms(key.facts()));
  return key;
}

GenerateDataKeyResponse Service::generate_data_key(const Context& context,
                                                   const GenerateDataKeyRequest& request) {
  refuse_recipient(request.recipient);
  const std::size_t size = size_of_data_key(request);
  const Key key = require_wrapping(context, request.key_id, "GenerateDataKey");
  std::string plaintext = make_bytes(size, random_);
  std::string blob = seal(key, plaintext, address_of(request.encryption_context));
  end_dry_run(request.dry_run);
  note_use(context, key, "GenerateDataKey");
  GenerateDataKeyResponse response;
  response.ciphertext_blob = protocol::Blob{std::move(blob)};
  response.plaintext = protocol::Blob{std::move(plaintext)};
  response.key_id = key.arn();
  response.key_material_id = to_hex(key.record.material_id);
  return response;
}

GenerateDataKeyWithoutPlaintextResponse Service::generate_data_key_without_plaintext(
    const Context& context, const GenerateDataKeyWithoutPlaintextRequest& request) {
  constexpr std::string_view operation = "GenerateDataKeyWithoutPlaintext";
  const std::size_t size = size_of_data_key(request);
  const Key key = require_wrapping(context, request.key_id, operation);
  std::string blob = seal(key, make_bytes(size, random_), address_of(request.encryption_context));
  end_dry_run(request.dry_run);
  note_use(context, key, operation);
  GenerateDataKeyWithoutPlaintextResponse response;
  response.ciphertext_blob = protocol::Blob{std::move(blob)};
  response.key_id = key.arn();
  response.key_material_id = to_hex(key.record.material_id);
  return response;
}

/// The pair is made by a worker; the key that encrypts it is the one of the call's beginning.
Task<GenerateDataKeyPairResponse> Service::make_data_key_pair(
    const Context& context, const GenerateDataKeyPairRequest& request, std::string_view operation) {
  storage::Transaction transaction(store_);
  const Key key = require_wrapping(context, request.key_id, operation);
  const std::shared_ptr<Material> material = require_material(key);
  transaction.commit();
  const SpecFacts* facts = find_spec(request.key_pair_spec);
  if (!facts) refuse_unserved(fmt::format("KeyPairSpec {}", request.key_pair_spec));
  end_dry_run(request.dry_run);
  DataKeyPair pair = co_await elsewhere<DataKeyPair>([facts, &random = random_] {
    const Pair made = make_pair(*facts, random);
    return DataKeyPair{.private_key = private_bytes(made), .public_key = public_bytes(made)};
  });
  GenerateDataKeyPairResponse response;
  response.private_key_ciphertext_blob = protocol::Blob{make_ciphertext(
      key, *material->cipher, random_, {pair.private_key, address_of(request.encryption_context)})};
  response.private_key_plaintext = protocol::Blob{std::move(pair.private_key)};
  response.public_key = protocol::Blob{std::move(pair.public_key)};
  response.key_id = key.arn();
  response.key_pair_spec = request.key_pair_spec;
  response.key_material_id = to_hex(key.record.material_id);
  note_use(context, key, operation);
  co_return response;
}

Task<GenerateDataKeyPairResponse> Service::generate_data_key_pair(
    const Context& context, const GenerateDataKeyPairRequest& request) {
  refuse_recipient(request.recipient);
  co_return co_await make_data_key_pair(context, request, "GenerateDataKeyPair");
}

Task<GenerateDataKeyPairWithoutPlaintextResponse> Service::generate_data_key_pair_without_plaintext(
    const Context& context, const GenerateDataKeyPairWithoutPlaintextRequest& request) {
  GenerateDataKeyPairRequest same;
  same.encryption_context = request.encryption_context;
  same.key_id = request.key_id;
  same.key_pair_spec = request.key_pair_spec;
  same.dry_run = request.dry_run;
  GenerateDataKeyPairResponse made =
      co_await make_data_key_pair(context, same, "GenerateDataKeyPairWithoutPlaintext");
  GenerateDataKeyPairWithoutPlaintextResponse response;
  response.private_key_ciphertext_blob = std::move(made.private_key_ciphertext_blob);
  response.public_key = std::move(made.public_key);
  response.key_id = std::move(made.key_id);
  response.key_pair_spec = std::move(made.key_pair_spec);
  response.key_material_id = std::move(made.key_material_id);
  co_return response;
}

GenerateRandomResponse Service::generate_random(const Context&,
                                                const GenerateRandomRequest& request) {
  refuse_recipient(request.recipient);
  if (request.custom_key_store_id) refuse_unserved("custom key stores");
  if (!request.number_of_bytes) refuse("NumberOfBytes is required.");
  GenerateRandomResponse response;
  response.plaintext =
      protocol::Blob{make_bytes(static_cast<std::size_t>(*request.number_of_bytes), random_)};
  return response;
}

}  // namespace matinee::kms
