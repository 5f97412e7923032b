// What a scalar of YAML means, and the short forms of functions.
#pragma once

#include <optional>
#include <string_view>

#include "templates/tree.h"

namespace matinee::templates {

/// By its look: a truth, a number, null or text.
Value plain_scalar(std::string_view text);

/// As its tag says: "str", "int", "float", "bool", "null". Nothing where it is not of that type,
/// or CloudFormation has no such type ("binary", "timestamp", "omap", "pairs", "set").
std::optional<Value> typed_scalar(std::string_view type, std::string_view text);

/// !Name value as {"Fn::Name": value}; `name` without its exclamation mark.
Value short_form(std::string_view name, Value value);

}  // namespace matinee::templates
