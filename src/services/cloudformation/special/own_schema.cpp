#include "services/cloudformation/special/own_schema.h"

#include <fmt/format.h>

#include <algorithm>

namespace matinee::cloudformation {

OwnSchema::OwnSchema(std::string type_name, Rules rules)
    : type_name_(std::move(type_name)), rules_(std::move(rules)) {
  for (const OwnProperty& property : rules_.properties) {
    names_.push_back(property.name);
    if (property.is_create_only) create_only_.push_back("/properties/" + property.name);
  }
  for (const std::string& attribute : rules_.attributes)
    if (!attribute.ends_with('.')) read_only_.push_back("/properties/" + attribute);
  identifier_.push_back("/properties/" + rules_.identifier);
}

std::vector<resources::Fault> OwnSchema::check(const templates::Value& properties) const {
  std::vector<resources::Fault> faults;
  for (const OwnProperty& property : rules_.properties)
    if (property.is_required && !properties.find(property.name))
      faults.push_back({"/" + property.name, "required", properties.place()});
  for (const templates::Member& member : properties.members())
    if (!rules_.is_open && std::ranges::find(names_, member.name) == names_.end())
      faults.push_back(
          {"", fmt::format("extraneous key [{}] is not permitted", member.name), member.place});
  return faults;
}

bool OwnSchema::has_attribute(std::string_view attribute) const {
  if (rules_.has_any_attribute) return true;
  return std::ranges::any_of(rules_.attributes, [&](const std::string& known) {
    return known.ends_with('.') ? attribute.starts_with(known) && attribute.size() > known.size()
                                : attribute == known;
  });
}

}  // namespace matinee::cloudformation
