#include "services/cloudformation/preparing/parameter_values.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "services/cloudformation/preparing/faults.h"
#include "services/cloudformation/preparing/trees.h"

namespace matinee::cloudformation {

namespace {

constexpr std::string_view ssm_name = "AWS::SSM::Parameter::Name";

templates::Parameter declared_of(const ParameterValue& parameter) {
  templates::Parameter declared;
  declared.name = parameter.name;
  declared.type = parameter.type;
  return declared;
}

/// AWS's words, as events have them. Of a secret one the value is not told.
std::string does_not_exist(const ParameterValue& parameter, std::string_view value) {
  return fmt::format(
      "Parameter validation failed: parameter value {} for parameter name {} does not exist",
      parameter.no_echo ? "****" : value, parameter.name);
}

const ParameterValue* find_previous(const PreviousTemplate* previous, std::string_view name) {
  if (!previous) return nullptr;
  const auto found = std::ranges::find(previous->parameters, name, &ParameterValue::name);
  return found == previous->parameters.end() ? nullptr : &*found;
}

void check_names(const std::vector<templates::Parameter>& declared,
                 const std::vector<GivenParameter>& given) {
  std::set<std::string_view> known;
  for (const templates::Parameter& parameter : declared) known.insert(parameter.name);
  std::set<std::string_view> seen;
  std::vector<std::string_view> unknown;
  for (const GivenParameter& parameter : given) {
    if (!known.contains(parameter.name)) unknown.push_back(parameter.name);
    if (!seen.insert(parameter.name).second)
      throw invalid(fmt::format("Duplicate parameter key {} in the request", parameter.name));
  }
  if (!unknown.empty())
    throw invalid(
        fmt::format("Parameters: [{}] do not exist in the template", fmt::join(unknown, ", ")));
}

/// What the request says of one parameter; nothing where it says nothing.
std::optional<std::string> value_given(const GivenParameter& given,
                                       const PreviousTemplate* previous) {
  if (!given.uses_previous) return given.value;
  if (given.value)
    throw invalid(
        fmt::format("Invalid input for parameter key {}. Cannot specify usePreviousValue "
                    "as true and non empty value for a parameter",
                    given.name));
  const ParameterValue* known = find_previous(previous, given.name);
  if (!known)
    throw invalid(
        fmt::format("Invalid input for parameter key {}. Cannot specify usePreviousValue "
                    "as true for a parameter key not in the previous template",
                    given.name));
  return known->given;
}

}  // namespace

bool is_known_later(const std::string& value) {
  return value.find(templates::known_after_apply) != std::string::npos;
}

std::vector<ParameterValue> choose_values(const std::vector<templates::Parameter>& declared,
                                          const std::vector<GivenParameter>& given,
                                          const PreviousTemplate* previous) {
  check_names(declared, given);
  std::vector<ParameterValue> values;
  std::vector<std::string_view> missing;
  for (const templates::Parameter& parameter : declared) {
    const auto told = std::ranges::find(given, parameter.name, &GivenParameter::name);
    std::optional<std::string> value;
    if (told != given.end()) value = value_given(*told, previous);
    if (!value) value = parameter.default_value;
    if (!value) {
      missing.push_back(parameter.name);
      continue;
    }
    values.push_back({.name = parameter.name,
                      .type = parameter.type,
                      .given = *std::move(value),
                      .no_echo = parameter.no_echo});
  }
  if (!missing.empty())
    throw invalid(fmt::format("Parameters: [{}] must have values", fmt::join(missing, ", ")));
  for (const ParameterValue& value : values) {
    const auto parameter = std::ranges::find(declared, value.name, &templates::Parameter::name);
    if (!is_known_later(value.given)) templates::check_value(*parameter, value.given);
  }
  return values;
}

runtime::Task<> look_up(resources::Calls& calls, std::vector<ParameterValue>& parameters) {
  constexpr std::size_t most_at_once = 10;
  std::vector<ParameterValue*> wanted;
  for (ParameterValue& parameter : parameters)
    if ((declared_of(parameter).is_stored() || parameter.type == ssm_name) &&
        !is_known_later(parameter.given))
      wanted.push_back(&parameter);
  for (std::size_t begin = 0; begin < wanted.size(); begin += most_at_once) {
    const std::size_t end = std::min(begin + most_at_once, wanted.size());
    std::set<std::string> names;
    for (std::size_t i = begin; i < end; ++i) names.insert(wanted[i]->given);
    Value list = Value::list();
    for (const std::string& name : names) list.append(name);
    const Value response =
        co_await calls.call("ssm:GetParameters", Value::map("Names", std::move(list)));
    for (std::size_t i = begin; i < end; ++i) {
      ParameterValue& parameter = *wanted[i];
      const Value* stored = nullptr;
      for (const Value& each : member_of(response, "Parameters").elements())
        if (each.text_or("Name") == parameter.given || each.text_or("ARN") == parameter.given)
          stored = &each;
      if (!stored)
        throw invalid(fmt::format("Parameter {} should either have input value or default value",
                                  parameter.name));
      if (stored->text_or("Type") == "SecureString" && parameter.type != ssm_name)
        throw invalid(
            fmt::format("Parameters [{}] referenced by template have types not supported "
                        "by CloudFormation.",
                        parameter.given));
      if (parameter.type != ssm_name) parameter.resolved = stored->text_or("Value");
    }
  }
}

std::string find_unknown_value(const std::vector<ParameterValue>& parameters) {
  for (const ParameterValue& parameter : parameters) {
    if (is_known_later(parameter.given)) continue;
    const templates::Parameter declared = declared_of(parameter);
    const std::string_view type = declared.value_type();
    const Value value = templates::parameter_value(type, parameter.text());
    if (value.is_list()) {
      for (const Value& element : value.elements())
        if (!templates::may_be_of_type(type, element.text()))
          return does_not_exist(parameter, element.text());
    } else if (!templates::may_be_of_type(type, value.text())) {
      return does_not_exist(parameter, value.text());
    }
  }
  return "";
}

Value reference_value(const ParameterValue& parameter) {
  return templates::parameter_value(declared_of(parameter).value_type(), parameter.text());
}

}  // namespace matinee::cloudformation
