// What the outbox says of a try that a fault on purpose has hit.
#pragma once

#include "services/delivery_target.h"

namespace matinee::delivery {

/// The target has taken it, and nobody knows.
services::Refusal lost_acknowledgement();

}  // namespace matinee::delivery
