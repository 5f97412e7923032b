// Carries out the transforms of a template: Fn::Transform from the innermost to the outermost, then
// those of the section `Transform` in their order. AWS::Include, AWS::LanguageExtensions and
// AWS::Serverless-2016-10-31 are CloudFormation's own, all others macros by functions.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "services/cloudformation/preparing/prepared.h"

namespace matinee::cloudformation {

/// What transforms know of the template beside itself.
struct TransformTools {
  const TemplateSources& sources;
  /// Functions in the parameters of a transform, over the template's parameters and mappings.
  std::function<Value(const Value&)> evaluate;
  /// The template's parameters with their values: lists as lists.
  Value parameter_values = Value::map();
  /// The transforms that are pure, by their names: AWS::LanguageExtensions and AWS::Serverless-...
  /// What they throw is a std::exception whose text is told after "Transform NAME failed with: ".
  std::function<Value(std::string_view name, Value root)> carry_out_own;
};

/// Whether a transform is one of AWS's that `carry_out_own` has to know.
bool is_own_transform(std::string_view name);

/// The template without its section `Transform`, and without any Fn::Transform. What macros make is
/// not expanded again. Throws TransformFailure, with an empty `original`.
runtime::Task<Value> carry_out_transforms(TransformTools tools, Value root);

}  // namespace matinee::cloudformation
