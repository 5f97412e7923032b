// The section Globals: properties that all resources of a type get.
#pragma once

#include "templates/tree.h"

namespace matinee::templates::sam {

/// Fills Globals in all Serverless resources of the template and removes the section, and
/// IgnoreGlobals of the resources. Throws SamFault.
void apply_globals(Value& root);

}  // namespace matinee::templates::sam
