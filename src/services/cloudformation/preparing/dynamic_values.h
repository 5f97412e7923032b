// {{resolve:ssm:NAME:VERSION}}, {{resolve:ssm-secure:...}} and {{resolve:secretsmanager:...}} in
// properties, at the moment when a resource is made or changed. What is kept of the resource, and
// shown in events, is the text with the references.
#pragma once

#include <map>
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

/// What references to the latest versions of SSM's plain parameters give at this moment, by their
/// texts. Those that cannot be read, and all others, are left out.
runtime::Task<std::map<std::string, std::string>> read_latest_values(resources::Calls& calls,
                                                                     templates::Value properties);

/// Puts in what references gave, by their texts.
templates::Value with_latest_values(templates::Value properties,
                                    const std::map<std::string, std::string>& values);

}  // namespace matinee::cloudformation
