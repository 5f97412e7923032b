// What the template says of one resource, with its functions carried out: the same for a preview
// and for the moment when it is made.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "resources/type.h"
#include "services/cloudformation/catalog/records.h"
#include "services/cloudformation/preparing/prepared.h"
#include "templates/intrinsics.h"
#include "templates/template.h"

namespace matinee::cloudformation {

using templates::Value;

/// The type of that name, CloudFormation's own ones too; null where there is none.
using FindType = std::function<const resources::ResourceType*(std::string_view name)>;

/// A stack in a stack. Its template may be another one though its URL is the same: every update of
/// the stack around it looks there.
inline constexpr std::string_view nested_stack_type = "AWS::CloudFormation::Stack";

struct EvaluatedResource {
  Value properties = Value::map();
  /// By top-level property: what its value depends on.
  std::map<std::string, std::vector<templates::Cause>, std::less<>> causes;
  Value metadata;               // null: none
  std::string deletion_policy;  // empty: none
  std::string replace_policy;
  bool is_known = true;
};

/// Throws TemplateError.
EvaluatedResource evaluate_resource(const templates::Resource& resource,
                                    const templates::Environment& environment);

/// What stands for values that are not to be shown.
inline constexpr std::string_view hidden_value = "****";

/// The properties as they may be shown: `hiding` is the environment with its secrets hidden. Where
/// a function needs a secret itself, nothing of what it is in can be.
Value shown_properties(const templates::Resource& resource, const Value& properties,
                       const templates::Environment& hiding);

/// `value` with all hidden that is hidden in `shown`, which is made of `open`.
Value hide_same(const Value& value, const Value& open, const Value& shown);

/// What GetAtt gives for a resource that is there: an attribute of its own, or a property that was
/// set. Nothing where it has neither.
std::optional<Value> attribute_of(const Value& attributes, const Value& properties,
                                  std::string_view path);

/// Properties as they were set and as they are to be, to be compared: with what references to the
/// latest versions of SSM's parameters gave then and give now. One that cannot be read any more
/// stays the text that it is, on both sides.
struct Comparable {
  Value before;
  Value after;
};
Comparable comparable(const ResourceState& old, const Value& wanted,
                      const std::map<std::string, std::string>& latest);

/// Whether both mean the same: scalars by their text, lists in their order.
bool same_value(const Value& a, const Value& b);

struct ExportedOutput {
  OutputRecord record;
  bool is_known = true;
};

/// Those whose condition holds, in the order of the template.
std::vector<ExportedOutput> evaluate_outputs(const templates::Template& checked,
                                             const std::vector<std::string>& selected,
                                             const templates::Environment& environment);

/// The first attribute, asked for in a resource or output that is made, that its type does not
/// have:
/// "[Error] /Outputs/NAME/Value/Fn::GetAtt: Resource type T does not support attribute {X}".
/// Empty where there is none.
std::string find_unknown_attribute(const Prepared& definition, const FindType& find_type);

}  // namespace matinee::cloudformation
