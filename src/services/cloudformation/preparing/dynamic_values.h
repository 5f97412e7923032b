// {{resolve:ssm:NAME:VERSION}}, {{resolve:ssm-secure:...}} and {{resolve:secretsmanager:...}} in
// properties, at the moment when a resource is made or changed. What is kept of the resource, and
// shown in events, is the text with the references.
#pragma once

#include <string>

#include "resources/calls.h"
#include "runtime/task.h"
#include "templates/tree.h"

namespace matinee::cloudformation {

/// The properties of a resource of that type with all dynamic references put in, each read once.
/// Throws protocol::ServiceError where one cannot be resolved, and templates::TemplateError where
/// one is none.
runtime::Task<templates::Value> resolve_dynamic_references(resources::Calls& calls,
                                                           templates::Value properties,
                                                           std::string type = "");

}  // namespace matinee::cloudformation
