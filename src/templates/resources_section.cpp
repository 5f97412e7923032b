#include <array>
#include <set>

#include "templates/functions.h"
#include "templates/template_sections.h"

namespace matinee::templates {

namespace {

bool is_one_of(const auto& words, const std::string& text) {
  return std::ranges::find(words, text) != words.end();
}

class ResourceReader {
 public:
  ResourceReader(const Member& member, Faults& faults) : member_(member), faults_(faults) {}

  Resource read() {
    resource_.id = member_.name;
    resource_.place = member_.place;
    if (!member_.value.is_map()) {
      fault(fmt::format("Template format error: [/Resources/{}] resource definition is malformed",
                        member_.name),
            member_.place);
      return std::move(resource_);
    }
    if (!is_alphanumeric(member_.name))
      fault(
          fmt::format("Template format error: Resource name {} is non alphanumeric.", member_.name),
          member_.place);
    const Value* type = member_.value.find("Type");
    if (type && type->is_scalar() && !type->text().empty())
      resource_.type = type->text();
    else
      fault(fmt::format("Template format error: [/Resources/{}] Every Resources object must "
                        "contain a Type member.",
                        member_.name),
            member_.place);
    for (const Member& attribute : member_.value.members()) read_attribute(attribute);
    return std::move(resource_);
  }

 private:
  const Member& member_;
  Faults& faults_;
  Resource resource_;

  void fault(std::string message, Place place) { faults_.emplace_back(std::move(message), place); }

  void read_attribute(const Member& attribute) {
    const std::string& name = attribute.name;
    const Value& value = attribute.value;
    if (name == "Type") return;
    if (name == "Properties")
      read_map(attribute, resource_.properties);
    else if (name == "Metadata")
      read_map(attribute, resource_.metadata);
    else if (name == "CreationPolicy")
      read_map(attribute, resource_.creation_policy);
    else if (name == "UpdatePolicy")
      read_map(attribute, resource_.update_policy);
    else if (name == "DeletionPolicy")
      read_policy(attribute, resource_.deletion_policy);
    else if (name == "UpdateReplacePolicy")
      read_policy(attribute, resource_.update_replace_policy);
    else if (name == "Condition")
      resource_.condition = text_of(attribute);
    else if (name == "Description")
      resource_.description = text_of(attribute);
    else if (name == "DependsOn")
      read_depends_on(value);
    else
      fault(fmt::format("Invalid template resource property '{}'", name), attribute.place);
  }

  std::string text_of(const Member& attribute) {
    if (attribute.value.is_string()) return attribute.value.text();
    if (!attribute.value.is_null())
      fault(fmt::format("Template format error: Every {} member must be a string.", attribute.name),
            attribute.place);
    return {};
  }

  void read_map(const Member& attribute, Value& out) {
    if (attribute.value.is_map())
      out = attribute.value;
    else if (!attribute.value.is_null())
      fault(fmt::format("Template format error: [/Resources/{}/{}] must be an object", member_.name,
                        attribute.name),
            attribute.place);
  }

  void read_policy(const Member& attribute, Value& out) {
    constexpr std::array for_deletion = {"Delete", "Retain", "RetainExceptOnCreate", "Snapshot"};
    constexpr std::array for_replacement = {"Delete", "Retain", "Snapshot"};
    const Value& value = attribute.value;
    const bool is_right = as_call(value) || (attribute.name == "DeletionPolicy"
                                                 ? is_one_of(for_deletion, value.text())
                                                 : is_one_of(for_replacement, value.text()));
    if (is_right)
      out = value;
    else if (value.is_scalar())
      fault(fmt::format("Template format error: Unrecognized {} {} for resource {}", attribute.name,
                        value.text(), member_.name),
            attribute.place);
    else if (!value.is_null())
      fault(fmt::format("Template format error: Every {} member must be a string.", attribute.name),
            attribute.place);
  }

  void read_depends_on(const Value& value) {
    if (value.is_string()) {
      resource_.depends_on.push_back(value.text());
    } else if (value.is_list() && std::ranges::all_of(value.elements(), &Value::is_string)) {
      std::set<std::string_view> seen;
      for (const Value& element : value.elements())
        if (seen.insert(element.text()).second) resource_.depends_on.push_back(element.text());
    } else if (!value.is_null()) {
      fault("Template format error: DependsOn must be a string or list of strings.", value.place());
    }
  }
};

}  // namespace

std::vector<Resource> read_resources(const Value& root, Faults& faults) {
  std::vector<Resource> resources;
  const Value* section = root.find("Resources");
  if (section && !section->is_map() && !section->is_null()) {
    faults.emplace_back("Template format error: Any Resources member must be an object.",
                        section->place());
    return resources;
  }
  if (!section || section->members().empty()) {
    faults.emplace_back("Template format error: At least one Resources member must be defined.",
                        section ? section->place() : root.place());
    return resources;
  }
  if (section->members().size() > max_resources) {
    faults.push_back(too_many("resources", *section, max_resources));
    return resources;
  }
  for (const Member& member : section->members())
    resources.push_back(ResourceReader(member, faults).read());
  return resources;
}

}  // namespace matinee::templates
