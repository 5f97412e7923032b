// What a part of a template refers to.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "templates/functions.h"
#include "templates/tree.h"

namespace matinee::templates {

struct Reference {
  enum class Kind : std::uint8_t {
    name,       // Ref, ${Name}: a parameter, pseudo parameter or resource
    attribute,  // Fn::GetAtt, ${Name.Attribute}
    condition,  // Fn::If, {"Condition": ...}
    mapping     // Fn::FindInMap, where the name is a text
  };
  Kind kind;
  std::string name;
  std::string attribute = {};  // of a resource; empty where a function gives it
  std::string_view function;   // "Ref", "Fn::If" ...
  Place place;
};

struct ReferenceSearch {
  std::function<void(const Reference&)> found;
  Section section = Section::resources;
  /// Where it is given, only the branch of a Fn::If is looked into that is taken.
  const std::map<std::string, bool, std::less<>>* conditions = nullptr;
  /// Whether what stands in the branches of a Fn::If is passed over.
  bool only_certain = false;
  /// Called for each function before it is looked into; one with a fault is not.
  std::function<bool(const Call&)> is_right = nullptr;
};

/// Calls `search.found` for all that `value` refers to, in its order. Functions whose arguments
/// have not the right form are passed over.
void find_references(const Value& value, const ReferenceSearch& search);

}  // namespace matinee::templates
