#include "templates/sam/transform.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "templates/sam/events/event.h"
#include "templates/sam/functions/function.h"
#include "templates/sam/globals.h"
#include "templates/sam/others/others.h"
#include "templates/sam/properties.h"
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

/// Faults of properties of the resource, and of the events of a function. Their first is told by
/// the translation too.
std::vector<SamFault> find_all_property_faults(const Member& resource, std::string_view type) {
  const Value* properties = resource.value.find("Properties");
  auto faults = find_property_faults(
      {resource.name, resource.value.find("Type")->text(), properties}, rules_of_resource(type));
  const Value* events = type == "Function" && properties ? properties->find("Events") : nullptr;
  if (!events) return faults;
  for (const Member& event : events->members()) {
    const std::string event_type = event.value.text_or("Type");
    const Rules rules = rules_of_event(event_type);
    collect(faults, [&] { check_event_type(resource.name, event); });
    if (rules.empty()) continue;
    Value given = event.value.find("Properties") ? *event.value.find("Properties") : Value::map();
    if (given.place().line == 0) given.set_place(event.value.place());
    std::ranges::move(find_property_faults({resource.name + event.name, event_type, &given}, rules),
                      std::back_inserter(faults));
  }
  return faults;
}

enum class Depth : std::uint8_t { first_fault_of_each, all_faults };

class Run {
 public:
  Run(Value root, const SamContext& context, Depth depth)
      : root_(std::move(root)), context_(context), depth_(depth) {}

  /// Null where there are faults.
  Value translate() {
    Value result;
    collect(faults_, [&] { result = translate_all(); });
    return result;
  }
  std::vector<SamFault>& faults() { return faults_; }

 private:
  Value translate_all() {
    check_structure(root_);
    faults_ = take_bad_globals(root_);
    if (!faults_.empty() && depth_ == Depth::first_fault_of_each) {
      faults_.resize(1);
      return {};
    }
    collect(faults_, [&] { apply_globals(root_); });
    if (!faults_.empty() && depth_ == Depth::first_fault_of_each) return {};
    const std::vector<Member> connectors = take_embedded_connectors(root_);
    Translation translation(root_, context_);
    for (const Member& resource : root_.find("Resources")->members()) {
      collect(faults_, [&] { check_resource(resource); });
      if (!is_translated(serverless_type(resource.value)))
        translation.add(resource.name, resource.value);
    }
    if (!faults_.empty() && depth_ == Depth::first_fault_of_each) return {};
    translate_resources(translation);
    if (depth_ == Depth::first_fault_of_each || faults_.empty())
      for (const Member& connector : connectors)
        translate_source(translation, connector, translate_connector);
    if (!faults_.empty()) return {};
    translation.begin("");
    add_deployments(translation);
    Value result = assemble(root_, translation);
    drop_name(result);
    return result;
  }

  void translate_resources(Translation& translation) {
    for (const Type& type : types) {
      // Connectors look at what was made of their ends: what is missing there would be told twice.
      if (type.name == "Connector" && depth_ == Depth::all_faults && !faults_.empty()) return;
      for (const Member& resource : root_.find("Resources")->members())
        if (serverless_type(resource.value) == type.name)
          translate_one(translation, resource, type);
    }
  }

  void translate_one(Translation& translation, const Member& resource, const Type& type) {
    const Value* properties = resource.value.find("Properties");
    if (depth_ == Depth::all_faults) {
      if (properties && !properties->is_map()) return;
      auto found = find_all_property_faults(resource, type.name);
      if (!found.empty()) {
        std::ranges::move(found, std::back_inserter(faults_));
        return;
      }
    }
    translate_source(translation, resource, type.translate);
  }

  template <class Translate>
  void translate_source(Translation& translation, const Member& source, Translate translate) {
    collect(faults_, [&] {
      translation.begin(source.name);
      translate(translation, source.name, source.value);
      std::ranges::move(translation.take_duplicates(), std::back_inserter(faults_));
    });
  }

  Value root_;
  const SamContext& context_;
  Depth depth_;
  std::vector<SamFault> faults_;
};

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
  Run run(std::move(root), context, Depth::first_fault_of_each);
  Value result = run.translate();
  if (!run.faults().empty()) throw SamError(std::move(run.faults()));
  return result;
}

std::vector<SamFault> find_faults(Value root, const SamContext& context) {
  Run run(std::move(root), context, Depth::all_faults);
  run.translate();
  return std::move(run.faults());
}

}  // namespace matinee::templates::sam
