#include "resources/coverage.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "resources/recipe.h"
#include "resources/types/coded_type.h"

namespace matinee::resources {

namespace {

using templates::Member;

/// Paths of properties that are refused, with the reason where there is one.
std::map<std::string, std::string> refused_by(const ResourceType& type) {
  std::map<std::string, std::string> refused;
  if (const auto* recipe = dynamic_cast<const RecipeType*>(&type)) {
    if (const Value* list = recipe->recipe().find("refused"))
      for (const Member& member : list->members())
        refused[member.name.substr(0, member.name.find(".0"))] = member.value.text();
  } else if (const auto* coded = dynamic_cast<const types::CodedType*>(&type)) {
    for (const std::string_view path : coded->refused()) refused[std::string(path)] = "";
  }
  return refused;
}

std::string note_of(const ResourceType& type, const std::string& property) {
  const Value some = "some";
  switch (type.recreation(property, &some, nullptr)) {
    case Recreation::always:
      return " (replaces)";
    case Recreation::conditionally:
      return " (may replace)";
    default:
      return "";
  }
}

std::string list_of(const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& text : texts) list += (list.empty() ? "" : ", ") + text;
  return list;
}

std::string section_of(const ResourceType& type) {
  const Schema& schema = type.schema();
  const auto refused = refused_by(type);
  std::vector<std::string> properties;
  for (const std::string& property : schema.properties())
    if (!refused.contains(property)) properties.push_back(property + note_of(type, property));
  std::string section = fmt::format("\n## {}\n\nCarried out: {}\n", schema.type_name(),
                                    properties.empty() ? "nothing" : list_of(properties));
  if (!refused.empty()) {
    section += "\nRefused by name:\n\n";
    for (const auto& [path, reason] : refused)
      section += fmt::format("- {}{}\n", path, reason.empty() ? "" : ": " + reason);
  }
  std::vector<std::string> attributes;
  for (const std::string& path : schema.read_only())
    attributes.push_back(path.substr(std::string_view("/properties/").size()));
  if (!attributes.empty())
    section += fmt::format("\n`Fn::GetAtt` besides these: {}\n", list_of(attributes));
  return section;
}

/// Those that have a schema here, and that nothing in this library makes.
std::vector<std::string> others() {
  std::vector<std::string> names;
  for (const std::string& name : all_schemas())
    if (!find_type(name)) names.push_back(name);
  return names;
}

bool is_cloudformations(const std::string& name) {
  return name.starts_with("AWS::CloudFormation::") || name.starts_with("AWS::CDK::");
}

}  // namespace

std::string types_as_markdown() {
  std::string page =
      "# Resource types\n\n"
      "Made by `make coverage` from what makes them. Every property of AWS's schema is carried "
      "out, or\nrefused by its name before anything is made. \"Replaces\" says that a change makes "
      "another resource.\n\n";
  for (const ResourceType* type : all_types()) {
    std::string anchor;
    for (const char c : type->schema().type_name())
      if (c != ':') anchor += c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    page += fmt::format("- [{}](#{})\n", type->schema().type_name(), anchor);
  }
  page += "\nMade by CloudFormation itself (docs/templates.md):\n\n";
  for (const std::string& name : others())
    if (is_cloudformations(name)) page += fmt::format("- {}\n", name);
  std::string refused;
  for (const std::string& name : others())
    if (!is_cloudformations(name)) refused += fmt::format("- {}\n", name);
  if (!refused.empty()) page += "\nKnown by their schema only, and refused:\n\n" + refused;
  for (const ResourceType* type : all_types()) page += section_of(*type);
  return page;
}

std::string types_as_json() {
  Value page = Value::map();
  for (const ResourceType* type : all_types()) {
    Value properties = Value::list();
    for (const std::string& property : type->schema().properties()) properties.append(property);
    Value refused = Value::map();
    for (const auto& [path, reason] : refused_by(*type)) refused.set(path, reason);
    Value entry;
    entry.set("properties", std::move(properties)).set("refused", std::move(refused));
    page.set(type->schema().type_name(), std::move(entry));
  }
  return to_json(page) + "\n";
}

}  // namespace matinee::resources
