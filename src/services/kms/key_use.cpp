// What other services ask of KMS for data that they keep encrypted.
#include <fmt/format.h>

#include "services/kms/rules.h"
#include "services/kms/service.h"
#include "services/kms/sources.h"

namespace matinee::kms {

namespace {

/// Services encrypt with symmetric keys only.
void require_symmetric(const Key& key) {
  if (key.facts().family != Family::symmetric)
    throw InvalidKeyUsageException(fmt::format(
        "Algorithm SYMMETRIC_DEFAULT is incompatible with key spec {}.", key.facts().name));
}

}  // namespace

/// Services encrypt with data keys.
std::string KeysForServices::require_key(const Context& context, const services::KeyUse& use) {
  const std::string_view operation = use.opens ? "Decrypt" : "GenerateDataKey";
  const Key key = service_.require_usable(context, use.key, {Usage::encrypt_decrypt, operation});
  require_symmetric(key);
  service_.require_permission(context, key, use, use.opens ? "kms:Decrypt" : "kms:GenerateDataKey");
  service_.note_use(context, key, operation);
  return key.arn();
}

std::string KeysForServices::encrypt(const Context& context, const services::KeyUse& use,
                                     std::string_view plaintext) {
  const Key key = service_.require_usable(context, use.key, {Usage::encrypt_decrypt, "Encrypt"});
  require_symmetric(key);
  // Parameters are encrypted with the key itself, secrets with a data key of it.
  const bool is_direct = use.service.starts_with("ssm.");
  service_.require_permission(context, key, use, is_direct ? "kms:Encrypt" : "kms:GenerateDataKey");
  std::string blob = service_.seal(key, plaintext, &use.context);
  service_.note_use(context, key, is_direct ? "Encrypt" : "GenerateDataKey");
  return blob;
}

std::string KeysForServices::decrypt(const Context& context, const services::KeyUse& use,
                                     std::string_view ciphertext) {
  const protocol::Blob blob{std::string(ciphertext)};
  const SourceNames names = {.key_id = use.key.empty() ? nullptr : &use.key,
                             .algorithm = nullptr,
                             .blob = &blob,
                             .context = &use.context,
                             .operation = "Decrypt",
                             .ignores_blob = false};
  const Opened opened = service_.require_source(context, names);
  service_.require_permission(context, opened.key, use, "kms:Decrypt");
  std::optional<std::string> plaintext =
      open_ciphertext(*opened.ciphertext, *opened.material->cipher, use.context);
  if (!plaintext) throw InvalidCiphertextException("");
  service_.note_use(context, opened.key, "Decrypt");
  return *std::move(plaintext);
}

}  // namespace matinee::kms
