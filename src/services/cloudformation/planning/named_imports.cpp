#include "services/cloudformation/planning/named_imports.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

#include "cloudformation/errors.h"
#include "services/cloudformation/planning/evaluating.h"

namespace matinee::cloudformation {

namespace {

/// The names of the properties that identify a resource of that type; none where nobody says.
std::set<std::string> identifying_names(const resources::ResourceType& type) {
  std::set<std::string> names;
  for (const std::string& path : type.schema().primary_identifier())
    names.insert(path.substr(path.rfind('/') + 1));
  return names;
}

/// Whether a template can set that, and does so with another value. What is known only when the
/// resource is there, or read from somewhere, is not compared.
bool differs(const Value* set, const std::string& identifier) {
  if (!set || set->is_null() || !set->is_scalar()) return false;
  const std::string text = set->text();
  return text.find(templates::known_after_apply) == std::string::npos &&
         text.find("{{resolve:") == std::string::npos && text != identifier;
}

Value properties_of(const templates::Resource& declared, const Prepared& prepared) {
  try {
    return evaluate_resource(declared, prepared.environment).properties;
  } catch (const templates::TemplateError& error) {
    throw ValidationError(error.message);
  }
}

void check_names(const ResourceToImport& resource, const std::set<std::string>& wanted) {
  std::set<std::string> given;
  for (const auto& [name, value] : resource.resource_identifier) given.insert(name);
  if (!wanted.empty() && given != wanted)
    throw ValidationError(
        fmt::format("The ResourceIdentifier of [{}] has the keys [{}], but resources of type [{}] "
                    "are identified by [{}].",
                    resource.logical_resource_id, fmt::join(given, ", "), resource.resource_type,
                    fmt::join(wanted, ", ")));
}

}  // namespace

std::map<std::string, std::string> imports_of(const std::vector<ResourceToImport>& named,
                                              const FindType& find_type) {
  std::map<std::string, std::string> imports;
  for (const ResourceToImport& resource : named) {
    Value identifying = Value::map();
    std::vector<std::string> values;
    for (const auto& [name, value] : resource.resource_identifier) {
      identifying.set(name, Value(value));
      values.push_back(value);
    }
    const resources::ResourceType* type = find_type(resource.resource_type);
    std::string id = type ? type->id_of(identifying) : "";
    if (id.empty()) id = fmt::format("{}", fmt::join(values, "|"));
    if (!imports.emplace(resource.logical_resource_id, std::move(id)).second)
      throw ValidationError(
          fmt::format("ResourcesToImport names the logical resource id [{}] more "
                      "than once.",
                      resource.logical_resource_id));
  }
  return imports;
}

void check_identifiers(const std::vector<ResourceToImport>& named, const Prepared& prepared,
                       const FindType& find_type) {
  for (const ResourceToImport& resource : named) {
    const std::string& id = resource.logical_resource_id;
    const templates::Resource* declared = prepared.checked->find_resource(id);
    if (!declared) continue;
    if (declared->type != resource.resource_type)
      throw ValidationError(
          fmt::format("The ResourceType [{}] of [{}] in ResourcesToImport is not the one in the "
                      "template: [{}].",
                      resource.resource_type, id, declared->type));
    if (const resources::ResourceType* type = find_type(declared->type))
      check_names(resource, identifying_names(*type));
    const Value properties = properties_of(*declared, prepared);
    for (const auto& [name, value] : resource.resource_identifier)
      if (differs(properties.find(name), value))
        throw ValidationError(
            fmt::format("The ResourceIdentifier of [{}] has another value of [{}] than the "
                        "template: [{}].",
                        id, name, value));
  }
}

}  // namespace matinee::cloudformation
