// Trees as records keep them: as JSON.
#pragma once

#include <string>

#include "templates/reader.h"

namespace matinee::cloudformation {

/// What a record has kept; nothing is a map without members.
inline templates::Value parsed(const std::string& json) {
  return json.empty() ? templates::Value::map() : templates::read_value(json);
}

}  // namespace matinee::cloudformation
