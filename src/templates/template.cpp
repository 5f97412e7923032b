#include "templates/template.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

#include "templates/template_sections.h"

namespace matinee::templates {

namespace {

constexpr std::array sections = {"AWSTemplateFormatVersion",
                                 "Description",
                                 "Metadata",
                                 "Parameters",
                                 "Mappings",
                                 "Conditions",
                                 "Rules",
                                 "Transform",
                                 "Resources",
                                 "Outputs",
                                 "Hooks"};

void check_sections(const Value& root, Faults& faults) {
  std::vector<std::string> unknown;
  Place place;
  for (const Member& member : root.members()) {
    if (std::ranges::find(sections, member.name) != sections.end()) continue;
    if (unknown.empty()) place = member.place;
    unknown.push_back(member.name);
  }
  if (!unknown.empty())
    faults.emplace_back(
        fmt::format("Invalid template property or properties [{}]", fmt::join(unknown, ", ")),
        place);
}

/// The first null of the template, if there is one.
const Value* find_null(const Value& value, std::vector<std::string>& path) {
  if (value.is_null()) return &value;
  std::size_t index = 0;
  for (const Value& element : value.elements()) {
    path.push_back(std::to_string(index++));
    if (const Value* found = find_null(element, path)) return found;
    path.pop_back();
  }
  for (const Member& member : value.members()) {
    path.push_back(member.name);
    if (const Value* found = find_null(member.value, path)) return found;
    path.pop_back();
  }
  return nullptr;
}

void check_nulls(const Value& root, Faults& faults) {
  std::vector<std::string> path;
  if (const Value* null = find_null(root, path))
    faults.emplace_back(
        fmt::format("[/{}] 'null' values are not allowed in templates", fmt::join(path, "/")),
        null->place());
}

void read_head(const Value& root, Template& checked, Faults& faults) {
  if (const Value* version = root.find("AWSTemplateFormatVersion")) {
    checked.version = version->text();
    if (checked.version != "2010-09-09")
      faults.emplace_back(
          fmt::format(
              "Template format error: {} is not a supported value for AWSTemplateFormatVersion.",
              checked.version),
          version->place());
  }
  if (const Value* description = root.find("Description")) {
    if (!description->is_scalar())
      faults.emplace_back("Template format error: Every Description member must be a string.",
                          description->place());
    else if (description->text().size() > max_description_bytes)
      faults.emplace_back(fmt::format("Template format error: 'Description' length is greater than "
                                      "{}.",
                                      max_description_bytes),
                          description->place());
    checked.description = description->text();
  }
  if (const Value* metadata = root.find("Metadata")) checked.metadata = *metadata;
}

/// A section whose members are looked at later, by those who evaluate them.
void read_map(const Value& root, const char* name, std::pair<Value&, Faults&> out) {
  const Value* section = root.find(name);
  if (!section) return;
  if (section->is_map())
    out.first = *section;
  else
    out.second.emplace_back(
        fmt::format("Template format error: Any {} member must be an object.", name),
        section->place());
}

template <class Item>
void index(const std::vector<Item>& items, std::string Item::* name,
           std::map<std::string, std::size_t, std::less<>>& places) {
  for (std::size_t i = 0; i < items.size(); ++i) places.emplace(items[i].*name, i);
}

template <class Item>
const Item* find_in(const std::vector<Item>& items,
                    const std::map<std::string, std::size_t, std::less<>>& places,
                    std::string_view name) {
  const auto found = places.find(name);
  return found == places.end() ? nullptr : &items[found->second];
}

Faults find_all(const Value& root, Strictness strictness, Template& checked) {
  Faults faults;
  check_sections(root, faults);
  check_nulls(root, faults);
  read_head(root, checked, faults);
  checked.parameters = read_parameters(root, faults);
  check_mappings(root, faults);
  read_map(root, "Mappings", {checked.mappings, faults});
  read_map(root, "Conditions", {checked.conditions, faults});
  read_map(root, "Rules", {checked.rules, faults});
  checked.resources = read_resources(root, faults);
  checked.outputs = read_outputs(root, faults);
  index(checked.parameters, &Parameter::name, checked.parameter_index);
  index(checked.resources, &Resource::id, checked.resource_index);
  index(checked.outputs, &Output::name, checked.output_index);
  check_functions(checked, strictness, faults);
  check_circles(checked, faults);
  return faults;
}

}  // namespace

const Parameter* Template::find_parameter(std::string_view name) const {
  return find_in(parameters, parameter_index, name);
}

const Resource* Template::find_resource(std::string_view id) const {
  return find_in(resources, resource_index, id);
}

const Output* Template::find_output(std::string_view name) const {
  return find_in(outputs, output_index, name);
}

std::vector<TemplateError> find_faults(const Value& root, Template& checked,
                                       Extensions extensions) {
  return find_all(root, {.telling = Telling::one_by_one, .extensions = extensions}, checked);
}

Template check_structure(const Value& root, Extensions extensions) {
  Template checked;
  const Faults faults =
      find_all(root, {.telling = Telling::together, .extensions = extensions}, checked);
  if (!faults.empty()) throw faults.front();
  return checked;
}

}  // namespace matinee::templates
