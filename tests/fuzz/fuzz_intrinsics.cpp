// Templates from their text to what their functions give: with and without what is known only
// later, and with the transform AWS::LanguageExtensions before. Results stay within their limit,
// and what is known has nothing in it that is not.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "templates/dynamic_references.h"
#include "templates/graph.h"
#include "templates/intrinsics.h"
#include "templates/language_extensions.h"
#include "templates/reader.h"
#include "templates/template.h"

namespace {

using namespace matinee::templates;

/// Values of all parameters: their defaults, or some.
Environment environment_of(const Value& root) {
  Environment environment{.mappings = root.find("Mappings"),
                          .account = "123456789012",
                          .region = "eu-west-1",
                          .stack_name = "stack",
                          .stack_id = "arn:stack",
                          .notification_arns = {"arn:topic"}};
  for (const Parameter& parameter : read_parameters(root))
    environment.parameters.emplace(
        parameter.name,
        parameter_value(parameter.value_type(), parameter.default_value.value_or("1,2")));
  return environment;
}

void evaluate_part(const Value& part, const Environment& environment) {
  try {
    const Evaluation result = evaluate(part, environment);
    const bool has_unknown = to_json(result.value).contains(known_after_apply);
    if (has_unknown && result.is_known && !to_json(part).contains("KNOWN_AFTER")) std::abort();
    if (has_dynamic_references(result.value)) {
      const auto keep = [](const DynamicReference&) { return std::nullopt; };
      if (replace_dynamic_references(result.value, keep) != result.value) std::abort();
    }
  } catch (const TemplateError& error) {
    if (error.message.empty()) std::abort();
  }
}

void evaluate_all(const Template& checked, Environment environment) {
  environment.mappings = &checked.mappings;
  environment.conditions = evaluate_conditions(checked, environment);
  check_rules(checked, environment);
  const Selection selection = select(checked, environment);
  if (!find_circle(selection.needs).empty()) std::abort();
  for (const bool is_made : {false, true}) {
    if (is_made) {
      environment.find_reference = [](std::string_view id) { return Value(id); };
      environment.find_attribute = [](std::string_view, std::string_view attribute) {
        return Value(attribute);
      };
      environment.find_import = [](std::string_view name) { return Value(name); };
    }
    for (const std::string& id : selection.resources)
      evaluate_part(checked.find_resource(id)->properties, environment);
    for (const std::string& name : selection.outputs)
      evaluate_part(checked.find_output(name)->value, environment);
  }
}

void work_on(const Value& root) {
  const Environment environment = environment_of(root);
  Template checked;
  if (find_faults(root, checked).empty()) evaluate_all(checked, environment);
  static_cast<void>(all_dependencies(checked));
  const Value expanded = expand_language_extensions(root, environment);
  if (to_json(expanded).size() > max_result_bytes) std::abort();
  Template of_expanded;
  if (find_faults(expanded, of_expanded).empty()) evaluate_all(of_expanded, environment);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    work_on(read_template({reinterpret_cast<const char*>(data), size}));
  } catch (const TemplateError& error) {
    if (error.message.empty()) std::abort();
  }
  return 0;
}
