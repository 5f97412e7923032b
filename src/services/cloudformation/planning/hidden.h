// What is not to be shown of attributes and of texts with references to secrets.
#pragma once

#include <optional>
#include <string_view>

#include "templates/tree.h"

namespace matinee::cloudformation {

/// As `attribute_of`, for what is shown. What is asked for is told as `shown` has it where it is a
/// property, also when the type tells it as an attribute: that is open.
std::optional<templates::Value> shown_attribute(const templates::Value& attributes,
                                                const templates::Value& properties,
                                                const templates::Value& shown,
                                                std::string_view path);

/// The same with each text hidden that has a reference to a secret of Secrets Manager or to a
/// secure parameter of SSM.
templates::Value with_references_hidden(const templates::Value& value);

}  // namespace matinee::cloudformation
