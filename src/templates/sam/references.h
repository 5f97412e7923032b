// References to what the transform has given other logical ids: layers, and what is named after a
// property of a function (FN.Version, FN.Alias, FN.DestinationQueue).
#pragma once

#include "templates/sam/translation.h"

namespace matinee::templates::sam {

/// Rewrites Ref, Fn::GetAtt and Fn::Sub in the whole value.
void rewrite_references(Value& value, const Translation& translation);

}  // namespace matinee::templates::sam
