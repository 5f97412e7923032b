// References to SSM's parameters in a template, looked at before anything is made of it.
#pragma once

#include "resources/calls.h"
#include "runtime/task.h"
#include "services/cloudformation/preparing/prepared.h"

namespace matinee::cloudformation {

/// Throws ValidationError "Parameters: [ssm:NAME] cannot be found." for those in properties of
/// resources that are made. What only the resource's own moment shows is not looked at: references
/// that functions put together of what is known later, and parameters that may not be read.
runtime::Task<> require_parameters(resources::Calls& calls, const Prepared& prepared);

}  // namespace matinee::cloudformation
