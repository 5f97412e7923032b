// Encrypt, Decrypt and ReEncrypt. A symmetric ciphertext names its key; one of RSA does not.
#include <fmt/format.h>

#include "services/kms/rules.h"
#include "services/kms/service.h"
#include "services/kms/sources.h"

namespace matinee::kms {

namespace {

const std::string symmetric_algorithm = "SYMMETRIC_DEFAULT";

/// What OAEP can take: the size of the key without two hashes and two bytes.
void require_room_of_oaep(const Key& key, const std::string& algorithm, std::size_t size) {
  const std::size_t most =
      static_cast<std::size_t>(key.facts().size) / 8 - 2 * hash_bytes(hash_of(algorithm)) - 2;
  if (size > most)
    refuse(fmt::format("Algorithm {} and key spec {} cannot encrypt data larger than {} bytes.",
                       algorithm, key.facts().name, most));
}

/// A ciphertext may be left out only where nothing is to be decrypted.
void require_blob(const SourceNames& names) {
  if (!names.blob && !names.ignores_blob)
    refuse(
        "1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy "
        "constraint: Member must not be null");
}

bool ignores_ciphertext(const std::optional<bool>& dry_run,
                        const std::optional<std::vector<std::string>>& modifiers) {
  return dry_run.value_or(false) && modifiers && !modifiers->empty();
}

const EncryptionContext* address_of(const std::optional<EncryptionContext>& context) {
  return context ? &*context : nullptr;
}

std::optional<std::string> id_of_material(const Key& key, const std::string& material_id) {
  if (key.facts().family != Family::symmetric) return std::nullopt;
  return to_hex(material_id);
}

}  // namespace

Opened Service::require_source(const Context& context, const SourceNames& names) {
  require_blob(names);
  const std::string algorithm = names.algorithm ? *names.algorithm : symmetric_algorithm;
  std::optional<Key> named;
  if (names.key_id) {
    named = require_named(context, *names.key_id, Naming::alias_too);
    require_state(*named, {State::enabled});
  }
  const auto require_suitable = [&] {
    require_usage(*named, Usage::encrypt_decrypt, names.operation);
    require_algorithm(*named, algorithm, encryption_algorithms(named->facts()));
  };
  if (algorithm != symmetric_algorithm || names.ignores_blob) {
    if (!named) refuse("KeyId is required.");
    require_suitable();
    return {.key = *named,
            .material = require_material(*named),
            .ciphertext = {},
            .algorithm = algorithm};
  }
  const std::optional<Ciphertext> ciphertext = read_ciphertext(names.blob->bytes);
  if (!ciphertext) {
    if (named) require_suitable();
    throw InvalidCiphertextException("");
  }
  const KeyName meant = {
      .account = ciphertext->account, .region = context.region, .id = ciphertext->key_id};
  if (named && named->name != meant)
    throw IncorrectKeyException(
        "The key ID in the request does not identify a CMK that can perform this operation.");
  if (!named) named = catalog_.find(meant);
  if (!named)
    throw protocol::ServiceError(
        "AccessDeniedException", 400,
        "The ciphertext refers to a customer master key that does not exist, does not exist in "
        "this region, or you are not allowed to access.");
  require_state(*named, {State::enabled});
  std::shared_ptr<Material> material = catalog_.open(*named, ciphertext->material_id);
  // Whoever writes a ciphertext can put any key's id into it.
  if (!material || !material->cipher) throw InvalidCiphertextException("");
  return {.key = *named,
          .material = std::move(material),
          .ciphertext = *ciphertext,
          .algorithm = algorithm};
}

Task<std::string> Service::open(const Opened& opened, const SourceNames& names) {
  if (opened.ciphertext) {
    const EncryptionContext none;
    std::optional<std::string> plaintext = open_ciphertext(
        *opened.ciphertext, *opened.material->cipher, names.context ? *names.context : none);
    if (!plaintext) throw InvalidCiphertextException("");
    co_return *std::move(plaintext);
  }
  const Padding padding{hash_of(opened.algorithm)};
  std::optional<std::string> plaintext = co_await elsewhere<std::optional<std::string>>(
      [material = opened.material, padding, blob = names.blob->bytes, &random = random_] {
        return kms::decrypt(material->pair, padding, blob, random);
      });
  if (!plaintext) throw InvalidCiphertextException("");
  co_return *std::move(plaintext);
}

std::string Service::seal(const Key& key, std::string_view plaintext,
                          const EncryptionContext* context) {
  return make_ciphertext(key, *require_material(key)->cipher, random_, {plaintext, context});
}

std::string Service::encrypt_with(const Key& key, Material& material, const std::string& algorithm,
                                  Content content) {
  if (algorithm == symmetric_algorithm)
    return make_ciphertext(key, *material.cipher, random_, content);
  require_room_of_oaep(key, algorithm, content.first.size());
  std::optional<std::string> blob =
      kms::encrypt(material.pair, {hash_of(algorithm)}, content.first, random_);
  if (!blob) throw KMSInternalException("The plaintext cannot be encrypted.");
  return *std::move(blob);
}

EncryptResponse Service::encrypt(const Context& context, const EncryptRequest& request) {
  const Key key = require_usable(context, request.key_id, {Usage::encrypt_decrypt, "Encrypt"});
  const std::string algorithm = request.encryption_algorithm.value_or(symmetric_algorithm);
  require_algorithm(key, algorithm, encryption_algorithms(key.facts()));
  std::string blob =
      encrypt_with(key, *require_material(key), algorithm,
                   {request.plaintext.bytes, address_of(request.encryption_context)});
  end_dry_run(request.dry_run);
  note_use(context, key, "Encrypt");
  return {.ciphertext_blob = protocol::Blob{std::move(blob)},
          .key_id = key.arn(),
          .encryption_algorithm = algorithm};
}

Task<DecryptResponse> Service::decrypt(const Context& context, const DecryptRequest& request) {
  refuse_recipient(request.recipient);
  const SourceNames names = {
      .key_id = request.key_id ? &*request.key_id : nullptr,
      .algorithm = request.encryption_algorithm ? &*request.encryption_algorithm : nullptr,
      .blob = request.ciphertext_blob ? &*request.ciphertext_blob : nullptr,
      .context = address_of(request.encryption_context),
      .operation = "Decrypt",
      .ignores_blob = ignores_ciphertext(request.dry_run, request.dry_run_modifiers)};
  storage::Transaction transaction(store_);
  const Opened opened = require_source(context, names);
  transaction.commit();
  if (names.ignores_blob) end_dry_run(request.dry_run);
  std::string plaintext = co_await open(opened, names);
  end_dry_run(request.dry_run);
  note_use(context, opened.key, "Decrypt");
  DecryptResponse response;
  response.key_id = opened.key.arn();
  response.plaintext = protocol::Blob{std::move(plaintext)};
  response.encryption_algorithm = opened.algorithm;
  if (opened.ciphertext)
    response.key_material_id = id_of_material(opened.key, opened.ciphertext->material_id);
  co_return response;
}

Task<ReEncryptResponse> Service::re_encrypt(const Context& context,
                                            const ReEncryptRequest& request) {
  const SourceNames names = {
      .key_id = request.source_key_id ? &*request.source_key_id : nullptr,
      .algorithm =
          request.source_encryption_algorithm ? &*request.source_encryption_algorithm : nullptr,
      .blob = request.ciphertext_blob ? &*request.ciphertext_blob : nullptr,
      .context = address_of(request.source_encryption_context),
      .operation = "ReEncrypt",
      .ignores_blob = ignores_ciphertext(request.dry_run, request.dry_run_modifiers)};
  storage::Transaction transaction(store_);
  const Opened opened = require_source(context, names);
  const Key key =
      require_usable(context, request.destination_key_id, {Usage::encrypt_decrypt, "ReEncrypt"});
  const std::string algorithm =
      request.destination_encryption_algorithm.value_or(symmetric_algorithm);
  require_algorithm(key, algorithm, encryption_algorithms(key.facts()));
  // From here on it is the material of this moment, whatever happens to the key while RSA works.
  const std::shared_ptr<Material> material = require_material(key);
  transaction.commit();
  if (names.ignores_blob) end_dry_run(request.dry_run);
  const std::string plaintext = co_await open(opened, names);
  std::string blob = encrypt_with(key, *material, algorithm,
                                  {plaintext, address_of(request.destination_encryption_context)});
  end_dry_run(request.dry_run);
  note_use(context, opened.key, "ReEncrypt");
  note_use(context, key, "ReEncrypt");
  ReEncryptResponse response;
  response.ciphertext_blob = protocol::Blob{std::move(blob)};
  response.source_key_id = opened.key.arn();
  response.key_id = key.arn();
  response.source_encryption_algorithm = opened.algorithm;
  response.destination_encryption_algorithm = algorithm;
  if (opened.ciphertext)
    response.source_key_material_id = id_of_material(opened.key, opened.ciphertext->material_id);
  response.destination_key_material_id = id_of_material(key, key.record.material_id);
  co_return response;
}

}  // namespace matinee::kms
