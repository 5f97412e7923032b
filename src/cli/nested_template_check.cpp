#include "cli/nested_template_check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "templates/parameters.h"

namespace matinee::cli {
namespace {

using templates::Member;
using templates::TemplateError;
using templates::Value;

constexpr std::string_view outputs_prefix = "Outputs.";

bool is_function(const Value& value) {
  return std::ranges::any_of(value.members(), [](const Member& member) {
    return member.name == "Ref" || member.name.starts_with("Fn::");
  });
}

class NestedStackCheck {
 public:
  NestedStackCheck(const templates::Resource& stack, const Value& nested,
                   std::vector<TemplateFault>& faults)
      : stack_(stack), nested_(nested), faults_(faults) {}

  void check_parameters() {
    std::vector<templates::Parameter> declared;
    try {
      declared = templates::read_parameters(nested_);
    } catch (const TemplateError&) {
      return;  // told where that template is looked at
    }
    const Value* given = stack_.properties.find("Parameters");
    if (given && (!given->is_map() || is_function(*given))) return;
    const Value none = Value::map();
    for (const Member& member : (given ? *given : none).members()) {
      const auto found = std::ranges::find(declared, member.name, &templates::Parameter::name);
      if (found == declared.end())
        fault(member.place,
              fmt::format("Parameters: [{}] do not exist in the template", member.name));
      else
        check_value(*found, member);
    }
    std::vector<std::string> missing;
    for (const templates::Parameter& parameter : declared)
      if (!parameter.default_value && !(given && given->find(parameter.name)))
        missing.push_back(parameter.name);
    if (!missing.empty())
      fault(stack_.place,
            fmt::format("Parameters: [{}] must have values", fmt::join(missing, ", ")));
  }

 private:
  const templates::Resource& stack_;
  const Value& nested_;
  std::vector<TemplateFault>& faults_;

  void fault(templates::Place place, std::string message) {
    faults_.push_back({TemplateFault::Severity::error, place, stack_.id, std::move(message)});
  }

  void check_value(const templates::Parameter& parameter, const Member& given) {
    if (!given.value.is_scalar()) return;
    try {
      templates::check_value(parameter, given.value.text());
    } catch (const TemplateError& error) {
      fault(given.place, error.message);
    }
  }
};

/// Whether a template has that output; also where nobody can tell before its macros are called.
bool may_have_output(const Value& nested, std::string_view name) {
  const Value* outputs = nested.find("Outputs");
  if (!outputs) return nested.find("Transform") != nullptr;
  return outputs->find(name) || nested.find("Transform") || is_function(*outputs);
}

}  // namespace

NestedTemplates find_nested_templates(
    const Value& root, const std::function<std::optional<Value>(const std::string& name)>& read) {
  NestedTemplates nested;
  const Value* resources = root.find("Resources");
  if (!resources || !resources->is_map()) return nested;
  for (const Member& member : resources->members()) {
    if (member.value.text_or("Type") != "AWS::CloudFormation::Stack") continue;
    const Value* properties = member.value.find("Properties");
    if (!properties) continue;
    if (std::optional<Value> found = read(properties->text_or("TemplateURL")))
      nested.emplace(member.name, *std::move(found));
  }
  return nested;
}

std::vector<TemplateFault> check_nested_stacks(const templates::Template& checked,
                                               const NestedTemplates& nested) {
  std::vector<TemplateFault> faults;
  for (const templates::Resource& resource : checked.resources)
    if (const auto found = nested.find(resource.id); found != nested.end())
      NestedStackCheck(resource, found->second, faults).check_parameters();
  visit_references(checked, [&](const std::string& user, const templates::Reference& reference) {
    const auto found = nested.find(reference.name);
    if (found == nested.end() || !reference.attribute.starts_with(outputs_prefix) ||
        may_have_output(found->second, reference.attribute.substr(outputs_prefix.size())))
      return;
    faults.push_back(
        {TemplateFault::Severity::error, reference.place, user, unknown_attribute(reference)});
  });
  return faults;
}

}  // namespace matinee::cli
