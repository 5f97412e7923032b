// Key conditions: the few conditions that a query can answer from the order of keys.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "services/dynamodb/expressions/expression.h"

namespace matinee::dynamodb::expressions {

/// A comparison of one key attribute with values of the request: equal, less, less_equal, greater,
/// greater_equal, begins_with, or between with two values. Conditions from legacy parameters may
/// have other operators.
struct KeyCondition {
  Operator op = Operator::equal;
  std::vector<const AttributeValue*> values;

  bool matches(const AttributeValue& value) const;
};

/// By attribute.
using KeyConditions = std::map<std::string, KeyCondition>;

/// What a key can have at most: four HASH and four RANGE attributes, of a global index. That other
/// keys have two is told when the key is known.
inline constexpr std::size_t max_key_conditions = 8;

/// Throws a ValidationException for a condition that is not such comparisons joined by AND, each of
/// another attribute, and for more of them than a key can have.
KeyConditions to_key_conditions(const Condition& condition);

/// What an operator becomes when its operands change sides.
Operator mirrored(Operator op);

}  // namespace matinee::dynamodb::expressions
