// What the functions of a template give: Ref, GetAtt, Sub, Join, conditions and all others.
//
// The order of things for somebody who makes a stack of a template:
//
//     Template checked = check_structure(root);
//     Environment environment{.mappings = &checked.mappings, .parameters = ..., ...};
//     environment.conditions = evaluate_conditions(checked, environment);
//     check_rules(checked, environment);
//     Selection selection = select(checked, environment);   // graph.h: what is made, in which
//     order Evaluation properties = evaluate(resource.properties, environment);
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "templates/template.h"
#include "templates/template_error.h"
#include "templates/tree.h"

namespace matinee::templates {

/// What stands in a result for what will be known only when a resource has been made.
inline constexpr std::string_view known_after_apply = "{{changeSet:KNOWN_AFTER_APPLY}}";

/// Results of one evaluation, and of a template with all its loops, are limited to this.
inline constexpr std::size_t max_result_bytes = 1'000'000;

/// What functions may know.
struct Environment {
  const Value* mappings = nullptr;  // the section; null: none
  /// By name, as `parameter_value` makes them.
  std::map<std::string, Value, std::less<>> parameters = {};
  /// By name: see `evaluate_conditions`.
  std::map<std::string, bool, std::less<>> conditions = {};

  std::string account = {};
  std::string region = {};
  std::string partition = "aws";
  std::string url_suffix = "amazonaws.com";
  std::string stack_name = {};
  std::string stack_id = {};
  std::vector<std::string> notification_arns = {};
  /// What Fn::GetAZs gives for a region. Default: three, "eu-west-1a" to "eu-west-1c".
  std::function<std::vector<std::string>(std::string_view region)> find_zones = nullptr;

  // Nothing: it is not known yet. They throw TemplateError where it never will be. Where one is
  // missing, nothing is known yet.
  /// What Ref gives for a resource: its physical id.
  std::function<std::optional<Value>(std::string_view id)> find_reference = nullptr;
  std::function<std::optional<Value>(std::string_view id, std::string_view attribute)>
      find_attribute = nullptr;
  /// What Fn::ImportValue gives.
  std::function<std::optional<Value>(std::string_view name)> find_import = nullptr;
};

/// Something that a result depends on, besides the text of the template itself.
struct Cause {
  enum class Kind : std::uint8_t {
    parameter,  // name: "Size"
    resource,   // Ref; name: "Queue"
    attribute,  // Fn::GetAtt; name: "Queue.Arn", "Child.Outputs.Key"
    import      // Fn::ImportValue; name of the export
  };
  Kind kind;
  std::string name;

  bool operator==(const Cause&) const = default;
};

struct Evaluation {
  Value value;
  /// {"Ref": "AWS::NoValue"}: it is as if it was not there.
  bool is_removed = false;
  /// Whether nothing in it stands for what is known only later. Where something does, the outermost
  /// function that goes through it gives `known_after_apply` as a whole.
  bool is_known = true;
  /// Each once, in the order in which they were met; of Fn::If only those of the branch that is
  /// taken.
  std::vector<Cause> causes = {};
};

/// Carries out all functions in `value`, at any depth. Linear in what it reads and what comes of
/// it. Throws TemplateError: "Template error: Unable to get mapping for MAP::KEY1::KEY2" ...; also
/// where the result becomes larger than `max_result_bytes`.
Evaluation evaluate(const Value& value, const Environment& environment);

/// All conditions of the template by name; `environment.conditions` is not looked at. Throws
/// TemplateError, also for those that depend on each other in a circle.
std::map<std::string, bool, std::less<>> evaluate_conditions(const Template& checked,
                                                             const Environment& environment);

/// Throws TemplateError with the AssertDescription of the first rule that is not kept.
void check_rules(const Template& checked, const Environment& environment);

}  // namespace matinee::templates
