// Small things about trees.
#pragma once

#include <string_view>

#include "templates/tree.h"

namespace matinee::cloudformation {

/// The member of a map; an empty value where there is none.
inline const templates::Value& member_of(const templates::Value& value, std::string_view name) {
  static const templates::Value nothing;
  const templates::Value* found = value.find(name);
  return found ? *found : nothing;
}

}  // namespace matinee::cloudformation
