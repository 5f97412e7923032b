// In whose name the steps of an operation call the other services, also after a restart.
#pragma once

#include <string>

#include "services/cloudformation/catalog/change_set_records.h"
#include "services/context.h"

namespace matinee::cloudformation {

/// With a role, it is that role that calls: its caller was allowed to pass it.
CallerRecord caller_record(const services::Context& context, const std::string& role);
services::Context caller_of(const CallerRecord& record);

}  // namespace matinee::cloudformation
