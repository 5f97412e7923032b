// Whether a service may take on a role that a user has given it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "identity/directory.h"
#include "services/authorization.h"

namespace matinee::services {

/// A service that takes on a role, for a call of an operation.
struct TakingOn {
  std::string_view role;  // an ARN
  const Context& taker;   // with service_principal, source_arn and source_account
  const protocol::Operation& operation;
};

/// Why not: a sentence; nothing where the role's trust policy lets the service. A role that does
/// not exist trusts nobody. Only where policies are looked at.
std::optional<std::string> why_not_trusted(Decider& decider, const identity::Directory& directory,
                                           const TakingOn& taking);

}  // namespace matinee::services
