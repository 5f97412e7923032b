// The functions of terms, by their names.
#pragma once

#include <string_view>

#include "resources/recipes/terms.h"

namespace matinee::resources {

/// `argument` is not evaluated yet. Throws std::logic_error for one that the function cannot take.
using Word = Value (*)(const Value& argument, const Scope& scope);

/// Of "all"; null where there is none.
Word find_word(std::string_view name);

}  // namespace matinee::resources
