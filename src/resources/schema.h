// What CloudFormation's registry says of a type of resource: properties, their types and limits,
// which of them can be read only, set only once, or make another resource when they change.
// From AWS's published schemas, as cfn-lint carries them, trimmed (`models/resources/`).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "templates/tree.h"

namespace matinee::resources {

/// A property that is not what the schema says.
struct Fault {
  std::string path;     // "/Tags/0/Key"
  std::string problem;  // "required", "extraneous key [X] is not permitted" ...
  templates::Place place;
};

class Schema {
 public:
  virtual ~Schema() = default;
  virtual std::string_view type_name() const = 0;
  /// All faults at once. Values that are functions ({"Ref": ...}, {"Fn::...": ...}) are not looked
  /// into: the same check serves templates and resolved properties. Texts for numbers and truths
  /// are right where they can be read as such.
  virtual std::vector<Fault> check(const templates::Value& properties) const = 0;
  /// Top-level names that may be set, in the order of the schema.
  virtual const std::vector<std::string>& properties() const = 0;
  // Paths with slashes: "/properties/QueueName".
  virtual const std::vector<std::string>& create_only() const = 0;
  virtual const std::vector<std::string>& conditional_create_only() const = 0;
  virtual const std::vector<std::string>& read_only() const = 0;
  virtual const std::vector<std::string>& write_only() const = 0;
  virtual const std::vector<std::string>& primary_identifier() const = 0;
  /// Whether Fn::GetAtt knows "Arn" or "Endpoint.Port".
  virtual bool has_attribute(std::string_view attribute) const = 0;
};

}  // namespace matinee::resources
