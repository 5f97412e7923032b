// A template without transforms, checked: its sections, and what refers to what.
//
// Messages are CloudFormation's. What depends on parameters (conditions, mappings that are looked
// up, resources that are not made) is `intrinsics.h`; whether types and their properties exist is
// for those who know types.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "templates/parameters.h"
#include "templates/template_error.h"
#include "templates/tree.h"

namespace matinee::templates {

// Limits of AWS.
inline constexpr std::size_t max_resources = 500;
inline constexpr std::size_t max_outputs = 200;
inline constexpr std::size_t max_parameters = 200;
inline constexpr std::size_t max_mappings = 200;
inline constexpr std::size_t max_description_bytes = 1024;
inline constexpr std::size_t max_body_bytes = 51'200;         // TemplateBody
inline constexpr std::size_t max_template_bytes = 1'000'000;  // by URL, and after transforms

struct Resource {
  std::string id;  // logical
  std::string type;
  std::string condition;                   // name; empty: none
  Value properties = Value::map();         // unevaluated, as the next ones
  Value metadata;                          // null: none
  std::vector<std::string> depends_on;     // logical ids
  Value deletion_policy;                   // null: none
  Value update_replace_policy;             // null: none
  Value creation_policy;                   // null: none
  Value update_policy;                     // null: none
  std::optional<std::string> description;  // of the resource
  Place place;                             // of its name
};

struct Output {
  std::string name;
  std::string condition;  // name; empty: none
  std::optional<std::string> description;
  Value value;        // unevaluated
  Value export_name;  // unevaluated; null: none
  Place place;        // of its name
};

struct Template {
  std::string version;  // AWSTemplateFormatVersion; empty: none
  std::optional<std::string> description;
  Value metadata;  // null: none
  // In the order in which they stand in the template.
  std::vector<Parameter> parameters;
  std::vector<Resource> resources;
  std::vector<Output> outputs;
  // Unevaluated maps, by name.
  Value mappings = Value::map();
  Value conditions = Value::map();
  Value rules = Value::map();

  const Parameter* find_parameter(std::string_view name) const;
  const Resource* find_resource(std::string_view id) const;
  const Output* find_output(std::string_view name) const;

  /// Places in the lists above. Set by those that fill them.
  std::map<std::string, std::size_t, std::less<>> parameter_index;
  std::map<std::string, std::size_t, std::less<>> resource_index;
  std::map<std::string, std::size_t, std::less<>> output_index;
};

/// What AWS::LanguageExtensions brings: Fn::Length, Fn::ToJsonString, default values of
/// Fn::FindInMap. A template that was transformed may have some left.
enum class Extensions : std::uint8_t { allowed, refused };

/// Throws the first fault as a TemplateError. Takes a root after transforms: a section `Transform`
/// is passed over, and Fn::Transform anywhere is a fault.
Template check_structure(const Value& root, Extensions extensions = Extensions::allowed);

/// All faults at once, in the order in which CloudFormation would find them; `checked` gets what
/// could be read.
std::vector<TemplateError> find_faults(const Value& root, Template& checked,
                                       Extensions extensions = Extensions::allowed);

}  // namespace matinee::templates
