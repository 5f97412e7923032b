// Functions of C++ for what recipes have no words for.
#pragma once

#include <string_view>

#include "resources/recipes/terms.h"

namespace matinee::resources {

/// Makes one value of another. Null where it is missing.
using Through = Value (*)(const Value& value, const Scope& scope);

/// Null where there is no function of that name.
Through find_through(std::string_view name);

}  // namespace matinee::resources
