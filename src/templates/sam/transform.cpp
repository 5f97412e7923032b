#include "templates/sam/transform.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "templates/sam/functions/function.h"
#include "templates/sam/globals.h"
#include "templates/sam/others/others.h"
#include "templates/sam/references.h"
#include "templates/sam/shapes.h"

namespace matinee::templates::sam {

namespace {

constexpr std::string_view prefix = "AWS::Serverless::";

using Translate = void (*)(Translation&, const std::string& id, const Value& source);

struct Type {
  std::string_view name;
  Translate translate;
};

/// In the order in which they are translated: functions name what others may refer to, connectors
/// look at what has been made.
constexpr auto types = std::to_array<Type>({{"Function", translate_function},
                                            {"SimpleTable", translate_table},
                                            {"LayerVersion", translate_layer},
                                            {"Application", translate_application},
                                            {"Connector", translate_connector}});

struct Absent {
  std::string_view type;
  std::string_view service;
};
constexpr auto absent = std::to_array<Absent>({{"Api", "API Gateway"},
                                               {"HttpApi", "API Gateway"},
                                               {"WebSocketApi", "API Gateway"},
                                               {"WebFunction", "API Gateway"},
                                               {"StateMachine", "Step Functions"},
                                               {"GraphQLApi", "AppSync"},
                                               {"CapacityProvider", "Lambda Managed Instances"},
                                               {"MicrovmImage", "Lambda MicroVMs"},
                                               {"NetworkConnector", "Lambda MicroVMs"}});

std::string text_of(const std::vector<SamFault>& faults) {
  std::string text = fmt::format(
      "Invalid Serverless Application Specification document. Number of errors found: {}.",
      faults.size());
  for (const SamFault& fault : faults) text += " " + fault.text();
  return text;
}

/// The name of a Serverless type; empty: another type.
std::string_view serverless_type(const Value& resource) {
  const Value* type = resource.find("Type");
  if (!type || !type->is_string() || !type->text().starts_with(prefix)) return {};
  return std::string_view(type->text()).substr(prefix.size());
}

[[noreturn]] void refuse_structure(const std::string& message, Place place) {
  throw SamFault{"", "Structure of the SAM template is invalid. " + message, place};
}

void check_structure(const Value& root) {
  const Value* resources = root.find("Resources");
  if (!resources || !resources->is_map() || resources->members().empty())
    refuse_structure("'Resources' section is required",
                     resources ? resources->place() : root.place());
  for (const Member& resource : resources->members())
    if (!resource.value.is_map())
      refuse_structure(
          "All 'Resources' must be Objects. If you're using YAML, this may be an indentation "
          "issue.",
          resource.place);
}

void check_resource(const Member& resource) {
  const Value* properties = resource.value.find("Properties");
  if (properties && !properties->is_map())
    throw SamFault{resource.name, "Attribute 'Properties' should be a map.", properties->place()};
  const std::string_view type = serverless_type(resource.value);
  const auto missing = std::ranges::find(absent, type, &Absent::type);
  if (missing != absent.end())
    throw SamFault{
        resource.name,
        fmt::format("{}{} is not served here: there is no {}.", prefix, type, missing->service),
        resource.value.find("Type")->place()};
}

/// Every fault that `work` throws is kept; the others go on.
template <class Work>
void collect(std::vector<SamFault>& faults, Work work) {
  try {
    work();
  } catch (const SamFault& fault) {
    faults.push_back(fault);
  }
}

bool is_translated(std::string_view type) {
  return std::ranges::find(types, type, &Type::name) != types.end();
}

void rename_dependencies(Value& resource, const Translation& translation) {
  Value* given = resource.find("DependsOn");
  if (!given) return;
  const auto rename = [&](Value& id) {
    if (const std::string* made = translation.find_renamed(id.text())) id = Value(*made);
  };
  if (given->is_string()) rename(*given);
  for (Value& element : given->elements())
    if (element.is_string()) rename(element);
}

/// The template around what has been made.
Value assemble(Value root, Translation& translation) {
  Value resources = Value::map();
  resources.set_place(root.find("Resources")->place());
  for (Member& made : translation.made()) {
    rename_dependencies(made.value, translation);
    resources.members().push_back(std::move(made));
  }
  if (!translation.conditions().is_null()) root.set("Conditions", translation.conditions());
  root.set("Resources", std::move(resources));
  if (translation.has_renamed())
    for (Member& section : root.members())
      if (section.name != "Parameters") rewrite_references(section.value, translation);
  return root;
}

void drop_name(Value& root) {
  Value* given = root.find("Transform");
  if (!given) return;
  if (given->is_list()) {
    std::erase(given->elements(), Value(transform_name));
    if (!given->elements().empty()) return;
  } else if (*given != Value(transform_name)) {
    return;
  }
  root.erase("Transform");
}

Value translate(Value root, const SamContext& context, std::vector<SamFault>& faults) {
  check_structure(root);
  apply_globals(root);
  const std::vector<Member> connectors = take_embedded_connectors(root);
  Translation translation(root, context);
  const Value::Map& resources = root.find("Resources")->members();
  for (const Member& resource : resources) {
    collect(faults, [&] { check_resource(resource); });
    if (!is_translated(serverless_type(resource.value)))
      translation.add(resource.name, resource.value);
  }
  if (!faults.empty()) return {};
  for (const Type& type : types) {
    for (const Member& resource : resources)
      if (serverless_type(resource.value) == type.name)
        collect(faults, [&] { type.translate(translation, resource.name, resource.value); });
  }
  for (const Member& connector : connectors)
    collect(faults, [&] { translate_connector(translation, connector.name, connector.value); });
  if (!faults.empty()) return {};
  add_deployments(translation);
  Value result = assemble(root, translation);
  drop_name(result);
  return result;
}

}  // namespace

std::string SamFault::text() const {
  return resource.empty() ? message
                          : fmt::format("Resource with id [{}] is invalid. {}", resource, message);
}

SamError::SamError(std::vector<SamFault> faults)
    : std::runtime_error(text_of(faults)), faults_(std::move(faults)) {}

bool wants_transform(const Value& root) {
  const Value* given = root.find("Transform");
  if (!given) return false;
  const Value name(transform_name);
  return *given == name || std::ranges::find(given->elements(), name) != given->elements().end();
}

Value transform(Value root, const SamContext& context) {
  std::vector<SamFault> faults;
  Value result;
  collect(faults, [&] { result = translate(std::move(root), context, faults); });
  if (!faults.empty()) throw SamError(std::move(faults));
  return result;
}

}  // namespace matinee::templates::sam
