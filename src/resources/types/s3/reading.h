// A bucket's configurations as S3 tells them, as templates call them.
#pragma once

#include "resources/types/support.h"

namespace matinee::resources::types::s3 {

/// Adds those that are there to `properties`.
Task<void> read_configurations(Subject& subject, const std::string& bucket, Value& properties);

// Each makes of what S3 tells what the schema has. Elements of lists, each of which has an
// operation of its own:
Value analytics_property(const Value& told);
Value inventory_property(const Value& told);
Value metrics_property(const Value& told);
Value tiering_property(const Value& told);
/// `known` is the property as a template has it, whose older forms are kept.
Value lifecycle_property(const Value& told, const Value& known);

}  // namespace matinee::resources::types::s3
