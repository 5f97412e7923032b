// Whether a text is JSON, for whoever keeps or hands on what somebody else will read.
#pragma once

#include <string_view>

namespace matinee::protocol::json {

/// Any value: an object, an array, a scalar.
bool is_json(std::string_view text);
bool is_object(std::string_view text);

}  // namespace matinee::protocol::json
