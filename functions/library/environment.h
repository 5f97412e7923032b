// The environment of a function: how all of its settings come.
#pragma once

#include <string>
#include <string_view>

namespace lambda {

/// Empty where it is not set.
std::string variable(const char* name);
/// Throws FunctionError "MissingSetting", which names the variable, where it is not set or empty.
std::string require_variable(const char* name);

}  // namespace lambda
