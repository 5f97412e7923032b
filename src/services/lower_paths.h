// Violations as services tell them whose errors begin the names of members in lower case.
#pragma once

#include "protocol/violation.h"

namespace matinee::services {

/// "Targets.1.member.Id" becomes "targets.1.member.id".
protocol::Violations with_lower_paths(const protocol::Violations& violations);

}  // namespace matinee::services
