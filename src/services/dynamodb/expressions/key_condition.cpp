#include "services/dynamodb/expressions/key_condition.h"

#include <algorithm>
#include <string_view>

#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb::expressions {
namespace {

// Operators that no key condition may have, as messages name them; empty for the others.
std::string_view forbidden(Operator op) {
  switch (op) {
    case Operator::any_of:
      return "OR";
    case Operator::negation:
      return "NOT";
    case Operator::in:
      return "IN";
    case Operator::not_equal:
      return "<>";
    case Operator::attribute_exists:
      return "attribute_exists";
    case Operator::attribute_not_exists:
      return "attribute_not_exists";
    case Operator::attribute_type:
      return "attribute_type";
    case Operator::contains:
      return "contains";
    default:
      return "";
  }
}

protocol::ServiceError invalid_condition(const std::string& message) {
  return validation_error("Invalid condition in KeyConditionExpression: " + message);
}

// Where the one path among the operands is.
std::size_t require_key_operand(const Condition& condition) {
  const auto& operands = condition.operands;
  std::size_t key = operands.size();
  for (std::size_t i = 0; i < operands.size(); ++i) {
    if (operands[i].size_of)
      throw validation_error("KeyConditionExpressions cannot contain nested operations");
    if (!operands[i].is_path()) continue;
    if (key != operands.size())
      throw invalid_condition("Multiple attribute names used in one condition");
    if (operands[i].path.is_nested())
      throw validation_error("KeyConditionExpressions cannot have conditions on nested attributes");
    key = i;
  }
  if (key == operands.size()) throw invalid_condition("No key attribute specified");
  return key;
}

void add_comparison(const Condition& condition, KeyConditions& out) {
  const std::string_view refused = forbidden(condition.op);
  if (!refused.empty()) {
    throw validation_error("Invalid operator used in KeyConditionExpression: " +
                           std::string(refused));
  }
  const bool first_only =
      condition.op == Operator::between || condition.op == Operator::begins_with;
  if (first_only && !condition.operands.front().is_path()) {
    throw invalid_condition(
        std::string(condition.op == Operator::between ? "BETWEEN" : "begins_with") +
        " operator must have the key attribute as its first operand");
  }
  const std::size_t key = require_key_operand(condition);
  KeyCondition result{.op = key == 0 ? condition.op : mirrored(condition.op)};
  for (std::size_t i = 0; i < condition.operands.size(); ++i)
    if (i != key) result.values.push_back(condition.operands[i].literal);
  const bool added =
      out.emplace(condition.operands[key].path.attribute(), std::move(result)).second;
  if (!added)
    throw validation_error("KeyConditionExpressions must only contain one condition per key");
}

void add_conditions(const Condition& condition, KeyConditions& out) {
  if (condition.op != Operator::all_of) return add_comparison(condition, out);
  for (const Condition& child : condition.children) add_conditions(child, out);
}

}  // namespace

Operator mirrored(Operator op) {
  switch (op) {
    case Operator::less:
      return Operator::greater;
    case Operator::less_equal:
      return Operator::greater_equal;
    case Operator::greater:
      return Operator::less;
    case Operator::greater_equal:
      return Operator::less_equal;
    default:
      return op;
  }
}

bool KeyCondition::matches(const AttributeValue& value) const {
  if (value.type() != values.front()->type() || !is_ordered(value.type())) return false;
  if (op == Operator::begins_with) {
    if (const auto* text = value.find<std::string>())
      return text->starts_with(*values.front()->find<std::string>());
    const auto* binary = value.find<Binary>();
    return binary && binary->bytes.starts_with(values.front()->find<Binary>()->bytes);
  }
  const auto order = compare(value, *values.front());
  switch (op) {
    case Operator::equal:
      return order == 0;
    case Operator::less:
      return order < 0;
    case Operator::less_equal:
      return order <= 0;
    case Operator::greater:
      return order > 0;
    case Operator::greater_equal:
      return order >= 0;
    case Operator::between:
      return order >= 0 && value.type() == values[1]->type() && compare(value, *values[1]) <= 0;
    default:
      return false;
  }
}

KeyConditions to_key_conditions(const Condition& condition) {
  KeyConditions result;
  add_conditions(condition, result);
  if (result.empty() || result.size() > max_key_conditions)
    throw validation_error("Conditions can be of length 1 or 2 only");
  return result;
}

}  // namespace matinee::dynamodb::expressions
