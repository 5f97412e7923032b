// Who calls a target: the service in whose name something is delivered, or a role that it has
// taken on for that.
#pragma once

#include "identity/directory.h"
#include "services/arn.h"
#include "services/context.h"
#include "services/outbox.h"

namespace matinee::services {

/// A service has no access key, and its rights come from the target's policy; those of a role come
/// from the role's. Without a directory a role is known by its ARN alone.
Context caller_of(const Delivery& delivery, const Arn& target,
                  const identity::Directory* directory);

}  // namespace matinee::services
