// What DynamoDB's expressions mean, after parsing: conditions, projections and updates.
// Placeholders are already replaced by the names and values that they stand for.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "services/dynamodb/expressions/text_search.h"
#include "services/dynamodb/values/attribute_value.h"

namespace matinee::dynamodb::expressions {

/// A step into a document: an attribute or map key by name, or a list element by index.
struct PathElement {
  std::string name;
  std::uint32_t index = 0;
  bool is_index = false;

  auto operator<=>(const PathElement&) const = default;
};

/// Where a value is in an item. The first element is always a name. At most 32 elements.
struct DocumentPath {
  std::vector<PathElement> elements;

  /// The attribute that the path starts in.
  const std::string& attribute() const { return elements.front().name; }
  bool is_nested() const { return elements.size() > 1; }
  /// As AWS writes it in messages: "[a, b, [0]]".
  std::string to_string() const;

  bool operator==(const DocumentPath&) const = default;
};

/// A value in a condition: of the item at `path`, or `literal`, or the size of either.
struct Operand {
  DocumentPath path;                        // used where there is no literal
  const AttributeValue* literal = nullptr;  // one of the request's ExpressionAttributeValues
  bool size_of = false;
  /// For the literal that `contains` looks for: made with the first text that could have it.
  mutable std::shared_ptr<const TextSearch> search = nullptr;

  bool is_path() const { return literal == nullptr; }
};

enum class Operator : std::uint8_t {
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  between,  // operands: value, lower, upper
  in,       // operands: value, candidates
  attribute_exists,
  attribute_not_exists,
  attribute_type,  // operands: path, literal string
  begins_with,
  contains,
  all_of,   // children, at least one
  any_of,   // children, at least one
  negation  // one child
};

/// A condition on an item. Comparisons and functions have operands; all_of, any_of and negation
/// have children.
struct Condition {
  Operator op = Operator::all_of;
  std::vector<Operand> operands;
  std::vector<Condition> children;
};

/// Calls `visit(const Operand&)` for every operand in a condition.
template <class Visit>
void for_each_operand(const Condition& condition, const Visit& visit) {
  for (const Operand& operand : condition.operands) visit(operand);
  for (const Condition& child : condition.children) for_each_operand(child, visit);
}

/// Which parts of an item to return. Paths neither overlap nor conflict.
struct Projection {
  std::vector<DocumentPath> paths;
};

/// A value in SET.
struct UpdateValue {
  enum class Kind : std::uint8_t {
    path,
    literal,
    plus,           // two arguments
    minus,          // two arguments
    if_not_exists,  // a path, and its argument for when there is nothing
    list_append     // two arguments
  };

  Kind kind = Kind::literal;
  DocumentPath path;
  const AttributeValue* literal = nullptr;
  std::vector<UpdateValue> arguments;
};

/// One clause of an update. ADD and DELETE have a literal for their value, REMOVE has none.
struct UpdateAction {
  enum class Kind : std::uint8_t { set, remove, add, erase };

  Kind kind = Kind::set;
  DocumentPath path;
  UpdateValue value;
};

/// Paths neither overlap nor conflict.
struct Update {
  std::vector<UpdateAction> actions;
  bool older_style = false;  // AttributeUpdates: some mistakes have other messages
};

}  // namespace matinee::dynamodb::expressions
