// Whether a service may take on a role that a user has given it.
#pragma once

#include <string_view>

#include "identity/directory.h"
#include "services/authorization.h"

namespace matinee::services {

/// A service that is to take on a role, and the call by which it is told so.
struct TakingOn {
  std::string_view role;  // an ARN
  const Context& taker;   // with service_principal, source_arn and source_account
  const Inquiry& told_by;
};

/// The role's trust policy decides. One that does not exist trusts nobody.
bool is_trusted(Decider& decider, const ServiceBase& service, const identity::Directory& directory,
                const TakingOn& taking);

}  // namespace matinee::services
