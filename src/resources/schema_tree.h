// Schemas as models/resources/*.json have them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "resources/schema.h"

namespace matinee::resources {

using templates::Value;

/// A part of a schema with its `$ref` followed. `whole` has the definitions. Null for a reference
/// to nothing.
const Value* followed(const Value& whole, const Value* part);
/// The schema of a member of what `part` describes; null where it has none of that name.
const Value* member_schema(const Value& whole, const Value& part, std::string_view name);
/// Whether `part` allows values of that type: "string".
bool allows_type(const Value& part, std::string_view type);

/// All that is wrong with properties.
std::vector<Fault> find_faults(const Value& schema, const Value& properties);
/// See Schema::shape.
Value shaped(const Value& schema, const Value& told);

}  // namespace matinee::resources
