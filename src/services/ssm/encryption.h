// The values of SecureString parameters: encrypted by KMS, with the parameter's ARN bound to them.
#pragma once

#include <string>

#include "services/key_service.h"
#include "services/ssm/names.h"
#include "services/ssm/records.h"

namespace matinee::ssm {

inline constexpr std::string_view default_key = "alias/aws/ssm";

class Encryption {
 public:
  /// Without a service no secure parameter can be written or read: 501.
  explicit Encryption(services::KeyService* keys) : keys_(keys) {}

  /// Throws InvalidKeyId, and AccessDeniedException where KMS says so.
  std::string encrypt(const services::Context& context, const Reference& reference,
                      const VersionDetails& details, std::string_view value) const;
  std::string decrypt(const services::Context& context, const Reference& reference,
                      std::string_view ciphertext) const;

 private:
  services::KeyService* keys_;

  services::KeyService& require_keys() const;
};

}  // namespace matinee::ssm
