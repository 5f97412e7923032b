// The values of secrets: encrypted by KMS, with the secret's ARN and the version's id bound to
// them.
#pragma once

#include <string>

#include "services/key_service.h"
#include "services/secretsmanager/names.h"
#include "services/secretsmanager/records.h"

namespace matinee::secretsmanager {

inline constexpr std::string_view default_key = "alias/aws/secretsmanager";

std::string secret_arn(const Place& place, const SecretRecord& secret);

/// Which version of which secret.
struct VersionOf {
  const Place& place;
  const SecretRecord& secret;
  const std::string& version;
};

class Encryption {
 public:
  /// Without a service no value can be written or read: 501.
  explicit Encryption(services::KeyService* keys) : keys_(keys) {}

  /// With the secret's key. Throws EncryptionFailure, and AccessDeniedException where KMS says so.
  std::string encrypt(const services::Context& context, const VersionOf& version,
                      std::string_view value) const;
  /// Throws DecryptionFailure or AccessDeniedException.
  std::string decrypt(const services::Context& context, const VersionOf& version,
                      std::string_view ciphertext) const;

 private:
  services::KeyService* keys_;

  services::KeyService& require_keys() const;
};

}  // namespace matinee::secretsmanager
