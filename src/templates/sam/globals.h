// The section Globals: properties that all resources of a type get.
#pragma once

#include <vector>

#include "templates/sam/transform.h"
#include "templates/tree.h"

namespace matinee::templates::sam {

/// Takes out of Globals what cannot be there, and tells it.
std::vector<SamFault> take_bad_globals(Value& root);

/// Fills Globals, which have nothing bad in them, in all Serverless resources of the template and
/// removes the section, and IgnoreGlobals of the resources. Throws SamFault.
void apply_globals(Value& root);

}  // namespace matinee::templates::sam
