// The parameters of a template: what it says of them, and what values they take.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "templates/template_error.h"
#include "templates/tree.h"

namespace matinee::templates {

inline constexpr std::size_t max_parameter_bytes = 4096;

struct Parameter {
  std::string name;
  /// "String", "Number", "List<Number>", "CommaDelimitedList", "AWS::EC2::VPC::Id",
  /// "List<AWS::EC2::VPC::Id>", "AWS::SSM::Parameter::Name",
  /// "AWS::SSM::Parameter::Value<List<String>>" ...
  std::string type;
  std::optional<std::string> default_value;
  std::optional<std::string> description;
  std::optional<std::string> constraint_description;
  std::optional<std::string> allowed_pattern;
  std::vector<std::string> allowed_values;  // empty: all
  std::optional<std::int64_t> min_length;   // characters
  std::optional<std::int64_t> max_length;
  std::optional<std::string> min_value;  // numbers, as they are written
  std::optional<std::string> max_value;
  bool no_echo = false;
  Place place;  // of its name

  /// AWS::SSM::Parameter::Value<...>: its value is the name of a parameter in SSM.
  bool is_stored() const;
  /// The type of what its value (of a stored one: what is found in SSM) is: "List<Number>".
  std::string_view value_type() const;
};

/// Whether values of `type` (see `Parameter::value_type`) are lists: texts with commas between the
/// elements.
bool is_list_type(std::string_view type);

/// The section `Parameters` of a template, also of one whose transforms are still to come. Throws
/// TemplateError: "Template format error: Every Parameters object must contain a Type member." ...
std::vector<Parameter> read_parameters(const Value& root);

/// Whether a parameter may have the value that was given, or is its default. Of a stored one this
/// is the name. Throws TemplateError: "Parameter 'Size' must be one of AllowedValues" ... A
/// ConstraintDescription is what it says instead: "Parameter 'Size' failed to satisfy constraint:
/// ...".
void check_value(const Parameter& parameter, const std::string& text);

/// Whether a text can be one of that type, or an element of that list type: "subnet-" and
/// hexadecimal digits for AWS::EC2::Subnet::Id. True of types that are not AWS's own.
bool may_be_of_type(std::string_view value_type, std::string_view text);

/// What Ref gives: a string, or a list of strings without the spaces around them.
Value parameter_value(std::string_view value_type, const std::string& text);

}  // namespace matinee::templates
