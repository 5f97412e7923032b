#include "cli/template_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "cli/nested_template_check.h"
#include "cli/permission_check.h"
#include "cloud/managed_policies.h"
#include "resources/type.h"
#include "templates/graph.h"
#include "templates/intrinsics.h"
#include "templates/language_extensions.h"
#include "templates/parameters.h"
#include "templates/reader.h"
#include "templates/sam/transform.h"

namespace matinee::cli {

void visit_references(
    const templates::Template& checked,
    const std::function<void(const std::string& user, const templates::Reference&)>& visit) {
  std::string user;
  const templates::ReferenceSearch search{
      .found = [&](const templates::Reference& reference) { visit(user, reference); }};
  for (const templates::Resource& resource : checked.resources) {
    user = resource.id;
    templates::find_references(resource.properties, search);
  }
  user.clear();
  for (const templates::Output& output : checked.outputs)
    templates::find_references(output.value, search);
}

std::string unknown_attribute(const templates::Reference& reference) {
  return fmt::format("Template error: resource {} does not support attribute type {} in Fn::GetAtt",
                     reference.name, reference.attribute);
}
namespace {

using templates::Place;
using templates::TemplateError;
using templates::Value;
using Severity = TemplateFault::Severity;

/// Of CloudFormation's own, which no type of a service makes.
bool is_own_type(std::string_view type) {
  return type.starts_with("Custom::") || type.starts_with("AWS::CloudFormation::") ||
         type == "AWS::CDK::Metadata";
}

class TemplateCheck {
 public:
  TemplateCheck(std::string_view text, const CheckOptions& options)
      : text_(text), options_(options) {}

  CheckedTemplate run() {
    Value root;
    const bool is_read = read(root);
    if (is_read && options_.read_nested)
      nested_ = find_nested_templates(root, options_.read_nested);
    if (is_read && options_.locate) root = options_.locate(std::move(root));
    if (is_read && transform(root)) {
      check(root);
      result_.transformed = std::move(root);
    }
    std::ranges::sort(result_.faults, {}, [](const TemplateFault& fault) {
      return std::tuple(fault.place.line, fault.place.column, fault.message);
    });
    return std::move(result_);
  }

 private:
  std::string_view text_;
  const CheckOptions& options_;
  CheckedTemplate result_;
  templates::Extensions extensions_ = templates::Extensions::refused;
  NestedTemplates nested_;
  bool is_whole_ = true;  // all of it is known: nothing was left out that a macro would make

  void fault(Place place, std::string resource, std::string message) {
    result_.faults.push_back({Severity::error, place, std::move(resource), std::move(message)});
  }
  void warn(Place place, std::string message) {
    result_.faults.push_back({Severity::warning, place, "", std::move(message)});
  }

  bool read(Value& root) {
    try {
      root = templates::read_template(text_);
      return true;
    } catch (const TemplateError& error) {
      if (read_expanded(root)) {
        warn(error.place,
             "CloudFormation takes no aliases; `matinee deploy` sends what they stand for.");
        return true;
      }
      fault(error.place, "", error.message);
      return false;
    }
  }

  bool read_expanded(Value& root) const {
    try {
      root = templates::read_template(text_, templates::Aliases::expanded);
      return true;
    } catch (const TemplateError&) {
      return false;
    }
  }

  /// False where what comes of it is not known.
  bool transform(Value& root) {
    leave_out_calls(root);
    const Value* section = root.find("Transform");
    std::vector<Value> wanted;
    if (section && section->is_list()) wanted = section->elements();
    if (section && !section->is_list()) wanted.push_back(*section);
    for (const Value& one : wanted)
      if (!carry_out(root, one)) return false;
    root.erase("Transform");
    return true;
  }

  bool carry_out(Value& root, const Value& wanted) {
    const std::string name = wanted.is_map() ? wanted.text_or("Name") : wanted.text();
    try {
      if (name == templates::sam::transform_name) {
        const templates::sam::SamContext context = sam_context();
        const auto faults = templates::sam::find_faults(root, context);
        for (const templates::sam::SamFault& each : faults)
          fault(each.place, each.resource, each.message);
        if (!faults.empty()) check_plain_resources(root);
        if (!faults.empty()) return false;
        root = templates::sam::transform(std::move(root), context);
      } else if (name == templates::language_extensions_name) {
        root = templates::expand_language_extensions(root, environment_of(root));
        extensions_ = templates::Extensions::allowed;
      } else {
        leave_out(wanted.place(), name);
      }
      return true;
    } catch (const TemplateError& error) {
      fault(error.place, "", fmt::format("Transform {} failed with: {}", name, error.message));
    }
    return false;
  }

  void leave_out(Place place, const std::string& name) {
    is_whole_ = false;
    warn(place, fmt::format("What {} makes of it is not looked at: that is known when it is "
                            "deployed.",
                            name));
  }

  /// Fn::Transform is carried out where objects can be read and functions called.
  void leave_out_calls(Value& value) {
    if (const Value* call = value.find("Fn::Transform")) {
      leave_out(call->place(), call->text_or("Name", "a macro"));
      value.erase("Fn::Transform");
    }
    for (templates::Member& member : value.members()) leave_out_calls(member.value);
    for (Value& element : value.elements()) leave_out_calls(element);
  }

  templates::sam::SamContext sam_context() const {
    templates::sam::SamContext context{.parameters = {},
                                       .region = options_.region,
                                       .find_managed_policy = cloud::managed_policy_arn};
    for (const auto& [name, value] : options_.parameters) context.parameters[name] = Value(value);
    return context;
  }

  templates::Environment environment_of(const Value& root) const {
    templates::Environment environment{.account = "000000000000", .region = options_.region};
    for (const templates::Parameter& parameter : templates::read_parameters(root)) {
      const auto given = options_.parameters.find(parameter.name);
      if (given == options_.parameters.end() && !parameter.default_value) continue;
      environment.parameters[parameter.name] = templates::parameter_value(
          parameter.value_type(),
          given == options_.parameters.end() ? *parameter.default_value : given->second);
    }
    return environment;
  }

  void check(const Value& root) {
    templates::Template checked;
    for (const TemplateError& error : templates::find_faults(root, checked, extensions_))
      fault(error.place, "", error.message);
    for (const templates::Resource& resource : checked.resources) check_resource(resource);
    check_attributes(checked);
    check_parameters(checked);
    for (TemplateFault& wrong : check_nested_stacks(checked, nested_))
      result_.faults.push_back(std::move(wrong));
    if (!is_whole_) return;
    if (result_.is_valid()) check_values(root, checked);
    for (TemplateFault& missing : find_missing_permissions(checked))
      result_.faults.push_back(std::move(missing));
  }

  /// Those that are not of SAM, where nobody can tell what is made of these.
  void check_plain_resources(const Value& root) {
    const Value* resources = root.find("Resources");
    if (!resources) return;
    for (const templates::Member& member : resources->members()) {
      const std::string type = member.value.text_or("Type");
      if (type.empty() || type.starts_with("AWS::Serverless::")) continue;
      templates::Resource resource{.id = member.name, .type = type, .place = member.place};
      const Value* properties = member.value.find("Properties");
      if (properties && properties->is_map()) resource.properties = *properties;
      check_resource(resource);
    }
  }

  void check_resource(const templates::Resource& resource) {
    if (resource.type.starts_with("Custom::")) return;
    const resources::Schema* schema = resources::find_schema(resource.type);
    if (!schema || (!resources::find_type(resource.type) && !is_own_type(resource.type))) {
      const bool is_of_aws = resource.type.starts_with("AWS::");
      fault(resource.place, resource.id,
            is_of_aws ? fmt::format("The type {} is not served here.", resource.type)
                      : fmt::format("Unrecognized resource types: [{}]", resource.type));
    }
    if (!schema) return;
    for (const resources::Fault& each : schema->check(resource.properties)) {
      const bool is_whole = each.path.empty() || each.path == "/";
      fault(each.place.line == 0 ? resource.place : each.place, resource.id,
            is_whole ? each.problem : fmt::format("{}: {}", each.path.substr(1), each.problem));
    }
  }

  void check_attributes(const templates::Template& checked) {
    visit_references(checked, [&](const std::string& user, const templates::Reference& reference) {
      if (reference.kind != templates::Reference::Kind::attribute) return;
      const templates::Resource* resource = checked.find_resource(reference.name);
      if (!resource || reference.attribute.empty() || is_own_type(resource->type)) return;
      const resources::Schema* schema = resources::find_schema(resource->type);
      if (!schema || schema->has_attribute(reference.attribute)) return;
      fault(reference.place, user, unknown_attribute(reference));
    });
  }

  /// What comes of conditions, mappings and rules, where all values of parameters are known here.
  void check_values(const Value& root, const templates::Template& checked) {
    templates::Environment environment = environment_of(root);
    if (environment.parameters.size() < checked.parameters.size() ||
        std::ranges::any_of(checked.parameters, &templates::Parameter::is_stored))
      return;
    environment.mappings = &checked.mappings;
    environment.stack_name = "stack";
    try {
      environment.conditions = templates::evaluate_conditions(checked, environment);
      templates::check_rules(checked, environment);
      templates::check_values(checked, templates::select(checked, environment), environment);
    } catch (const TemplateError& error) {
      fault(error.place, "", error.message);
    }
  }

  /// Whether it can name what AWS's own types name.
  void check_form(const templates::Parameter& parameter, const std::string& given) {
    if (parameter.is_stored()) return;
    const std::string_view type = parameter.value_type();
    const Value value = templates::parameter_value(type, given);
    const std::vector<Value> elements =
        value.is_list() ? value.elements() : std::vector<Value>{value};
    for (const Value& element : elements)
      if (!templates::may_be_of_type(type, element.text()))
        fault(parameter.place, "",
              fmt::format("Parameter validation failed: parameter value {} for parameter name {} "
                          "does not exist",
                          parameter.no_echo ? "****" : element.text(), parameter.name));
  }

  /// Values that were given; defaults are a part of the template's form.
  void check_parameters(const templates::Template& checked) {
    for (const auto& [name, value] : options_.parameters)
      if (!checked.find_parameter(name))
        fault({}, "", fmt::format("Parameters: [{}] do not exist in the template", name));
    for (const templates::Parameter& parameter : checked.parameters) {
      const auto given = options_.parameters.find(parameter.name);
      if (given == options_.parameters.end()) continue;
      try {
        templates::check_value(parameter, given->second);
        check_form(parameter, given->second);
      } catch (const TemplateError& error) {
        fault(parameter.place, "", error.message);
      }
    }
  }
};

}  // namespace

bool CheckedTemplate::is_valid() const {
  return std::ranges::none_of(
      faults, [](const TemplateFault& fault) { return fault.severity == Severity::error; });
}

CheckedTemplate check_template(std::string_view text, const CheckOptions& options) {
  return TemplateCheck(text, options).run();
}

}  // namespace matinee::cli
