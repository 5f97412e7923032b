// What other services ask of KMS, for data that they keep encrypted: S3, SQS, Parameter Store and
// Secrets Manager. On the state thread, inside the transaction of the operation that asks.
#pragma once

#include <map>
#include <string>

#include "services/context.h"

namespace matinee::services {

/// Which key, and what for.
struct KeyUse {
  std::string key;  // id, ARN, alias name or alias ARN; "alias/aws/ssm" is made at its first use
  std::string service;                         // that acts for the caller: "ssm.amazonaws.com"
  std::map<std::string, std::string> context;  // bound to the data, and seen by policies
  /// Of `require_key`: whether it is about data that were encrypted before.
  bool opens = false;
};

class KeyService {
 public:
  virtual ~KeyService() = default;

  /// The ARN of a key that may be used for encryption, or to open what it has encrypted, now.
  /// Throws KMS's own error where it does not exist, is disabled, waits for its deletion or
  /// material, or where the caller may not use it.
  virtual std::string require_key(const Context& context, const KeyUse& use) = 0;
  /// The ciphertext, which names its key. Throws as `require_key`.
  virtual std::string encrypt(const Context& context, const KeyUse& use,
                              std::string_view plaintext) = 0;
  /// What was encrypted with the same context; `use.key` may be empty. Throws as `require_key`, and
  /// InvalidCiphertextException.
  virtual std::string decrypt(const Context& context, const KeyUse& use,
                              std::string_view ciphertext) = 0;
};

}  // namespace matinee::services
