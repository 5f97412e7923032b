// Whether a policy makes its resource public, by AWS's definition: a statement allows something to
// everyone, and no condition holds it to values that are fixed.
#pragma once

#include "policy/document.h"

namespace matinee::policy {

bool is_public(const Document& document);
bool is_public(const Statement& statement);

}  // namespace matinee::policy
