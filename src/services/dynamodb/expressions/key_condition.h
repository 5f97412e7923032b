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

/// Throws a ValidationException for a condition that is not one or two such comparisons joined by
/// AND, each of another attribute.
KeyConditions to_key_conditions(const Condition& condition);

}  // namespace matinee::dynamodb::expressions
