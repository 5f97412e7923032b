#include "services/dynamodb/legacy_parameters.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb {
namespace {

using expressions::DocumentPath;
using expressions::Operator;

struct Comparison {
  std::string_view name;
  Operator op;
  std::size_t min_values;
  std::size_t max_values;
  std::string_view types;  // that values may have, each with a blank after it; empty for any
};

constexpr std::size_t unlimited = 100;
constexpr std::string_view scalars = "S N B ";
constexpr std::array<Comparison, 13> comparisons = {{
    {"EQ", Operator::equal, 1, 1, ""},
    {"NE", Operator::not_equal, 1, 1, ""},
    {"LE", Operator::less_equal, 1, 1, scalars},
    {"LT", Operator::less, 1, 1, scalars},
    {"GE", Operator::greater_equal, 1, 1, scalars},
    {"GT", Operator::greater, 1, 1, scalars},
    {"NOT_NULL", Operator::attribute_exists, 0, 0, ""},
    {"NULL", Operator::attribute_not_exists, 0, 0, ""},
    {"CONTAINS", Operator::contains, 1, 1, scalars},
    {"NOT_CONTAINS", Operator::contains, 1, 1, scalars},
    {"BEGINS_WITH", Operator::begins_with, 1, 1, "S B "},
    {"IN", Operator::in, 1, unlimited, scalars},
    {"BETWEEN", Operator::between, 2, 2, scalars},
}};

const Comparison& require_comparison(std::string_view name) {
  const auto* found = std::ranges::find(comparisons, name, &Comparison::name);
  if (found != comparisons.end()) return *found;
  throw validation_error(fmt::format("Unsupported comparison operator: {}", name));
}

DocumentPath path_to(const std::string& attribute) {
  return {.elements = {{.name = attribute}}};
}

void require_values(const Comparison& comparison, std::span<const AttributeValue> values) {
  if (values.size() < comparison.min_values || values.size() > comparison.max_values) {
    throw invalid_parameter(fmt::format(
        "Invalid number of argument(s) for the {} ComparisonOperator", comparison.name));
  }
  for (const AttributeValue& value : values) {
    if (value.type() != values.front().type()) {
      throw invalid_parameter("AttributeValues inside AttributeValueList must be of same type");
    }
    const std::string type = std::string(type_name(value.type())) + " ";
    if (!comparison.types.empty() && comparison.types.find(type) == std::string_view::npos) {
      throw invalid_parameter(
          fmt::format("ComparisonOperator {} is not valid for {} AttributeValue type",
                      comparison.name, type_name(value.type())));
    }
  }
  if (comparison.op == Operator::between && compare(values[0], values[1]) > 0) {
    throw validation_error(
        "The BETWEEN condition was provided a range where the lower bound is greater than the "
        "upper "
        "bound");
  }
}

expressions::Condition compare_attribute(const std::string& attribute, const Comparison& comparison,
                                         std::span<const AttributeValue> values) {
  require_values(comparison, values);
  expressions::Condition condition{.op = comparison.op};
  condition.operands.push_back({.path = path_to(attribute)});
  for (const AttributeValue& value : values) condition.operands.push_back({.literal = &value});
  if (comparison.name != "NOT_CONTAINS") return condition;
  // What is not there neither contains a value nor does it not.
  expressions::Condition exists{.op = Operator::attribute_exists};
  exists.operands.push_back({.path = path_to(attribute)});
  expressions::Condition negation{.op = Operator::negation};
  negation.children.push_back(std::move(condition));
  expressions::Condition both{.op = Operator::all_of};
  both.children.push_back(std::move(exists));
  both.children.push_back(std::move(negation));
  return both;
}

std::span<const AttributeValue> values_of(const Condition& condition) {
  if (!condition.attribute_value_list) return {};
  return *condition.attribute_value_list;
}

std::span<const AttributeValue> values_of(const ExpectedAttributeValue& expected) {
  if (expected.attribute_value_list) return *expected.attribute_value_list;
  if (expected.value) return {&*expected.value, 1};
  return {};
}

expressions::Condition join(std::vector<expressions::Condition> conditions,
                            const std::optional<std::string>& conditional_operator) {
  if (conditions.empty()) refuse_lone_operator(conditional_operator);
  const bool any = conditional_operator == "OR";
  return {.op = any ? Operator::any_of : Operator::all_of, .children = std::move(conditions)};
}

// An expectation without a comparison: that the attribute has a value, or does not exist.
expressions::Condition expect_value(const std::string& attribute,
                                    const ExpectedAttributeValue& expected) {
  if (expected.attribute_value_list) {
    throw invalid_parameter(
        "AttributeValueList can only be used with a ComparisonOperator for Attribute: " +
        attribute);
  }
  const bool exists = expected.exists.value_or(true);
  if (exists && !expected.value) {
    throw invalid_parameter(
        fmt::format("Value must be provided when Exists is {} for Attribute: {}",
                    expected.exists ? "true" : "null", attribute));
  }
  if (!exists && expected.value) {
    throw invalid_parameter("Value cannot be used when Exists is false for Attribute: " +
                            attribute);
  }
  const std::string_view name = exists ? "EQ" : "NULL";
  return compare_attribute(attribute, require_comparison(name), values_of(expected));
}

expressions::Condition expect(const std::string& attribute,
                              const ExpectedAttributeValue& expected) {
  if (expected.attribute_value_list && expected.value) {
    throw invalid_parameter("Value and AttributeValueList cannot be used together for Attribute: " +
                            attribute);
  }
  if (!expected.comparison_operator) return expect_value(attribute, expected);
  if (expected.exists) {
    throw invalid_parameter(
        "Exists and ComparisonOperator cannot be used together for Attribute: " + attribute);
  }
  const Comparison& comparison = require_comparison(*expected.comparison_operator);
  if (comparison.min_values > 0 && !expected.attribute_value_list && !expected.value) {
    throw invalid_parameter(
        fmt::format("Value or AttributeValueList must be used with ComparisonOperator: {} for "
                    "Attribute: {}",
                    comparison.name, attribute));
  }
  return compare_attribute(attribute, comparison, values_of(expected));
}

bool is_set(Type type) {
  return type == Type::string_set || type == Type::number_set || type == Type::binary_set;
}

// A list is added to by appending, to nothing as to an empty list.
expressions::UpdateValue append_to(const std::string& attribute, const AttributeValue& list) {
  using Kind = expressions::UpdateValue::Kind;
  static const AttributeValue empty{List{}};
  expressions::UpdateValue existing{.kind = Kind::if_not_exists, .path = path_to(attribute)};
  existing.arguments.push_back({.kind = Kind::literal, .literal = &empty});
  expressions::UpdateValue appended{.kind = Kind::list_append};
  appended.arguments.push_back(std::move(existing));
  appended.arguments.push_back({.kind = Kind::literal, .literal = &list});
  return appended;
}

expressions::UpdateAction translate_update(const std::string& attribute,
                                           const AttributeValueUpdate& update) {
  using Kind = expressions::UpdateAction::Kind;
  const std::string action = update.action.value_or("PUT");
  expressions::UpdateAction result{.kind = Kind::remove, .path = path_to(attribute)};
  if (!update.value) {
    if (action == "DELETE") return result;
    throw invalid_parameter("Only DELETE action is allowed when no attribute value is specified");
  }
  const Type type = update.value->type();
  result.value.literal = &*update.value;
  if (action == "PUT") {
    result.kind = Kind::set;
  } else if (action == "DELETE") {
    result.kind = Kind::erase;
    if (!is_set(type)) {
      throw invalid_parameter(fmt::format(
          "DELETE action with value is not supported for the type {}", type_name(type)));
    }
  } else if (type == Type::list) {
    result.kind = Kind::set;
    result.value = append_to(attribute, *update.value);
  } else {
    result.kind = Kind::add;
    if (!is_set(type) && type != Type::number) {
      throw invalid_parameter(
          fmt::format("ADD action is not supported for the type {}", type_name(type)));
    }
  }
  return result;
}

}  // namespace

void refuse_lone_operator(const std::optional<std::string>& conditional_operator) {
  if (!conditional_operator) return;
  throw validation_error("ConditionalOperator cannot be used without Filter or Expected");
}

expressions::Condition translate_expected(
    const std::map<std::string, ExpectedAttributeValue>& expected,
    const std::optional<std::string>& conditional_operator) {
  std::vector<expressions::Condition> conditions;
  for (const auto& [attribute, value] : expected) conditions.push_back(expect(attribute, value));
  return join(std::move(conditions), conditional_operator);
}

expressions::Condition translate_filter(const std::map<std::string, Condition>& filter,
                                        const std::optional<std::string>& conditional_operator) {
  std::vector<expressions::Condition> conditions;
  for (const auto& [attribute, condition] : filter) {
    conditions.push_back(compare_attribute(
        attribute, require_comparison(condition.comparison_operator), values_of(condition)));
  }
  return join(std::move(conditions), conditional_operator);
}

expressions::KeyConditions translate_key_conditions(
    const std::map<std::string, Condition>& conditions) {
  if (conditions.empty() || conditions.size() > expressions::max_key_conditions)
    throw validation_error("Conditions can be of length 1 or 2 only");
  expressions::KeyConditions result;
  for (const auto& [attribute, condition] : conditions) {
    const Comparison& comparison = require_comparison(condition.comparison_operator);
    const std::span<const AttributeValue> values = values_of(condition);
    require_values(comparison, values);
    const bool negated = comparison.name == "NOT_CONTAINS";
    expressions::KeyCondition key{.op = negated ? Operator::negation : comparison.op};
    for (const AttributeValue& value : values) key.values.push_back(&value);
    result.emplace(attribute, std::move(key));
  }
  return result;
}

expressions::Update translate_updates(const std::map<std::string, AttributeValueUpdate>& updates) {
  expressions::Update result{.older_style = true};
  for (const auto& [attribute, update] : updates)
    result.actions.push_back(translate_update(attribute, update));
  return result;
}

expressions::Projection translate_attributes(const std::vector<std::string>& attributes) {
  expressions::Projection projection;
  std::set<std::string_view> seen;
  for (const std::string& attribute : attributes) {
    if (!seen.insert(attribute).second)
      throw invalid_parameter("Duplicate value in attribute name: " + attribute);
    projection.paths.push_back(path_to(attribute));
  }
  return projection;
}

}  // namespace matinee::dynamodb
