// What CloudFormation's registry says of a type of resource: properties, their types and limits,
// which of them can be read only, set only once, or make another resource when they change.
// From AWS's published schemas, as cfn-lint carries them, trimmed (`models/resources/`).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "templates/tree.h"

namespace matinee::resources {

/// A property that is not what the schema says.
struct Fault {
  enum class Rule : std::uint8_t {
    required,    // `name` is missing in what `path` names
    extraneous,  // `name` in what `path` names is no property
    type,        // "expected type: String, found: JSONArray"
    other
  };

  std::string path;     // "/Tags/0/Key"; empty: the properties as a whole
  std::string problem;  // in AWS's words: "required key [Type] not found"
  templates::Place place;
  Rule rule = Rule::other;
  std::string name = "";
};

/// What an event says of a resource whose properties are not right: "Property validation failure:
/// [The property {/Type} is required]". Never called with an empty list.
std::string describe(const std::vector<Fault>& faults);
/// What Cloud Control says: "Model validation failed (#: extraneous key [X] is not permitted)".
std::string describe_model(const std::vector<Fault>& faults);

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
  /// The property that holds tags; empty where the type has none.
  virtual std::string_view tag_property() const = 0;
  /// What a service told, in the form of the schema: members by its names, letters' case apart, and
  /// those that it has not left out; numbers, truths and documents where it has texts; lists of
  /// {Key, Value} where it has maps, and the other way round.
  virtual templates::Value shape(const templates::Value& told) const = 0;
};

/// Of "AWS::SQS::Queue"; null where there is none. They live as long as the program. State thread,
/// or a program of one thread.
const Schema* find_schema(std::string_view type_name);
/// In the order of their names, also of types that nothing makes.
const std::vector<std::string>& all_schemas();

}  // namespace matinee::resources
