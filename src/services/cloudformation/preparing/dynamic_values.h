// {{resolve:ssm:NAME:VERSION}}, {{resolve:ssm-secure:...}} and {{resolve:secretsmanager:...}} in
// properties, at the moment when a resource is made or changed. What is kept of the resource, and
// shown in events, is the text with the references.
#pragma once

#include <string>

#include "resources/calls.h"
#include "runtime/task.h"
#include "templates/tree.h"

namespace matinee::cloudformation {

/// The properties with all dynamic references put in.
/// Throws protocol::ServiceError where one cannot be resolved.
runtime::Task<templates::Value> resolve_dynamic_references(resources::Calls& calls,
                                                           templates::Value properties);

}  // namespace matinee::cloudformation
