#include "services/secretsmanager/encryption.h"

#include <fmt/format.h>

#include "secretsmanager/errors.h"

namespace matinee::secretsmanager {
namespace {

services::KeyUse use_of(const VersionOf& version) {
  return {.key = version.secret.key.empty() ? std::string(default_key) : version.secret.key,
          .service = "secretsmanager.amazonaws.com",
          .context = {{"SecretARN", secret_arn(version.place, version.secret)},
                      {"SecretVersionId", version.version}}};
}

// KMS looks for keys where the secret is, unless they are named by their ARN.
services::Context at(const services::Context& context, const Place& place) {
  services::Context there = context;
  there.account = place.account;
  there.region = place.region;
  return there;
}

// What KMS has refused because of its rights, and all that is nobody's fault, goes on as it is.
void pass_on(const protocol::ServiceError& error) {
  if (error.code() == "AccessDeniedException")
    throw protocol::ServiceError("AccessDeniedException", 400, "Access to KMS is not allowed");
  if (error.status() >= 500) throw error;
}

}  // namespace

std::string secret_arn(const Place& place, const SecretRecord& secret) {
  return fmt::format("arn:aws:secretsmanager:{}:{}:secret:{}", place.region, place.account,
                     secret.id());
}

services::KeyService& Encryption::require_keys() const {
  if (keys_) return *keys_;
  throw protocol::ServiceError("NotImplemented", 501,
                               "There is no KMS here, which the values of secrets need.");
}

std::string Encryption::encrypt(const services::Context& context, const VersionOf& version,
                                std::string_view value) const {
  services::KeyService& keys = require_keys();
  try {
    return keys.encrypt(at(context, version.place), use_of(version), value);
  } catch (const protocol::ServiceError& error) {
    pass_on(error);
    throw EncryptionFailure(
        "Secrets Manager can't encrypt the protected secret text using the provided KMS key. Check "
        "that the KMS key is available, enabled, and not in an invalid state.");
  }
}

std::string Encryption::decrypt(const services::Context& context, const VersionOf& version,
                                std::string_view ciphertext) const {
  services::KeyService& keys = require_keys();
  services::KeyUse use = use_of(version);
  use.key.clear();
  try {
    return keys.decrypt(at(context, version.place), use, ciphertext);
  } catch (const protocol::ServiceError& error) {
    pass_on(error);
    throw DecryptionFailure(
        "Secrets Manager can't decrypt the protected secret text using the provided KMS key.");
  }
}

}  // namespace matinee::secretsmanager
