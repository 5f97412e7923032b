// What the Parameter Store asks of Secrets Manager: a secret may be read as if it was a parameter.
// On the state thread, inside the transaction of the operation that asks.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/clock.h"
#include "services/context.h"

namespace matinee::services {

/// Which version of which secret.
struct SecretQuery {
  std::string secret;      // name or ARN
  std::string version_id;  // empty: any
  std::string stage;       // empty: AWSCURRENT, unless there is a version id
};

struct SecretText {
  std::string arn;
  std::string name;
  std::string version_id;
  std::string text;
  std::vector<std::string> stages;
  runtime::Time created;
};

class SecretReader {
 public:
  virtual ~SecretReader() = default;

  /// Nothing where there is no such secret or version, or where its value is not text. Throws the
  /// error of KMS where the value cannot be decrypted.
  virtual std::optional<SecretText> read_secret(const Context& context,
                                                const SecretQuery& query) = 0;
};

}  // namespace matinee::services
