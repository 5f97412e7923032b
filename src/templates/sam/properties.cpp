#include "templates/sam/properties.h"

#include <fmt/format.h>

#include <algorithm>

namespace matinee::templates::sam {

namespace {

using Kind = Value::Kind;

/// The translator takes every map of one member for a function here.
bool may_be_function(const Value& value) {
  return value.members().size() == 1;
}

bool is_number(const Value& value) {
  return value.kind() == Kind::number || value.kind() == Kind::boolean;
}

bool fits(const Value& value, Takes takes) {
  const Kind kind = value.kind();
  switch (takes) {
    case Takes::anything:
      return true;
    case Takes::text:
    case Takes::strict_text:
      return kind == Kind::string || may_be_function(value);
    case Takes::map:
    case Takes::strict_map:
    case Takes::plain_map:
      return kind == Kind::map;
    case Takes::strict_list:
      return kind == Kind::list || may_be_function(value);
    case Takes::strict_number:
      return is_number(value) || may_be_function(value);
    case Takes::strict_truth:
      return kind == Kind::boolean || may_be_function(value);
    case Takes::text_or_map:
      return kind == Kind::string || kind == Kind::map;
    case Takes::truth_or_map:
      return kind == Kind::boolean || kind == Kind::map;
    case Takes::policies:
      return kind == Kind::string || kind == Kind::map ||
             (kind == Kind::list && std::ranges::all_of(value.elements(), [](const Value& element) {
                return element.is_string() || element.is_map();
              }));
    case Takes::plain_truth:
      return kind == Kind::boolean;
    case Takes::text_or_list:
      return kind == Kind::string || kind == Kind::list;
  }
  return false;
}

std::string refusal_of(const PropertyRule& rule) {
  if (rule.takes == Takes::text) return fmt::format("Property '{}' should be a string.", rule.name);
  if (rule.takes == Takes::map) return fmt::format("Property '{}' should be a map.", rule.name);
  return fmt::format("Type of property '{}' is invalid.", rule.name);
}

}  // namespace

std::vector<SamFault> find_property_faults(const Checked& checked, Rules rules) {
  const std::string id(checked.id);
  const Value nothing;
  const Value& properties = checked.properties ? *checked.properties : nothing;
  std::vector<SamFault> faults;
  for (const Member& member : properties.members())
    if (std::ranges::find(rules, member.name, &PropertyRule::name) == rules.end())
      faults.push_back({id,
                        fmt::format("property {} not defined for resource of type {}", member.name,
                                    checked.type),
                        member.place});
  for (const PropertyRule& rule : rules) {
    const Value* value = properties.find(rule.name);
    if (!value || value->is_null()) {
      if (rule.is_required)
        faults.push_back(
            {id, fmt::format("Missing required property '{}'.", rule.name), properties.place()});
    } else if (!fits(*value, rule.takes)) {
      faults.push_back({id, refusal_of(rule), value->place()});
    }
  }
  return faults;
}

void check_properties(const Checked& checked, Rules rules) {
  const std::vector<SamFault> faults = find_property_faults(checked, rules);
  if (!faults.empty()) throw faults.front();
}

}  // namespace matinee::templates::sam
