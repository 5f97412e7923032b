// Secrets that another service keeps in Secrets Manager for its users: those of EventBridge's
// connections. Whoever may read secrets reads them there; the service reads them for itself. On the
// state thread, inside a transaction.
#pragma once

#include <optional>
#include <string>

#include "services/context.h"

namespace matinee::services {

struct KeptSecret {
  std::string name;   // "events!connection/NAME/UUID"
  std::string text;   // JSON
  std::string owner;  // the service that DescribeSecret tells: "events"
  std::string key;    // of KMS; empty: the default one
};

class SecretKeeper {
 public:
  virtual ~SecretKeeper() = default;

  /// Makes the secret, or gives it another version. Returns its ARN. Throws KMS's errors.
  virtual std::string keep_secret(const Context& context, const KeptSecret& secret) = 0;
  /// The text of its current version; nothing where there is none. Throws KMS's errors.
  virtual std::optional<std::string> kept_secret(const Context& context,
                                                 const std::string& name) = 0;
  /// At once and for ever. Does nothing where there is none.
  virtual void drop_secret(const Context& context, const std::string& name) = 0;
};

}  // namespace matinee::services
