#include "services/ssm/encryption.h"

#include <fmt/format.h>

#include "ssm/errors.h"

namespace matinee::ssm {
namespace {

services::KeyUse use_of(const Reference& reference, const std::string& key) {
  return {.key = key,
          .service = "ssm.amazonaws.com",
          .context = {{"PARAMETER_ARN", parameter_arn(reference.place, reference.name)}}};
}

// KMS's error as this service passes it on.
protocol::ServiceError passed_on(const services::Context& context,
                                 const protocol::ServiceError& error) {
  std::string message = fmt::format(
      "{} (Service: AWSKMS; Status Code: {}; Error Code: {}; Request ID: {}; Proxy: "
      "null)",
      error.message(), error.status(), error.code(), context.request_id);
  if (error.code() == "AccessDeniedException" || error.status() >= 500)
    return {error.code(), error.status(), std::move(message)};
  return InvalidKeyId(std::move(message));
}

}  // namespace

services::KeyService& Encryption::require_keys() const {
  if (keys_) return *keys_;
  throw protocol::ServiceError("NotImplemented", 501,
                               "There is no KMS here, which SecureString parameters need.");
}

std::string Encryption::encrypt(const services::Context& context, const Reference& reference,
                                const VersionDetails& details, std::string_view value) const {
  services::KeyService& keys = require_keys();
  try {
    return keys.encrypt(context, use_of(reference, details.key_id), value);
  } catch (const protocol::ServiceError& error) {
    throw passed_on(context, error);
  }
}

std::string Encryption::decrypt(const services::Context& context, const Reference& reference,
                                std::string_view ciphertext) const {
  services::KeyService& keys = require_keys();
  try {
    return keys.decrypt(context, use_of(reference, ""), ciphertext);
  } catch (const protocol::ServiceError& error) {
    throw passed_on(context, error);
  }
}

}  // namespace matinee::ssm
